package dev.moonpool.lua.internal;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A Lua object that Java keeps alive, until this is closed, or Java has no use for it any more:
 * then whoever enters the state lets the object go.
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
    private final HandleTable.Registration registration;

    /**
     * One that is yet to be {@linkplain #register registered}: the number is the caller's still.
     */
    Handle(State state, int number, Type type, long identity) {
        this.state = state;
        this.type = type;
        this.identity = identity;
        registration = state.handles().prepare(this, number);
    }

    /** Takes the number over. Needs no memory, and next to no stack. */
    void register() {
        state.handles().add(registration);
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
        return registration.isClosed();
    }

    /**
     * {@return the number that C knows it by} It is to be asked for within the state: another
     * thread may close the handle at any time, and entering the state ends it then.
     *
     * @throws IllegalStateException if it is closed
     */
    int number() {
        if (registration.isClosed()) {
            throw new IllegalStateException("handle is closed: %s 0x%x".formatted(type, identity));
        }
        return registration.number();
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
        try {
            state.handles().close(registration);
        } finally {
            Reference.reachabilityFence(this); // else it may be found out of use meanwhile
        }
    }
}
