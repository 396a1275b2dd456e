package dev.moonpool.memory;

import java.lang.ref.WeakReference;
import java.util.Set;

/**
 * Who works by address in a region: the one thread that the allocator is for, another one after it,
 * or, as no program should have it, several. What is known of them decides what closing the region
 * can do: its address space stays where it is if a thread may be at work in it, one that has
 * entered, is alive, and has not handed over.
 *
 * <p>What changes it takes the region's lock: while the region is being closed, which may fail,
 * whoever would begin to work waits for how that ends.
 */
final class RegionUser {
    private static final StackWalker STACK =
            StackWalker.getInstance(
                    Set.of(
                            StackWalker.Option.RETAIN_CLASS_REFERENCE,
                            StackWalker.Option.DROP_METHOD_INFO));

    private static final WeakReference<Thread> NOBODY = new WeakReference<>(null);

    private final Object lock;

    /**
     * The id of the thread that works, if one does; 0 when the region is closed. Written with the
     * lock held; a thread that reads another id than its own takes the lock, so an old value does
     * no harm, but that of a user who does not see yet that another thread has closed the region.
     */
    private long user;

    /**
     * The thread of that id. Weak, as a thread leads to what it ran, and that may lead to the
     * region: an abandoned state would never be found.
     */
    private WeakReference<Thread> userThread = NOBODY; // guarded by the lock

    /**
     * How many operations have begun and not ended, of those that are counted; a little more where
     * the stack ended in one.
     */
    private int counted;

    /** Whether all operations in progress are counted: there was none since the state is shared. */
    private boolean allAreCounted; // guarded by the lock

    /** Whether a thread that is not the user may be at work. */
    private boolean several; // guarded by the lock

    private boolean ended; // guarded by the lock

    // What was so before it ended; guarded by the lock.
    private long userBefore;
    private boolean severalBefore;

    /**
     * Nobody works yet.
     *
     * @param lock the region's
     */
    RegionUser(Object lock) {
        this.lock = lock;
    }

    /**
     * Begins work by address.
     *
     * <p>The look at the user is a plain read, which a compiler may make once for a whole loop, so
     * that the loop costs no more than its work. A thread can therefore be at work in a region that
     * another one has closed, and finds zeroes there in place of what was there; no allocator makes
     * an address outside of the region of them.
     *
     * @throws IllegalStateException if the region is closed
     */
    void enter() {
        if (user != Thread.currentThread().threadId()) {
            change(); // also when it is closed: nobody is its user then
        }
    }

    private void change() {
        synchronized (lock) {
            if (ended) {
                throw new IllegalStateException("region is closed");
            }
            WeakReference<Thread> thread = new WeakReference<>(Thread.currentThread());
            several |= isAnotherAlive();
            userThread = thread;
            user = Thread.currentThread().threadId();
        }
    }

    /** Whether the user is a thread other than the calling one, and may go on. */
    private boolean isAnotherAlive() {
        Thread thread = userThread.get();
        return thread != null && thread != Thread.currentThread() && thread.isAlive();
    }

    /**
     * Counts an operation on a state that is shared with native code, so that handing over need not
     * search the stack. Such an operation has so much to read and to write that counting costs
     * nothing; the others do without. For the user.
     */
    void beginCounted() {
        counted++;
    }

    void endCounted() {
        counted--;
    }

    /**
     * The calling thread, if it is the user, works no more until it enters again. Does nothing in
     * an operation.
     *
     * @param shared whether operations are counted from now on
     */
    void leave(boolean shared) {
        synchronized (lock) {
            if (user == Thread.currentThread().threadId() && !isInOperation()) {
                user = 0;
                userThread = NOBODY;
                counted = 0;
                allAreCounted = shared;
            }
        }
    }

    /** As {@link #isAtWork()}, which takes longer the deeper the stack is. */
    private boolean isInOperation() {
        return (!allAreCounted || counted > 0) && isAtWork();
    }

    /**
     * {@return whether the calling thread is in an operation of an allocator, of this region or
     * another} What JDK calls in one, a provider of formats or a transformer of classes, may do
     * anything. That is so rare that the stack is searched for it, rather than a count kept in each
     * operation.
     */
    static boolean isAtWork() {
        return STACK.walk(
                frames ->
                        frames.anyMatch(
                                frame ->
                                        RegionAllocator.class.isAssignableFrom(
                                                frame.getDeclaringClass())));
    }

    /**
     * Lets nobody enter any more, as the region is being closed.
     *
     * @param atWork whether the calling thread {@linkplain #isAtWork() is in an operation}
     */
    void end(boolean atWork) {
        synchronized (lock) {
            if (!ended) {
                userBefore = user;
                severalBefore = several;
                ended = true;
            }
            several |= atWork || isAnotherAlive();
            user = 0;
        }
    }

    /** Undoes {@link #end}, as the region could not be closed. */
    void goOn() {
        synchronized (lock) {
            user = userBefore;
            several = severalBefore;
            ended = false;
        }
    }

    /** Says that it is not known who may be at work. */
    void mayBeSeveral() {
        synchronized (lock) {
            several = true;
        }
    }

    /** {@return whether a thread may be at work, now that the region is closed} */
    boolean mayAnotherBeAtWork() {
        synchronized (lock) {
            return several;
        }
    }
}
