package dev.moonpool.lua.internal;

import java.lang.ref.PhantomReference;

/**
 * Tells that Java's collector has been at work, and so may have found what nobody can reach any
 * more: it clears references at once for all, while it is some thread's work to put them into their
 * queues, one after the other. Whoever has been told looks at all references that he has.
 *
 * <p>It can be late: a collector that moves this among the objects that are old does not look again
 * before it collects all. So it is to be reset now and then, also while it is not due.
 *
 * <p>For any thread.
 */
final class GcSentinel {
    private volatile PhantomReference<Object> reference = next();

    private static PhantomReference<Object> next() {
        return new PhantomReference<>(new Object(), null);
    }

    /** {@return whether there was a collection since this was made, or {@link #reset}} */
    boolean isDue() {
        return reference.refersTo(null);
    }

    /** Waits for the next collection. To be called before the references are looked at. */
    void reset() {
        reference = next();
    }
}
