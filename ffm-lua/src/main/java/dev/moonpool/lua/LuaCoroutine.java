package dev.moonpool.lua;

import dev.moonpool.lua.internal.Coroutines;
import dev.moonpool.lua.internal.Handle;
import dev.moonpool.lua.internal.ffi.LuaNative;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A coroutine in Lua. It costs a kilobyte of the state's memory and no thread. */
public final class LuaCoroutine extends LuaReference {

    /** What a coroutine is doing, as {@code coroutine.status} names it. */
    public enum Status {
        /** It has not begun, or has yielded. */
        SUSPENDED,
        /** It has called what asks. */
        RUNNING,
        /** It has resumed another one. */
        NORMAL,
        /** It has returned, was closed, or ended with an error. */
        DEAD
    }

    LuaCoroutine(Lua lua, Handle handle) {
        super(lua, handle);
    }

    /**
     * Starts or resumes the coroutine.
     *
     * @param arguments what its function is called with, or what its {@code yield} returns
     * @return what it yields or returns; {@link #status()} tells which. While it waits for a stage
     *     that a Java function answered with, that is a {@link
     *     java.util.concurrent.CompletionStage}: to resume it before that is complete does nothing
     * @throws LuaException if it is not suspended, or raises an error; it is dead then
     * @throws IllegalArgumentException if an argument has no counterpart in Lua
     */
    public LuaValues resume(@Nullable Object... arguments) {
        return new LuaValues(
                Coroutines.resume(handle, Objects.requireNonNull(arguments, "arguments")));
    }

    /** {@return what it is doing} */
    public Status status() {
        int status = Coroutines.status(handle);
        if (status == LuaNative.MP_SUSPENDED()) {
            return Status.SUSPENDED;
        } else if (status == LuaNative.MP_RUNNING()) {
            return Status.RUNNING;
        } else if (status == LuaNative.MP_NORMAL()) {
            return Status.NORMAL;
        } else {
            return Status.DEAD;
        }
    }

    /**
     * Ends the coroutine where it is suspended, closing its variables that are to be closed.
     *
     * @throws LuaException if it is running, or closing a variable raises an error
     */
    public void cancel() {
        Coroutines.close(handle);
    }

    @Override
    public LuaWeakReference<LuaCoroutine> weak() {
        return new LuaWeakReference<>(this, LuaCoroutine.class);
    }
}
