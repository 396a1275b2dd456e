package dev.moonpool.lua.internal;

import dev.moonpool.lua.internal.ffi.LuaNative;
import java.lang.ref.Reference;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Tables: new ones, their fields, their length, their contents, their metatables. */
public final class Tables {
    private static final int SET = 1;
    private static final int NOT_SET = 0;

    private Tables() {}

    /** {@return a new table with room for so many elements and fields, as it looks above} */
    public static Object create(State state, int elements, int fields) {
        return Objects.requireNonNull(
                state.perform(
                                (lua, frame, byteSize) ->
                                        LuaNative.mp_new_table(
                                                lua, elements, fields, frame, byteSize))
                        .getFirst());
    }

    private static int flag(boolean raw) {
        return raw ? SET : NOT_SET;
    }

    /** {@return the value at a key, as it looks above} */
    public static @Nullable Object get(Handle table, @Nullable Object key, boolean raw) {
        return table.perform(
                        (lua, handle, frame, byteSize) ->
                                LuaNative.mp_get(lua, handle, flag(raw), frame, byteSize),
                        key)
                .getFirst();
    }

    /** Sets the value at a key. */
    public static void set(
            Handle table, @Nullable Object key, @Nullable Object value, boolean raw) {
        List<@Nullable Object> nothing =
                table.perform(
                        (lua, handle, frame, byteSize) ->
                                LuaNative.mp_set(lua, handle, flag(raw), frame, byteSize),
                        key,
                        value);
        assert nothing.isEmpty();
    }

    // -------------------------------------------------------------------- fields, without objects

    /**
     * Writes a frame with a field's name as the first of so many values; false if it is too long.
     */
    private static boolean writeName(State state, String name, int count) {
        int handle = state.keys().find(name);
        long frame = state.frame();
        if (handle != 0) {
            Frame.begin(frame, count);
            Frame.setHandle(frame, 0, handle);
            return true;
        }
        long bytes = frame + Frame.byteSize(count);
        if (name.length() > state.frameByteSize() - Frame.byteSize(count) || !Text.isAscii(name)) {
            return false;
        }
        Frame.begin(frame, count);
        Frame.set(frame, 0, LuaNative.MP_TAG_STRING(), name.length(), bytes);
        Raw.setAscii(bytes, name);
        return true;
    }

    /** Begins a read of a field: the frame has its value then, or false if its name is too long. */
    private static boolean fetch(State state, int table, String name) {
        if (!writeName(state, name, 1)) {
            return false;
        }
        int status =
                LuaNative.mp_get(
                        state.lua(), table, NOT_SET, state.frameSegment(), state.frameByteSize());
        if (status != LuaNative.LUA_OK()) {
            throw state.failure(status);
        }
        return true;
    }

    /** {@return a field, as it looks above} */
    public static @Nullable Object get(Handle table, String name) {
        State state = table.state();
        state.enter();
        try {
            int number = table.number();
            if (fetch(state, number, name)) {
                return Reads.first(state);
            }
        } finally {
            state.crossings--;
            Reference.reachabilityFence(table);
        }
        return get(table, name, false);
    }

    /** {@return a field that is an integer} */
    public static long getLong(Handle table, String name) {
        State state = table.state();
        state.enter();
        try {
            int number = table.number();
            if (fetch(state, number, name)) {
                return Reads.takeLong(state, name);
            }
        } finally {
            state.crossings--;
            Reference.reachabilityFence(table);
        }
        return Conversions.toLong(get(table, name, false), name);
    }

    /** {@return a field that is a number} */
    public static double getDouble(Handle table, String name) {
        State state = table.state();
        state.enter();
        try {
            int number = table.number();
            if (fetch(state, number, name)) {
                return Reads.takeDouble(state, name);
            }
        } finally {
            state.crossings--;
            Reference.reachabilityFence(table);
        }
        return Conversions.toDouble(get(table, name, false), name);
    }

    /** Ends a write of a field: the frame has its name and its value. */
    private static void store(State state, int table) {
        int status =
                LuaNative.mp_set(
                        state.lua(), table, NOT_SET, state.frameSegment(), state.frameByteSize());
        if (status != LuaNative.LUA_OK()) {
            throw state.failure(status);
        }
    }

    /** Sets a field to an integer. */
    public static void setLong(Handle table, String name, long value) {
        State state = table.state();
        state.enter();
        try {
            int number = table.number();
            if (writeName(state, name, 2)) {
                Frame.setLong(state.frame(), 1, value);
                store(state, number);
                return;
            }
        } finally {
            state.crossings--;
            Reference.reachabilityFence(table);
        }
        set(table, name, value, false);
    }

    /** Sets a field to a float. */
    public static void setDouble(Handle table, String name, double value) {
        State state = table.state();
        state.enter();
        try {
            int number = table.number();
            if (writeName(state, name, 2)) {
                Frame.setDouble(state.frame(), 1, value);
                store(state, number);
                return;
            }
        } finally {
            state.crossings--;
            Reference.reachabilityFence(table);
        }
        set(table, name, value, false);
    }

    // -------------------------------------------------------------------------------- the whole

    /** {@return the length} */
    public static long length(Handle table, boolean raw) {
        State state = table.state();
        state.enter();
        try {
            int number = table.number();
            int status =
                    LuaNative.mp_length(
                            state.lua(),
                            number,
                            flag(raw),
                            state.frameSegment(),
                            state.frameByteSize());
            if (status != LuaNative.LUA_OK()) {
                throw state.failure(status);
            }
            return Reads.takeLong(state);
        } finally {
            state.crossings--;
            Reference.reachabilityFence(table);
        }
    }

    /** {@return the metatable of a value, null if it has none} */
    public static @Nullable Object metatable(Handle value) {
        List<@Nullable Object> metatable = value.perform(LuaNative::mp_get_metatable);
        return metatable.isEmpty() ? null : metatable.getFirst();
    }

    /** Sets the metatable of a table. */
    public static void setMetatable(Handle table, @Nullable Object metatable) {
        List<@Nullable Object> nothing = table.perform(LuaNative::mp_set_metatable, metatable);
        assert nothing.isEmpty();
    }
}
