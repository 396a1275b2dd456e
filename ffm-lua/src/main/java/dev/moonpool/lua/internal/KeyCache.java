package dev.moonpool.lua.internal;

import dev.moonpool.lua.internal.ffi.LuaNative;
import org.jspecify.annotations.Nullable;

/**
 * Handles for the strings that tables are read and written by, so that a field that is used again
 * costs neither a string in Lua nor a copy of its name.
 *
 * <p>Direct-mapped by hash. A name gets a handle when it comes for the second time in a row, so
 * that names that come once do not cost more than they do without a cache.
 */
final class KeyCache {
    private static final int SIZE = 256;

    private final State state;
    private final @Nullable String[] names = new @Nullable String[SIZE];
    private final int[] handles = new int[SIZE]; // 0: was seen once

    KeyCache(State state) {
        this.state = state;
    }

    /**
     * {@return a handle for a name, or 0 if it has none} Called within the state, and writes over
     * the frame.
     */
    int find(String name) {
        int place = name.hashCode() & (SIZE - 1);
        String known = names[place];
        if (name.equals(known)) {
            int handle = handles[place];
            return handle != 0 ? handle : hold(place, name);
        }
        replace(place, name);
        return 0;
    }

    private void replace(int place, String name) {
        int handle = handles[place];
        if (handle != 0) {
            state.forgetNow(handle);
        }
        names[place] = name;
        handles[place] = 0;
    }

    private int hold(int place, String name) {
        long frame = state.frame();
        if (name.length() > 40 || !Text.isAscii(name)) {
            return 0; // Lua's own short strings, which it makes once
        }
        Frame.begin(frame, 1);
        long bytes = frame + Frame.byteSize(1);
        Frame.set(frame, 0, LuaNative.MP_TAG_STRING(), name.length(), bytes);
        Raw.setAscii(bytes, name);
        int status = LuaNative.mp_hold(state.lua(), state.frameSegment(), state.frameByteSize());
        if (status != LuaNative.LUA_OK()) {
            return 0; // whoever asked will run into it too, and say so
        }
        int handle = (int) Frame.payload(frame, 0);
        if (handles[place] != 0 || !name.equals(names[place])) {
            state.forgetNow(handle); // a finalizer in Java, which the string set off, was here
            return 0;
        }
        handles[place] = handle;
        return handle;
    }
}
