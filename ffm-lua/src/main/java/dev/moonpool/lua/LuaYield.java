package dev.moonpool.lua;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a Java function returns to yield: the coroutine that called it is suspended, and nothing of
 * the function stays on the stack.
 */
public final class LuaYield {
    private final LuaValues values;
    private final @Nullable JavaFunction continuation;

    private LuaYield(LuaValues values, @Nullable JavaFunction continuation) {
        this.values = values;
        this.continuation = continuation;
    }

    /**
     * {@return a yield of values} When the coroutine is resumed, what it is resumed with is the
     * function's result.
     *
     * @param values what {@code resume} returns
     */
    public static LuaYield of(@Nullable Object... values) {
        return new LuaYield(LuaValues.of(values), null);
    }

    /**
     * {@return the same yield, after which another function goes on}
     *
     * @param continuation called with what the coroutine is resumed with; its result is the
     *     function's, and it may yield again
     */
    public LuaYield then(JavaFunction continuation) {
        return new LuaYield(values, Objects.requireNonNull(continuation, "continuation"));
    }

    LuaValues values() {
        return values;
    }

    @Nullable JavaFunction continuation() {
        return continuation;
    }
}
