package dev.moonpool.lua.internal;

import dev.moonpool.lua.internal.ffi.LuaNative;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes the first result of a call as a type that the caller wants, without an object where there
 * need not be one.
 */
final class Reads {
    private Reads() {}

    static long takeLong(State state) {
        return isSingle(state, LuaNative.MP_TAG_INTEGER())
                ? Frame.payload(state.frame(), 0)
                : Conversions.toLong(first(state), 0);
    }

    /** Takes a field that is an integer. */
    static long takeLong(State state, String key) {
        return isSingle(state, LuaNative.MP_TAG_INTEGER())
                ? Frame.payload(state.frame(), 0)
                : Conversions.toLong(first(state), key);
    }

    static double takeDouble(State state) {
        return isSingle(state, LuaNative.MP_TAG_FLOAT())
                ? Frame.number(state.frame(), 0)
                : Conversions.toDouble(first(state), 0);
    }

    /** Takes a field that is a number. */
    static double takeDouble(State state, String key) {
        return isSingle(state, LuaNative.MP_TAG_FLOAT())
                ? Frame.number(state.frame(), 0)
                : Conversions.toDouble(first(state), key);
    }

    static String takeString(State state) {
        return isSingle(state, LuaNative.MP_TAG_STRING())
                ? state.exchange().readText(state.frame(), 0)
                : Conversions.toText(first(state), 0);
    }

    private static boolean isSingle(State state, int tag) {
        long frame = state.frame();
        return Frame.isSingle(frame) && Frame.tag(frame, 0) == tag;
    }

    /** Takes the first result as it looks above, null if there is none. */
    static @Nullable Object first(State state) {
        long frame = state.frame();
        if (Frame.isSingle(frame)) {
            return state.exchange().read(frame, 0);
        }
        List<@Nullable Object> values = state.takeAll();
        return values.isEmpty() ? null : values.getFirst();
    }
}
