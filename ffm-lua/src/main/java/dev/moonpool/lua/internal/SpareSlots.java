package dev.moonpool.lua.internal;

/**
 * Room for slots that nobody reads any more, kept for who needs some next: memory that the
 * processor's caches know is a tenth of the time that a table's entries take. Any thread may use
 * it.
 */
final class SpareSlots {
    /** No room. */
    static final long[] NONE = {};

    private long[] spare = NONE;

    /** {@return room for so many longs, or more; what they are is left over} */
    synchronized long[] take(int length) {
        long[] taken = spare;
        spare = NONE;
        return taken.length < length ? new long[length] : taken;
    }

    /** Takes room that whoever gives it does not use any more. */
    synchronized void give(long[] given) {
        if (given.length > spare.length) {
            spare = given;
        }
    }
}
