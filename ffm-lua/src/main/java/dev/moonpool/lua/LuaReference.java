package dev.moonpool.lua;

import dev.moonpool.lua.internal.Functions;
import dev.moonpool.lua.internal.Handle;
import org.jspecify.annotations.Nullable;

/**
 * A Lua object that Java keeps alive: as long as this is in use, and no longer than its state is
 * open. Closing it lets the object go when its thread next enters the state. Otherwise that happens
 * some time after Java's collector has found that nobody uses this any more: as a rule with the
 * next entry, and where a state has thousands of references after as many entries, or with {@link
 * Lua#collectGarbage()}.
 *
 * <p>A state can have about 1,000,000 of them at a time. From 750,000 on, which may be out of use
 * without Java having found out, it asks Java to collect ({@link System#gc}), and again with every
 * half of what is left; so close them where that could be.
 *
 * <p>Lua's collector and Java's do not know of each other. So a cycle that goes through both is
 * never collected while the state is open: a Java object that holds a reference to a Lua function,
 * which has the Java object in a variable. It is broken by making one of its links weak: the Java
 * object holds {@link #weak()} of a function that Lua keeps alive, or Lua gets the Java object by
 * {@link Lua#wrapWeak}; or by ending one: {@link #close()}, {@link Lua#revoke}.
 *
 * <p>Two references are equal if they refer to the same object. What uses a reference throws {@link
 * IllegalStateException} when it or its state is closed, and {@link WrongThreadException} on a
 * thread that does not own the state; {@link #close()} may be called by any thread, and more than
 * once.
 */
public abstract sealed class LuaReference implements AutoCloseable
        permits LuaTable, LuaFunction, LuaCoroutine, LuaUserdata {
    final Lua lua;
    final Handle handle;

    LuaReference(Lua lua, Handle handle) {
        this.lua = lua;
        this.handle = handle;
    }

    /** {@return the state that the object is in} */
    public final Lua lua() {
        return lua;
    }

    /** {@return whether this was closed} */
    public final boolean isClosed() {
        return handle.isClosed();
    }

    /**
     * {@return the object as Lua's {@code tostring} shows it, with its {@code __tostring} if it has
     * one}
     */
    public final String toLuaString() {
        return Functions.toText(handle);
    }

    /**
     * {@return a reference to the same object that does not keep it alive}
     *
     * @throws LuaException if there is no memory for it in the state
     */
    public abstract LuaWeakReference<? extends LuaReference> weak();

    /** Lets the object go. Closing again does nothing. */
    @Override
    public final void close() {
        handle.close();
    }

    /** {@return whether both refer to the same Lua object} */
    @Override
    public final boolean equals(@Nullable Object other) {
        return other instanceof LuaReference that
                && lua == that.lua
                && handle.identity() == that.handle.identity();
    }

    @Override
    public final int hashCode() {
        return Long.hashCode(handle.identity());
    }

    /** {@return the type and which object it is; does not enter the state} */
    @Override
    public final String toString() {
        return "%s: 0x%x".formatted(typeName(), handle.identity());
    }

    /** {@return the type as Lua's {@code type} names it} */
    public final String typeName() {
        return switch (handle.type()) {
            case TABLE -> "table";
            case FUNCTION -> "function";
            case THREAD -> "thread";
            case USERDATA, LIGHT_USERDATA -> "userdata";
        };
    }
}
