package dev.moonpool.lua;

import org.jspecify.annotations.Nullable;

/**
 * A method of a {@link LuaType}, which Lua calls as {@code object:method(...)}.
 *
 * @param <T> the class of the objects
 */
@FunctionalInterface
public interface LuaMethod<T> {
    /**
     * Runs the method, on the thread that owns the state. It may use the state.
     *
     * @param self the object that it is called on
     * @param arguments what Lua passes beside it
     * @return the result, as {@link JavaFunction#call} has it
     * @throws Exception to raise an error in Lua, as {@link JavaFunction#call} does
     */
    @Nullable Object call(T self, LuaValues arguments) throws Exception;

    /**
     * A method that takes and returns an integer, without making objects.
     *
     * @param <T> the class of the objects
     */
    @FunctionalInterface
    interface OfLong<T> {
        /**
         * {@return the result}
         *
         * @param self the object that it is called on
         * @param argument the argument
         * @throws Exception to raise an error in Lua
         */
        long call(T self, long argument) throws Exception;
    }

    /**
     * A method that takes and returns a float, without making objects.
     *
     * @param <T> the class of the objects
     */
    @FunctionalInterface
    interface OfDouble<T> {
        /**
         * {@return the result}
         *
         * @param self the object that it is called on
         * @param argument the argument
         * @throws Exception to raise an error in Lua
         */
        double call(T self, double argument) throws Exception;
    }

    /**
     * What ends the use of an object.
     *
     * @param <T> the class of the objects
     */
    @FunctionalInterface
    interface Closer<T> {
        /**
         * Ends the use of an object.
         *
         * @param self the object
         * @throws Exception to raise an error in Lua
         */
        void close(T self) throws Exception;
    }
}
