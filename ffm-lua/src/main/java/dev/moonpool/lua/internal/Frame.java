package dev.moonpool.lua.internal;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.moonpool.lua.internal.ffi.LuaNative;
import dev.moonpool.lua.internal.ffi.mp_frame;
import dev.moonpool.lua.internal.ffi.mp_slot;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The {@code mp_frame} of moonpool.h: values between Java and Lua.
 *
 * <pre>
 *     count | written | held | -        header
 *     head: length, tag | payload       slot 0
 *     ...
 *     bytes of strings
 * </pre>
 *
 * In Java a value is null, a Boolean, a Long, a Double, a byte[] for a string, or an {@link
 * Opaque}.
 */
final class Frame {
    static final long HEADER_SIZE = mp_frame.sizeof();
    static final long SLOT_SIZE = mp_slot.sizeof();

    private static final long COUNT = mp_frame.count$offset();
    private static final long WRITTEN = mp_frame.written$offset();
    private static final long HELD = mp_frame.held$offset();
    private static final long HEAD = mp_slot.head$offset();
    private static final long PAYLOAD = mp_slot.payload$offset();

    /** All memory: the strings of a frame can be anywhere. */
    @SuppressWarnings("restricted")
    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private Frame() {}

    /**
     * {@return a frame with the values, in {@code buffer} if they fit, else in memory of {@code
     * overflow}}
     *
     * @throws IllegalArgumentException if a value has no counterpart in Lua
     */
    static MemorySegment write(@Nullable Object[] values, MemorySegment buffer, Arena overflow) {
        @Nullable Object[] encoded = new @Nullable Object[values.length];
        long needed = HEADER_SIZE + values.length * SLOT_SIZE;
        long strings = needed;
        for (int i = 0; i < values.length; i++) {
            encoded[i] = encode(values[i], i);
            needed += encoded[i] instanceof byte[] bytes ? bytes.length : 0;
        }
        MemorySegment frame =
                needed <= buffer.byteSize() ? buffer : overflow.allocate(needed, SLOT_SIZE);
        frame.set(JAVA_INT, COUNT, values.length);
        frame.set(JAVA_INT, WRITTEN, values.length);
        for (int i = 0; i < values.length; i++) {
            strings = writeSlot(frame, HEADER_SIZE + i * SLOT_SIZE, encoded[i], strings);
        }
        return frame;
    }

    private static @Nullable Object encode(@Nullable Object value, int index) {
        return switch (value) {
            case null -> null;
            case Boolean b -> b;
            case Long n -> n;
            case Integer n -> n.longValue();
            case Short n -> n.longValue();
            case Byte n -> n.longValue();
            case Double n -> n;
            case Float n -> n.doubleValue();
            case String s -> s.getBytes(UTF_8);
            case byte[] bytes -> bytes;
            default ->
                    throw new IllegalArgumentException(
                            "argument has no counterpart in Lua: index=%d, class=%s"
                                    .formatted(index, value.getClass().getName()));
        };
    }

    /** Writes a slot, and a string's bytes at {@code strings}. {@return where the next can go} */
    private static long writeSlot(
            MemorySegment frame, long slot, @Nullable Object value, long strings) {
        long head = slot + HEAD;
        long payload = slot + PAYLOAD;
        switch (value) {
            case null -> frame.set(JAVA_LONG, head, LuaNative.MP_TAG_NIL());
            case Boolean b ->
                    frame.set(
                            JAVA_LONG,
                            head,
                            b ? LuaNative.MP_TAG_TRUE() : LuaNative.MP_TAG_FALSE());
            case Long n -> {
                frame.set(JAVA_LONG, head, LuaNative.MP_TAG_INTEGER());
                frame.set(JAVA_LONG, payload, n);
            }
            case Double n -> {
                frame.set(JAVA_LONG, head, LuaNative.MP_TAG_FLOAT());
                frame.set(JAVA_DOUBLE, payload, n);
            }
            case byte[] bytes -> {
                long length = (long) bytes.length << LuaNative.MP_LENGTH_SHIFT();
                frame.set(JAVA_LONG, head, length | LuaNative.MP_TAG_STRING());
                frame.set(JAVA_LONG, payload, frame.address() + strings);
                MemorySegment.copy(bytes, 0, frame, JAVA_BYTE, strings, bytes.length);
                return strings + bytes.length;
            }
            default -> throw new AssertionError(value);
        }
        return strings;
    }

    /** {@return how many values there are in all} */
    static int count(MemorySegment frame) {
        return frame.get(JAVA_INT, COUNT);
    }

    /** {@return whether Lua's stack still holds the values} */
    static boolean isHeld(MemorySegment frame) {
        return frame.get(JAVA_INT, HELD) != 0;
    }

    /** Adds the frame's values to a list. */
    static void read(MemorySegment frame, List<@Nullable Object> values) {
        int written = frame.get(JAVA_INT, WRITTEN);
        for (int i = 0; i < written; i++) {
            values.add(readSlot(frame, HEADER_SIZE + i * SLOT_SIZE));
        }
    }

    private static @Nullable Object readSlot(MemorySegment frame, long slot) {
        long head = frame.get(JAVA_LONG, slot + HEAD);
        long payload = slot + PAYLOAD;
        int tag = (int) (head & ((1 << LuaNative.MP_LENGTH_SHIFT()) - 1));
        // The tags are small and dense, but not constants to the compiler.
        if (tag == LuaNative.MP_TAG_NIL()) {
            return null;
        } else if (tag == LuaNative.MP_TAG_FALSE()) {
            return false;
        } else if (tag == LuaNative.MP_TAG_TRUE()) {
            return true;
        } else if (tag == LuaNative.MP_TAG_INTEGER()) {
            return frame.get(JAVA_LONG, payload);
        } else if (tag == LuaNative.MP_TAG_FLOAT()) {
            return frame.get(JAVA_DOUBLE, payload);
        } else if (tag == LuaNative.MP_TAG_STRING()) {
            return bytes(frame.get(JAVA_LONG, payload), head >>> LuaNative.MP_LENGTH_SHIFT());
        } else {
            return new Opaque(typeName(tag), frame.get(JAVA_LONG, payload));
        }
    }

    private static byte[] bytes(long address, long length) {
        if (length > Integer.MAX_VALUE - 8) {
            throw new OutOfMemoryError("string is too long for a Java array: length=" + length);
        }
        byte[] bytes = new byte[(int) length];
        MemorySegment.copy(ALL, JAVA_BYTE, address, bytes, 0, bytes.length);
        return bytes;
    }

    private static String typeName(int tag) {
        if (tag == LuaNative.MP_TAG_TABLE()) {
            return "table";
        } else if (tag == LuaNative.MP_TAG_FUNCTION()) {
            return "function";
        } else if (tag == LuaNative.MP_TAG_THREAD()) {
            return "thread";
        } else {
            return "userdata";
        }
    }
}
