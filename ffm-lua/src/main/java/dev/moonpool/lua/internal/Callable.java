package dev.moonpool.lua.internal;

/** A Java function as Lua calls it. */
@FunctionalInterface
public interface Callable {
    /**
     * Runs the function.
     *
     * @param call has the arguments, which are to be read before anything else is done with the
     *     state, and takes the reply
     * @return what one of the methods of {@code call} returned for the reply
     * @throws Throwable to raise an error in Lua
     */
    long call(Call call) throws Throwable;
}
