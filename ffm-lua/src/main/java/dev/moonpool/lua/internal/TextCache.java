package dev.moonpool.lua.internal;

import dev.moonpool.lua.internal.ffi.LuaNative;
import org.jspecify.annotations.Nullable;

/**
 * Handles for texts that go to Lua again and again, names of fields above all: a text that has one
 * costs neither a string in Lua nor a copy. Lua's own {@code lua_pushstring} has a cache for the
 * same reason.
 *
 * <p>Direct-mapped by hash. A text gets a handle when it comes for the second time in a row, so
 * that those that come once hardly cost more than they do without a cache.
 */
final class TextCache {
    private static final int SIZE = 256;
    private static final int MAX_LENGTH = 40; // Lua's own short strings, which it has only once

    private final State state;
    private final @Nullable String[] texts = new @Nullable String[SIZE];
    private final int[] handles = new int[SIZE]; // 0: was seen once

    TextCache(State state) {
        this.state = state;
    }

    /**
     * {@return a handle for a text, or 0 if it has none} Called within the state, and writes over
     * the frame.
     */
    int find(String text) {
        if (text.length() > MAX_LENGTH || !state.mayEndHandles()) {
            return 0;
        }
        int place = text.hashCode() & (SIZE - 1);
        String known = texts[place];
        if (text.equals(known)) {
            int handle = handles[place];
            return handle != 0 ? handle : hold(place, text);
        }
        replace(place, text);
        return 0;
    }

    private void replace(int place, String text) {
        int handle = handles[place];
        texts[place] = text;
        handles[place] = 0; // first: the stack may end in what follows
        if (handle != 0) {
            state.forgetNow(handle);
        }
    }

    private int hold(int place, String text) {
        long frame = state.frame();
        if (!Text.isAscii(text)) {
            return 0;
        }
        Frame.begin(frame, 1);
        long bytes = frame + Frame.byteSize(1);
        Frame.set(frame, 0, LuaNative.MP_TAG_STRING(), text.length(), bytes);
        Raw.setAscii(bytes, text);
        int status = LuaNative.mp_hold(state.lua(), state.frameSegment(), state.frameByteSize());
        if (status != LuaNative.LUA_OK()) {
            return 0; // whoever asked will run into it too, and say so
        }
        int handle = (int) Frame.payload(frame, 0);
        // Finalizers that the string set off have another frame, and leave this alone.
        assert handles[place] == 0 && text.equals(texts[place]);
        handles[place] = handle;
        return handle;
    }
}
