package dev.moonpool.lua.internal;

import java.lang.ref.PhantomReference;
import java.util.Arrays;
import java.util.function.LongToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The handles of a state, by their numbers, and which of them are due: those that were closed, and
 * those that Java has no use for any more. For the state's thread, but for closing.
 *
 * <p>Whoever enters the state asks for those that are due. What was closed is in a list. What Java
 * has no use for is searched for among all, when its collector has been at work; where there are
 * many, not before as many entries as that looks at, so that it costs each of them little, or twice
 * as many handles. There is no {@link java.lang.ref.ReferenceQueue}: where the thread that fills it
 * has too little of a processor, or waits for the lock of a queue that is asked all the time, a
 * loop drops handles faster than it is told of them.
 *
 * <p>The stack may end in any call. So there is none between two changes that belong together.
 */
final class HandleTable {
    /** The numbers that C can give: Lua's stack does not take more (LUAI_MAXSTACK). */
    static final int MAX_HANDLES = 1_000_000;

    /** So many are searched at once; they take some microseconds. */
    private static final int FEW = 1024;

    /** With every so many handles the sentinel is renewed, and memory looked at; a power of two. */
    private static final int RENEWAL = 64;

    /**
     * From so many on, a collection is asked for; they hold some 100 MB of Java's heap, or more.
     */
    private static final int MANY = MAX_HANDLES / 4 * 3;

    private static final int LUA_VALUE_BYTES = 16;

    /** When so much of Lua's memory is in use, it is short. */
    private static final double SHORT = 0.75;

    /** The part of the handles in use that so few new ones are not worth a collection. */
    private static final int FEW_OF_KEPT = 16;

    private final LongToDoubleFunction memoryInUse;
    private final GcSentinel collection = new GcSentinel();
    private @Nullable Registration[] registrations = new @Nullable Registration[64];
    private int top; // all numbers are below
    private int count;
    private int prepared; // so far
    private int asked; // how many that were when memory was short, and a collection asked for
    private int kept; // so many of those that the last search left are there still, at the most
    private int most = FEW; // so many have a search begin at once
    private int delay; // entries until a search may begin
    private boolean hasAsked; // for a collection, when there were no more

    private int searched; // a search goes on below this number, down to 0

    private @Nullable Registration due; // the list of those that were found, but not taken yet

    /** The list of those that were closed since it was last taken; under the table's lock. */
    private volatile @Nullable Registration closed;

    /** What is left of a handle when Java has no use for it any more. */
    static final class Registration extends PhantomReference<Object> {
        private final int number;
        private volatile boolean closed;
        private @Nullable Registration next; // in a list

        private Registration(Object handle, int number) {
            super(handle, null);
            this.number = number;
        }

        /** {@return what C knows the object by} */
        int number() {
            return number;
        }

        /** {@return whether the handle was closed} */
        boolean isClosed() {
            return closed;
        }
    }

    /**
     * No handles yet.
     *
     * @param memoryInUse the part of Lua's memory, from 0 to 1, that is in use when so many bytes
     *     more are. Where it is large, it is worth a collection of Java's to find out what Java has
     *     no use for
     */
    HandleTable(LongToDoubleFunction memoryInUse) {
        this.memoryInUse = memoryInUse;
    }

    /**
     * {@return what is to be added for a handle} All that needs memory is done here, and the number
     * is the caller's still.
     *
     * @param number what C has given
     */
    Registration prepare(Object handle, int number) {
        if (number >= registrations.length) {
            registrations = Arrays.copyOf(registrations, Math.max(number + 1, 2 * number));
        }
        if ((++prepared & (RENEWAL - 1)) == 0) {
            if (!collection.isDue()) {
                collection.reset();
            }
            if (count - kept >= RENEWAL && isMemoryShort()) {
                makeRoom(Math.max(RENEWAL, kept));
            }
        }
        return new Registration(handle, number);
    }

    /** Lua's stack of the handles doubles when it is full, and is there twice meanwhile. */
    private boolean isMemoryShort() {
        return memoryInUse.applyAsDouble(2L * count * LUA_VALUE_BYTES) > SHORT;
    }

    /** Adds a handle. */
    void add(Registration added) {
        registrations[added.number] = added;
        top = added.number < top ? top : added.number + 1;
        count++;
        if (count >= most) {
            grown();
        }
    }

    /** {@return how many there are} */
    int count() {
        return count;
    }

    /** There are twice as many as the last search has left, or half as many are left to give. */
    private void grown() {
        most = nextMost();
        if (count >= MANY) {
            hasAsked = false;
            System.gc(); // in a large heap, more may be out of use than a state can have
        }
        searched = top;
    }

    private int nextMost() {
        return count + Math.max(FEW, Math.min(count, (MAX_HANDLES - count) / 2));
    }

    /** Closes a handle: it is due. Closing again does nothing. For any thread. */
    void close(Registration registration) {
        synchronized (this) {
            if (!registration.closed) {
                registration.closed = true;
                registration.next = closed;
                closed = registration;
            }
        }
    }

    /**
     * C has no number left to give. All that it gave may be out of use: a collection is asked for,
     * but not with every handle that is refused, since it takes seconds; after any other one, the
     * next that asks searches.
     */
    void exhausted() {
        if (!hasAsked) {
            hasAsked = true;
            System.gc();
        }
        delay = 0;
    }

    /**
     * Lua was refused memory: what Java has no use for may take it, though not if most of it was
     * still in use a moment ago.
     */
    void outOfMemory() {
        makeRoom(Math.max(1, kept / FEW_OF_KEPT));
    }

    /**
     * Asks for a collection, if there were so many handles since that was last done, and has the
     * next that asks search. As the JDK does for direct buffers: Java's collector does not see what
     * its objects keep elsewhere.
     */
    private void makeRoom(int since) {
        if (prepared - asked >= since) {
            asked = prepared;
            System.gc();
        }
        delay = 0;
    }

    /** Has all searched by those that ask next. */
    void beginSearch() {
        collection.reset();
        searched = top;
    }

    /** {@return the number of a handle that is due, or 0 if none was found} It stays due. */
    int peek() {
        if (due == null) {
            due = find();
        }
        return due == null ? 0 : due.number;
    }

    private @Nullable Registration find() {
        if (closed != null) {
            return takeClosed();
        }
        if (searched == 0) {
            if (!collection.isDue() || --delay >= 0) {
                return null;
            }
            beginSearch();
        }
        return search();
    }

    private @Nullable Registration takeClosed() {
        synchronized (this) {
            Registration taken = closed;
            closed = null;
            return taken;
        }
    }

    private @Nullable Registration search() {
        while (searched > 0) {
            Registration candidate = registrations[searched - 1];
            boolean found = candidate != null && isOutOfUse(candidate);
            searched--;
            if (found) {
                return candidate;
            }
        }
        endSearch();
        return null;
    }

    private void endSearch() {
        while (top > 0 && registrations[top - 1] == null) {
            top--;
        }
        most = nextMost();
        kept = count;
        delay = top > FEW ? top : 0;
    }

    /**
     * Whether nobody can use or close a handle that is not closed. Whoever closed it had it, so if
     * it is out of use, it is known by then whether it was closed; in the other order, it might be
     * closed and then dropped between the two questions, and come out of the list as well.
     */
    private static boolean isOutOfUse(Registration registration) {
        return registration.refersTo(null) && !registration.closed;
    }

    /** Takes what {@link #peek} answered with. */
    void take() {
        Registration taken = due;
        if (taken != null) {
            assert registrations[taken.number] == taken : taken.number;
            registrations[taken.number] = null;
            count--;
            kept = Math.min(kept, count);
            due = taken.next;
        }
    }
}
