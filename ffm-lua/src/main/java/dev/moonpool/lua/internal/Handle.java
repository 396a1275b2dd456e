package dev.moonpool.lua.internal;

import java.lang.foreign.MemorySegment;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A Lua object that Java keeps alive. When it is closed, or Java has no use for it any more, its
 * reference goes into the state's queue, and whoever enters the state next lets the object go.
 */
public final class Handle implements AutoCloseable {

    /** What an object is. */
    public enum Type {
        TABLE,
        FUNCTION,
        USERDATA,
        THREAD,
        LIGHT_USERDATA
    }

    private final State state;
    private final Type type;
    private final long identity;
    private final Registration registration;

    Handle(State state, int number, Type type, long identity, Registration.Queue queue) {
        this.state = state;
        this.type = type;
        this.identity = identity;
        registration = new Registration(this, number, queue);
    }

    /** {@return the state that the object is in} */
    public State state() {
        return state;
    }

    /** {@return what it is} */
    public Type type() {
        return type;
    }

    /** {@return two objects that are alive at the same time have different ones} */
    public long identity() {
        return identity;
    }

    /** {@return whether it was closed} */
    public boolean isClosed() {
        return registration.closed;
    }

    /**
     * {@return the number that C knows it by} It is to be asked for within the state: another
     * thread may close the handle at any time, and entering the state ends it then.
     *
     * @throws IllegalStateException if it is closed
     */
    int number() {
        if (registration.closed) {
            throw new IllegalStateException("handle is closed: %s 0x%x".formatted(type, identity));
        }
        return registration.number;
    }

    /** A function of the host library that is about an object. */
    @FunctionalInterface
    interface Operation {
        /** {@return the status} */
        int call(MemorySegment lua, int handle, MemorySegment frame, long byteSize);
    }

    /**
     * {@return what a function of the host library does with the object}
     *
     * @see State#perform
     */
    List<@Nullable Object> perform(Operation operation, @Nullable Object... arguments) {
        try {
            return state.perform( // the number is good from when the state was entered
                    (lua, frame, byteSize) -> operation.call(lua, number(), frame, byteSize),
                    arguments);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Lets the object go, with the next call into the state. Any thread may. */
    @Override
    public void close() {
        registration.closed = true;
        try {
            boolean ignored = registration.enqueue(); // only once, whoever calls it
        } catch (StackOverflowError e) {
            registration.queue.hasLost = true;
            throw e;
        }
    }

    /** What is left of a handle when Java has no use for it any more. */
    static final class Registration extends PhantomReference<Handle> {
        private final int number;
        private final Queue queue;
        private @Nullable Registration previous;
        private @Nullable Registration next;
        private volatile boolean closed;
        private boolean taken;

        private Registration(Handle handle, int number, Queue queue) {
            super(handle, queue.references);
            this.number = number;
            this.queue = queue;
            queue.add(this);
        }

        /**
         * All handles of a state, and those among them that are due. For the state's thread.
         *
         * <p>Java's queue of references can lose one where the stack ends: before it is put there,
         * or when it was taken out. Then all handles are searched for those that are due. Some of
         * these come out of the queue as well, then or later.
         */
        static final class Queue {
            private final ReferenceQueue<Handle> references = new ReferenceQueue<>();
            private @Nullable Registration first;
            private @Nullable Registration due; // found, but not taken yet
            private @Nullable Registration searched; // where the search for lost ones goes on
            private volatile boolean hasLost;

            private void add(Registration added) {
                added.next = first;
                if (first != null) {
                    first.previous = added;
                }
                first = added;
            }

            private void unlink(Registration removed) {
                if (removed.previous == null) {
                    first = removed.next;
                } else {
                    removed.previous.next = removed.next;
                }
                if (removed.next != null) {
                    removed.next.previous = removed.previous;
                }
            }

            /** {@return the number of a handle that is due, or 0 if none is} It stays due. */
            int peek() {
                if (due == null) {
                    due = hasLost || searched != null ? search() : poll();
                }
                return due == null ? 0 : due.number;
            }

            private @Nullable Registration poll() {
                try {
                    Registration polled = (Registration) references.poll();
                    while (polled != null && polled.taken) {
                        polled = (Registration) references.poll();
                    }
                    return polled;
                } catch (StackOverflowError e) {
                    hasLost = true;
                    throw e;
                }
            }

            /** One step at a time, so that the stack may end in any. */
            private @Nullable Registration search() {
                if (searched == null) {
                    hasLost = false; // what is lost from here on is searched for again
                    searched = first;
                }
                while (searched != null) {
                    Registration candidate = searched;
                    boolean found = candidate.closed || candidate.refersTo(null);
                    searched = candidate.next;
                    if (found) {
                        return candidate;
                    }
                }
                return poll();
            }

            /** Takes what {@link #peek} answered with. */
            void take() {
                Registration taken = due;
                if (taken != null) {
                    unlink(taken);
                    taken.taken = true;
                    due = null;
                }
            }
        }
    }
}
