package dev.moonpool.lua.internal;

import dev.moonpool.lua.internal.ffi.LuaNative;
import dev.moonpool.lua.internal.ffi.mp_frame;
import dev.moonpool.lua.internal.ffi.mp_slot;
import org.jspecify.annotations.Nullable;

/**
 * The {@code mp_frame} of moonpool.h, by its address: values between Java and Lua.
 *
 * <pre>
 *     count | written | held | outcome        header
 *     head: length or handle, tag | payload   slot 0
 *     ...
 *     bytes of strings
 * </pre>
 */
final class Frame {
    static final long HEADER_SIZE = mp_frame.sizeof();
    static final long SLOT_SIZE = mp_slot.sizeof();

    private static final long COUNT = mp_frame.count$offset();
    private static final long WRITTEN = mp_frame.written$offset();
    private static final long HELD = mp_frame.held$offset();
    private static final long OUTCOME = mp_frame.outcome$offset();
    private static final long HEAD = mp_slot.head$offset();
    private static final long PAYLOAD = mp_slot.payload$offset();
    private static final int LENGTH_SHIFT = LuaNative.MP_LENGTH_SHIFT();
    private static final int TAG_MASK = (1 << LENGTH_SHIFT) - 1;

    private Frame() {}

    /** {@return the size of a frame for so many values, without the bytes of their strings} */
    static long byteSize(long count) {
        return HEADER_SIZE + count * SLOT_SIZE;
    }

    /** Begins a frame with so many values, which returns. */
    static void begin(long frame, int count) {
        Raw.setInt(frame + COUNT, count);
        Raw.setInt(frame + WRITTEN, count);
        Raw.setInt(frame + HELD, 0);
        Raw.setInt(frame + OUTCOME, LuaNative.MP_RETURNED());
    }

    /** {@return how many values there are in all} */
    static int count(long frame) {
        return Raw.getInt(frame + COUNT);
    }

    /** {@return how many of them the frame has} */
    static int written(long frame) {
        return Raw.getInt(frame + WRITTEN);
    }

    /** {@return whether Lua's stack still holds the values} */
    static boolean isHeld(long frame) {
        return Raw.getInt(frame + HELD) != 0;
    }

    /** {@return whether the frame has one value, and no more is to be said} */
    static boolean isSingle(long frame) {
        return count(frame) == 1 && written(frame) == 1 && !isHeld(frame);
    }

    static void outcome(long frame, int outcome) {
        Raw.setInt(frame + OUTCOME, outcome);
    }

    private static long slot(long frame, int index) {
        return frame + HEADER_SIZE + index * SLOT_SIZE;
    }

    static int tag(long frame, int index) {
        return (int) Raw.getLong(slot(frame, index) + HEAD) & TAG_MASK;
    }

    /** {@return a string's length, or an object's handle} */
    static long length(long frame, int index) {
        return Raw.getLong(slot(frame, index) + HEAD) >>> LENGTH_SHIFT;
    }

    static long payload(long frame, int index) {
        return Raw.getLong(slot(frame, index) + PAYLOAD);
    }

    static double number(long frame, int index) {
        return Raw.getDouble(slot(frame, index) + PAYLOAD);
    }

    /** {@return whether a slot has its value in itself} */
    static boolean isPlain(int tag) {
        return tag <= LuaNative.MP_TAG_FLOAT();
    }

    /** {@return the value of a slot that has it in itself} */
    static @Nullable Object plain(int tag, long payload) {
        // The tags are small and dense, but not constants to the compiler.
        if (tag == LuaNative.MP_TAG_NIL()) {
            return null;
        } else if (tag == LuaNative.MP_TAG_FALSE()) {
            return false;
        } else if (tag == LuaNative.MP_TAG_TRUE()) {
            return true;
        } else if (tag == LuaNative.MP_TAG_INTEGER()) {
            return payload;
        } else {
            return Double.longBitsToDouble(payload);
        }
    }

    static void setNil(long frame, int index) {
        Raw.setLong(slot(frame, index) + HEAD, LuaNative.MP_TAG_NIL());
    }

    static void setBoolean(long frame, int index, boolean value) {
        Raw.setLong(
                slot(frame, index) + HEAD,
                value ? LuaNative.MP_TAG_TRUE() : LuaNative.MP_TAG_FALSE());
    }

    static void setLong(long frame, int index, long value) {
        set(frame, index, LuaNative.MP_TAG_INTEGER(), 0, value);
    }

    static void setDouble(long frame, int index, double value) {
        Raw.setLong(slot(frame, index) + HEAD, LuaNative.MP_TAG_FLOAT());
        Raw.setDouble(slot(frame, index) + PAYLOAD, value);
    }

    static void setHandle(long frame, int index, int handle) {
        Raw.setLong(
                slot(frame, index) + HEAD,
                (long) handle << LENGTH_SHIFT | LuaNative.MP_TAG_HANDLE());
    }

    static void setNode(long frame, int index, TableWriter.Node node) {
        long room = (long) node.fields() << Integer.SIZE | node.elements();
        set(frame, index, LuaNative.MP_TAG_NODE(), node.number(), room);
    }

    /** Writes a slot whose bytes or id are elsewhere. */
    static void set(long frame, int index, int tag, long length, long payload) {
        Raw.setLong(slot(frame, index) + HEAD, length << LENGTH_SHIFT | tag);
        Raw.setLong(slot(frame, index) + PAYLOAD, payload);
    }

    /** {@return the bytes of a string} */
    static byte[] bytes(long frame, int index) {
        long length = length(frame, index);
        if (length > Integer.MAX_VALUE - 8) {
            throw new OutOfMemoryError("string is too long for a Java array: length=" + length);
        }
        byte[] bytes = new byte[(int) length];
        Raw.getBytes(payload(frame, index), bytes, bytes.length);
        return bytes;
    }

    // ------------------------------------------------------------------- slots that were copied

    /** How many longs a slot is. */
    static final int WORDS = (int) (SLOT_SIZE / Long.BYTES);

    private static final int HEAD_WORD = (int) (HEAD / Long.BYTES);
    private static final int PAYLOAD_WORD = (int) (PAYLOAD / Long.BYTES);

    private static final int CARRY = Integer.highestOneBit(TAG_MASK);

    /** Added to a tag, it carries into that bit if the tag is behind the plain ones. */
    private static final int TO_CARRY = CARRY - 1 - LuaNative.MP_TAG_FLOAT();

    static {
        assert LuaNative.MP_TAG_NODE() + TO_CARRY <= TAG_MASK : "the last tag carries too far";
    }

    /** Copies the first slots. */
    static void copySlots(long frame, long[] target, int count) {
        Raw.getLongs(slot(frame, 0), target, WORDS * count);
    }

    static int tag(long[] slots, int index) {
        return (int) slots[WORDS * index + HEAD_WORD] & TAG_MASK;
    }

    /**
     * {@return whether the first slots have their values in themselves} This is asked of all that
     * comes, so the loop has no branches.
     */
    static boolean arePlain(long[] slots, int count) {
        long carries = 0;
        for (int i = 0; i < count; i++) {
            carries |= slots[WORDS * i + HEAD_WORD] + TO_CARRY;
        }
        return (carries & CARRY) == 0;
    }

    static void setTag(long[] slots, int index, int tag) {
        slots[WORDS * index + HEAD_WORD] = tag;
    }

    static long length(long[] slots, int index) {
        return slots[WORDS * index + HEAD_WORD] >>> LENGTH_SHIFT;
    }

    static long payload(long[] slots, int index) {
        return slots[WORDS * index + PAYLOAD_WORD];
    }
}
