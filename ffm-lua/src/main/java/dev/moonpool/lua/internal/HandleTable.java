package dev.moonpool.lua.internal;

import java.lang.ref.PhantomReference;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The handles of a state, by their numbers, and which of them are due: those that were closed, and
 * those that Java has no use for any more. For the state's thread, but for closing.
 *
 * <p>Whoever enters the state asks for those that are due. What was closed is in a list. What Java
 * has no use for is searched for among all, when Java's collector has been at work, and when there
 * are twice as many handles as the last search has left. There is no {@link
 * java.lang.ref.ReferenceQueue}: where the thread that fills it has too little of a processor, or
 * waits for the lock of a queue that is asked all the time, a loop drops handles faster than it is
 * told of them.
 *
 * <p>The stack may end in any call. So what changes the table makes none.
 */
final class HandleTable {
    /** The numbers that C can give: Lua's stack does not take more (LUAI_MAXSTACK). */
    static final int MAX_HANDLES = 1_000_000;

    private static final int LEAST_TO_SEARCH = 1024;

    /** So many ask for a collection; they hold some 100 MB of Java's heap, or more. */
    private static final int MANY = MAX_HANDLES / 4 * 3;

    private final GcSentinel collection = new GcSentinel();
    private @Nullable Registration[] registrations = new @Nullable Registration[64];
    private int count;
    private int countToSearch = LEAST_TO_SEARCH;
    private int searched; // the search goes on below this number, down to 0

    private @Nullable Registration due; // the list of those that were found, but not taken yet

    /** The list of those that were closed since it was last taken; under the table's lock. */
    private volatile @Nullable Registration closed;

    /** What is left of a handle when Java has no use for it any more. */
    static final class Registration extends PhantomReference<Handle> {
        private final int number;
        private volatile boolean closed;
        private @Nullable Registration next; // in a list

        private Registration(Handle handle, int number) {
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

    /** Adds a handle with a number that C has given. */
    Registration add(Handle handle, int number) {
        if (number >= registrations.length) {
            registrations = Arrays.copyOf(registrations, Math.max(number + 1, 2 * number));
        }
        Registration added = new Registration(handle, number);
        registrations[number] = added;
        count++;
        if (count >= countToSearch) {
            grown();
        }
        return added;
    }

    private void grown() {
        countToSearch = nextCount();
        if (count >= MANY) {
            System.gc(); // in a large heap, more may be out of use than a state can have
        }
        searched = registrations.length;
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
        return searched != 0 || collection.isDue() ? search() : null;
    }

    private @Nullable Registration takeClosed() {
        synchronized (this) {
            Registration taken = closed;
            closed = null;
            return taken;
        }
    }

    private @Nullable Registration search() {
        if (searched == 0) {
            collection.reset();
            searched = registrations.length;
        }
        while (searched > 0) {
            Registration candidate = registrations[searched - 1];
            boolean found = candidate != null && !candidate.closed && candidate.refersTo(null);
            searched--;
            if (found) {
                return candidate;
            }
        }
        countToSearch = nextCount();
        return null;
    }

    private int nextCount() {
        return count + Math.max(LEAST_TO_SEARCH, Math.min(count, (MAX_HANDLES - count) / 2));
    }

    /** Takes what {@link #peek} answered with. */
    void take() {
        Registration taken = due;
        if (taken != null) {
            registrations[taken.number] = null;
            count--;
            due = taken.next;
        }
    }
}
