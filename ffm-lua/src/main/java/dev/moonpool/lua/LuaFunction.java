package dev.moonpool.lua;

import dev.moonpool.lua.internal.Functions;
import dev.moonpool.lua.internal.Handle;
import org.jspecify.annotations.Nullable;

/**
 * A function in Lua, written there or in Java.
 *
 * <p>{@link #call} takes and returns anything. The others take and return one type, make no objects
 * and cost some 50 ns: they throw {@link ClassCastException} if the function's first result is
 * something else. All throw {@link LuaException} for an error in the function.
 */
public final class LuaFunction extends LuaReference {
    LuaFunction(Lua lua, Handle handle) {
        super(lua, handle);
    }

    /**
     * Calls the function.
     *
     * @param arguments as in {@link Lua#eval}
     * @return its results
     * @throws LuaException if it raises an error
     * @throws IllegalArgumentException if an argument has no counterpart in Lua
     */
    public LuaValues call(@Nullable Object... arguments) {
        return new LuaValues(Functions.call(handle, arguments));
    }

    /** {@return the first result, an integer} */
    public long callLong() {
        return Functions.callLong(handle);
    }

    /**
     * {@return the first result, an integer}
     *
     * @param a the argument
     */
    public long callLong(long a) {
        return Functions.callLong(handle, a);
    }

    /**
     * {@return the first result, an integer}
     *
     * @param a the first argument
     * @param b the second
     */
    public long callLong(long a, long b) {
        return Functions.callLong(handle, a, b);
    }

    /**
     * {@return the first result, an integer}
     *
     * @param a the first argument
     * @param b the second
     * @param c the third
     */
    public long callLong(long a, long b, long c) {
        return Functions.callLong(handle, a, b, c);
    }

    /** {@return the first result, a number} */
    public double callDouble() {
        return Functions.callDouble(handle);
    }

    /**
     * {@return the first result, a number}
     *
     * @param a the argument
     */
    public double callDouble(double a) {
        return Functions.callDouble(handle, a);
    }

    /**
     * {@return the first result, a number}
     *
     * @param a the first argument
     * @param b the second
     */
    public double callDouble(double a, double b) {
        return Functions.callDouble(handle, a, b);
    }

    /**
     * {@return the first result, a number}
     *
     * @param a the first argument
     * @param b the second
     * @param c the third
     */
    public double callDouble(double a, double b, double c) {
        return Functions.callDouble(handle, a, b, c);
    }

    /**
     * {@return the first result, a string, decoded as UTF-8}
     *
     * @param text the argument
     */
    public String callString(String text) {
        return Functions.callString(handle, text);
    }

    /**
     * {@return the function's code, precompiled} {@link LuaChunk#binary} loads it again.
     *
     * @param strip whether to leave out what messages and tracebacks are made of
     * @throws LuaException if the function is not written in Lua
     */
    public byte[] dump(boolean strip) {
        return Functions.dump(handle, strip);
    }

    @Override
    public LuaWeakReference<LuaFunction> weak() {
        return new LuaWeakReference<>(this, LuaFunction.class);
    }
}
