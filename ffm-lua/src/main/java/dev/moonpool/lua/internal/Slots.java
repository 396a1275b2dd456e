package dev.moonpool.lua.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.moonpool.lua.internal.ffi.LuaNative;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Values of a frame, copied out of it as they are: they stay when the frame is used for something
 * else, and those that are read as a type become no objects in between. Any thread may read them.
 */
final class Slots {
    private static final byte[] NO_STRINGS = {};
    private static final @Nullable Object[] NO_OBJECTS = {};
    private static final int OBJECT = LuaNative.MP_TAG_HANDLE();

    private final ValueMapper mapper;
    private final SpareSlots spare;
    private long[] slots = SpareSlots.NONE;
    private byte[] strings = NO_STRINGS;
    private long stringsAddress; // what the first byte of `strings` had
    private @Nullable Object[] objects = NO_OBJECTS; // what is an object already, as it looks above
    private int count;

    Slots(ValueMapper mapper, SpareSlots spare) {
        this.mapper = mapper;
        this.spare = spare;
    }

    /** {@return how many there are} */
    int count() {
        return count;
    }

    /** Takes the values of a frame, which has them all; within the state. */
    void take(State state) {
        long frame = state.frame();
        clear(); // what follows can fail
        int written = Frame.written(frame);
        makeRoom(written);
        Frame.copySlots(frame, slots, written);
        if (Frame.arePlain(slots, written)) {
            count = written;
            return;
        }
        long end = frame + state.frameByteSize();
        long lowest = end; // each string is below the one before
        try {
            for (int i = 0; i < written; i++) {
                int tag = Frame.tag(slots, i);
                if (tag == LuaNative.MP_TAG_STRING()) {
                    lowest = Frame.payload(slots, i);
                } else if (!Frame.isPlain(tag)) {
                    setObject(i, state.exchange().read(frame, i));
                }
            }
        } catch (Throwable e) {
            state.dropObjects(0); // as Exchange does
            throw e;
        }
        int size = (int) (end - lowest);
        if (strings.length < size) {
            strings = new byte[size];
        }
        Raw.getBytes(lowest, strings, size);
        stringsAddress = lowest;
        count = written;
    }

    private void makeRoom(int count) {
        if (slots.length < Frame.WORDS * count) {
            slots = spare.take(Frame.WORDS * count);
        }
    }

    /** Keeps nothing. */
    void clear() {
        count = 0;
        Arrays.fill(objects, null);
    }

    /** Keeps nothing, and is not going to: others may have the room. */
    void end() {
        count = 0;
        objects = NO_OBJECTS;
        strings = NO_STRINGS;
        synchronized (spare) { // two threads at once do not give the same twice
            spare.give(slots);
            slots = SpareSlots.NONE;
        }
    }

    /** Takes values that have become objects. */
    void take(List<@Nullable Object> values) {
        clear();
        makeRoom(values.size());
        count = values.size();
        for (int i = 0; i < count; i++) {
            setObject(i, values.get(i));
        }
    }

    private void setObject(int index, @Nullable Object value) {
        if (objects.length <= index) {
            objects = Arrays.copyOf(objects, slots.length / Frame.WORDS);
        }
        objects[index] = value;
        Frame.setTag(slots, index, OBJECT);
    }

    private boolean is(int index, int tag) {
        return Frame.tag(slots, index) == tag;
    }

    /** {@return a value as it looks above} */
    @Nullable Object get(int index) {
        int tag = Frame.tag(slots, index);
        if (Frame.isPlain(tag)) {
            return Frame.plain(tag, Frame.payload(slots, index));
        } else if (tag == LuaNative.MP_TAG_STRING()) {
            return mapper.string(strings, start(index), length(index));
        } else {
            return objects[index];
        }
    }

    private int start(int index) {
        return (int) (Frame.payload(slots, index) - stringsAddress);
    }

    private int length(int index) {
        return (int) Frame.length(slots, index);
    }

    /** {@return a value that is an integer; {@code shown} says in messages which one it is} */
    long getLong(int index, int shown) {
        return is(index, LuaNative.MP_TAG_INTEGER())
                ? Frame.payload(slots, index)
                : Conversions.toLong(get(index), shown);
    }

    /** {@return a value that is a number} */
    double getDouble(int index, int shown) {
        return is(index, LuaNative.MP_TAG_FLOAT())
                ? Double.longBitsToDouble(Frame.payload(slots, index))
                : Conversions.toDouble(get(index), shown);
    }

    /** {@return a value that is a string; bytes that are no UTF-8 become U+FFFD} */
    String getText(int index, int shown) {
        return is(index, LuaNative.MP_TAG_STRING())
                ? new String(strings, start(index), length(index), UTF_8)
                : Conversions.toText(get(index), shown);
    }
}
