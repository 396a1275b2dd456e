package dev.moonpool.lua;

import org.jspecify.annotations.Nullable;

/**
 * A function written in Java that Lua can call. Where a value goes to Lua, one of these becomes a
 * new function there; {@link Lua#function} makes one that can be used again.
 */
@FunctionalInterface
public interface JavaFunction {
    /**
     * Runs the function, on the thread that owns the state. It may use the state.
     *
     * @param arguments what Lua passes
     * @return the result, null for nil; several or none as {@link LuaValues#of}; a {@link
     *     LuaYield}; or a {@link java.util.concurrent.CompletionStage} of any of these. Unless the
     *     stage is complete, the coroutine yields, and the result is the stage's when it goes on;
     *     what the stage fails with is raised as if it were thrown. To yield takes a coroutine,
     *     such as {@link LuaFunction#callAsync} makes: elsewhere, that raises an error
     * @throws Exception to raise an error in Lua. A {@link LuaException} raises its {@link
     *     LuaException#value()}; anything else is the error value itself: {@code pcall} returns it,
     *     and if nobody catches it, it is the cause of the {@code LuaException} that Java gets.
     */
    @Nullable Object call(LuaValues arguments) throws Exception;
}
