package dev.moonpool.lua.internal;

import dev.moonpool.lua.internal.ffi.LuaNative;
import java.lang.ref.Reference;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Calls of Lua functions, and functions of Java's for Lua. */
public final class Functions {
    private Functions() {}

    /** {@return the results of a call} */
    public static List<@Nullable Object> call(Handle function, @Nullable Object... arguments) {
        return function.perform(LuaNative::mp_call, arguments);
    }

    /**
     * Begins a call with so many arguments, which the caller writes into the frame.
     *
     * @return the function's number
     */
    private static int begin(State state, Handle function, int count) {
        Frame.begin(state.frame(), count);
        return function.number();
    }

    private static void call(State state, int number) {
        int status =
                LuaNative.mp_call(state.lua(), number, state.frameSegment(), state.frameByteSize());
        if (status != LuaNative.LUA_OK()) {
            throw state.failure(status);
        }
    }

    /** {@return the first result of a call, an integer} */
    public static long callLong(Handle function) {
        State state = function.state();
        state.enter();
        try {
            int number = begin(state, function, 0);
            call(state, number);
            return Reads.takeLong(state);
        } finally {
            state.crossings--;
            Reference.reachabilityFence(function);
        }
    }

    /** {@return the first result of a call, an integer} */
    public static long callLong(Handle function, long a) {
        State state = function.state();
        state.enter();
        try {
            int number = begin(state, function, 1);
            Frame.setLong(state.frame(), 0, a);
            call(state, number);
            return Reads.takeLong(state);
        } finally {
            state.crossings--;
            Reference.reachabilityFence(function);
        }
    }

    /** {@return the first result of a call, an integer} */
    public static long callLong(Handle function, long a, long b) {
        State state = function.state();
        state.enter();
        try {
            int number = begin(state, function, 2);
            Frame.setLong(state.frame(), 0, a);
            Frame.setLong(state.frame(), 1, b);
            call(state, number);
            return Reads.takeLong(state);
        } finally {
            state.crossings--;
            Reference.reachabilityFence(function);
        }
    }

    /** {@return the first result of a call, an integer} */
    public static long callLong(Handle function, long a, long b, long c) {
        State state = function.state();
        state.enter();
        try {
            int number = begin(state, function, 3);
            Frame.setLong(state.frame(), 0, a);
            Frame.setLong(state.frame(), 1, b);
            Frame.setLong(state.frame(), 2, c);
            call(state, number);
            return Reads.takeLong(state);
        } finally {
            state.crossings--;
            Reference.reachabilityFence(function);
        }
    }

    /** {@return the first result of a call, a number} */
    public static double callDouble(Handle function) {
        State state = function.state();
        state.enter();
        try {
            int number = begin(state, function, 0);
            call(state, number);
            return Reads.takeDouble(state);
        } finally {
            state.crossings--;
            Reference.reachabilityFence(function);
        }
    }

    /** {@return the first result of a call, a number} */
    public static double callDouble(Handle function, double a) {
        State state = function.state();
        state.enter();
        try {
            int number = begin(state, function, 1);
            Frame.setDouble(state.frame(), 0, a);
            call(state, number);
            return Reads.takeDouble(state);
        } finally {
            state.crossings--;
            Reference.reachabilityFence(function);
        }
    }

    /** {@return the first result of a call, a number} */
    public static double callDouble(Handle function, double a, double b) {
        State state = function.state();
        state.enter();
        try {
            int number = begin(state, function, 2);
            Frame.setDouble(state.frame(), 0, a);
            Frame.setDouble(state.frame(), 1, b);
            call(state, number);
            return Reads.takeDouble(state);
        } finally {
            state.crossings--;
            Reference.reachabilityFence(function);
        }
    }

    /** {@return the first result of a call, a number} */
    public static double callDouble(Handle function, double a, double b, double c) {
        State state = function.state();
        state.enter();
        try {
            int number = begin(state, function, 3);
            Frame.setDouble(state.frame(), 0, a);
            Frame.setDouble(state.frame(), 1, b);
            Frame.setDouble(state.frame(), 2, c);
            call(state, number);
            return Reads.takeDouble(state);
        } finally {
            state.crossings--;
            Reference.reachabilityFence(function);
        }
    }

    /** {@return the first result of a call, a string, decoded as UTF-8} */
    public static String callString(Handle function, String text) {
        State state = function.state();
        state.enter();
        byte[] bytes;
        try {
            int handle = state.texts().find(text);
            int number = begin(state, function, 1);
            if (handle != 0) {
                Frame.setHandle(state.frame(), 0, handle);
                call(state, number);
                return Reads.takeString(state);
            }
            bytes = Text.encode(text);
            if (bytes.length <= state.frameByteSize() - Frame.byteSize(1)) {
                long place = state.frame() + Frame.byteSize(1);
                Frame.set(state.frame(), 0, LuaNative.MP_TAG_STRING(), bytes.length, place);
                Raw.setBytes(place, bytes);
                call(state, number);
                return Reads.takeString(state);
            }
        } finally {
            state.crossings--;
            Reference.reachabilityFence(function);
        }
        List<@Nullable Object> results = call(function, (Object) bytes);
        return Conversions.toText(results.isEmpty() ? null : results.getFirst(), 0);
    }

    /** {@return a value as Lua's {@code tostring} shows it} */
    public static String toText(Handle value) {
        return Conversions.toText(value.perform(LuaNative::mp_tostring).getFirst(), 0);
    }

    /** {@return a function's precompiled code} */
    public static byte[] dump(Handle function, boolean strip) {
        List<@Nullable Object> code =
                function.perform(
                        (lua, handle, frame, byteSize) ->
                                LuaNative.mp_dump(lua, handle, strip ? 1 : 0, frame, byteSize));
        return Conversions.toBytes(code.getFirst(), 0);
    }

    /** {@return a handle for a foreign object or a function of Java's} */
    public static Handle hold(State state, Object value, Handle.Type type) {
        List<@Nullable Object> held = state.perform(LuaNative::mp_hold, value);
        int number = (int) Conversions.toLong(held.getFirst(), 0);
        return state.newHandle(number, type, Conversions.toLong(held.get(1), 1));
    }

    /** {@return a new class of foreign objects, as it looks above} */
    public static Object newClass(State state, String name) {
        return Objects.requireNonNull(state.perform(LuaNative::mp_new_class, name).getFirst());
    }

    /** Collects all garbage in the state, what only Java has held before included. */
    public static void collect(State state) {
        state.requireEnterable();
        state.handles().beginSearch();
        List<@Nullable Object> nothing = state.perform(LuaNative::mp_collect);
        assert nothing.isEmpty();
    }
}
