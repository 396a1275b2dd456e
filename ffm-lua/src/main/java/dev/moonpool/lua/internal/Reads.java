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
        long frame = state.frame();
        if (Frame.isSingle(frame) && Frame.tag(frame, 0) == LuaNative.MP_TAG_INTEGER()) {
            return Frame.payload(frame, 0);
        }
        return Conversions.toLong(first(state), 0);
    }

    static double takeDouble(State state) {
        long frame = state.frame();
        if (Frame.isSingle(frame) && Frame.tag(frame, 0) == LuaNative.MP_TAG_FLOAT()) {
            return Frame.number(frame, 0);
        }
        return Conversions.toDouble(first(state), 0);
    }

    static String takeString(State state) {
        long frame = state.frame();
        if (Frame.isSingle(frame) && Frame.tag(frame, 0) == LuaNative.MP_TAG_STRING()) {
            return state.exchange().readText(frame, 0);
        }
        return Conversions.toText(first(state), 0);
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
