package dev.moonpool.lua.internal;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How values look on the Java side of a state. Below it a value is null, a Boolean, a Long, a
 * Double, a byte[] for a string, a {@link Handle}, a {@link Foreign} object or a {@link Callable}.
 */
public interface ValueMapper {
    /** Values as they are below. */
    ValueMapper PLAIN =
            new ValueMapper() {
                @Override
                public @Nullable Object toLua(Object value) {
                    return null;
                }

                @Override
                public Object string(byte[] bytes, int from, int length) {
                    return Arrays.copyOfRange(bytes, from, from + length);
                }

                @Override
                public Object handle(Handle handle) {
                    return handle;
                }

                @Override
                public Object raised(Throwable thrown) {
                    return String.valueOf(thrown);
                }

                @Override
                public RuntimeException failure(LuaError error) {
                    return error;
                }
            };

    /** {@return a value as it looks below; null if it has no counterpart} */
    @Nullable Object toLua(Object value);

    /** {@return a Lua string as it looks above; the array is not kept} */
    Object string(byte[] bytes, int from, int length);

    /** {@return a Lua object as it looks above} */
    Object handle(Handle handle);

    /** {@return the error value that Lua sees for what a Java function has thrown} */
    @Nullable Object raised(Throwable thrown);

    /** {@return what is thrown for an error in Lua} */
    RuntimeException failure(LuaError error);
}
