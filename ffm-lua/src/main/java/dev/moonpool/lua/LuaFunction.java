package dev.moonpool.lua;

import dev.moonpool.lua.internal.Functions;
import dev.moonpool.lua.internal.Handle;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A function in Lua, written there or in Java.
 *
 * <p>{@link #call} takes and returns anything. The others take and return one type; those of
 * numbers make no objects and cost some 40 ns. They throw {@link ClassCastException} if the
 * function's first result is something else. All throw {@link LuaException} for an error in the
 * function.
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
        return new LuaValues(
                Functions.call(handle, Objects.requireNonNull(arguments, "arguments")));
    }

    /**
     * Calls the function in a coroutine of its own, and does not wait for it. It runs at once until
     * it first waits for a Java function that has answered with a {@link
     * java.util.concurrent.CompletionStage}, and goes on some time after the stage is complete:
     * when the thread that owns the state calls {@link Lua#runPending} or {@link Lua#await}, or on
     * the state's {@linkplain Lua.Builder#executor executor} when no thread owns it. Meanwhile it
     * costs about a kilobyte of the state's memory, and no thread.
     *
     * <p>If the function yields anything else, it lets others go first: it goes on with the next
     * {@code runPending}, and its {@code yield} returns nothing. What coroutines inside it yield, a
     * stage too, goes to whoever resumed them; if that yields the stage in turn, it waits for it.
     *
     * <p>When the future is cancelled, or completed by somebody else ({@code orTimeout}, say), the
     * coroutine is closed at the next such time: what it has to close is closed. When it ends
     * before the state is closed, the future completes on the thread that owns the state.
     *
     * @param arguments as in {@link Lua#eval}
     * @return its results, or the {@link LuaException} that {@link #call} would throw; a {@link
     *     java.util.concurrent.CancellationException} if the state is closed before there are any
     * @throws IllegalArgumentException if an argument has no counterpart in Lua
     */
    public CompletableFuture<LuaValues> callAsync(@Nullable Object... arguments) {
        Objects.requireNonNull(arguments, "arguments");
        LuaCoroutine coroutine;
        try {
            coroutine = lua.newCoroutine(this);
        } catch (LuaException e) {
            return CompletableFuture.failedFuture(e);
        }
        return new AsyncCall(lua.mailbox(), coroutine).begin(arguments);
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
     * {@return the first result, a string, decoded as UTF-8} A text of up to 40 characters that
     * comes again and again costs less: the state keeps some hundred of them, in Java and in Lua.
     *
     * @param text the argument
     * @throws IllegalArgumentException if half of a surrogate pair is missing in it
     */
    public String callString(String text) {
        return Functions.callString(handle, Objects.requireNonNull(text, "text"));
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
