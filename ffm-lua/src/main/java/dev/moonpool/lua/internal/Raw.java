package dev.moonpool.lua.internal;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Memory by address: frames, and strings where Lua keeps them. Who calls this has made sure that
 * the memory is there: the state is open, and it is the caller's turn to use it.
 *
 * <p>A segment over all memory is a constant to the compiler, so that an access is a plain load or
 * store; a region's own segment would check its bounds and its life every time.
 */
final class Raw {
    @SuppressWarnings("restricted")
    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED;

    private static final VarHandle LONG_IN_BYTES =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

    /** Up to here a loop is faster than a copy, which calls a routine for all sizes. */
    private static final int SHORT = 256;

    private Raw() {}

    static int getInt(long address) {
        return ALL.get(INT, address);
    }

    static void setInt(long address, int value) {
        ALL.set(INT, address, value);
    }

    static long getLong(long address) {
        return ALL.get(LONG, address);
    }

    static void setLong(long address, long value) {
        ALL.set(LONG, address, value);
    }

    static double getDouble(long address) {
        return ALL.get(DOUBLE, address);
    }

    static void setDouble(long address, double value) {
        ALL.set(DOUBLE, address, value);
    }

    static void getLongs(long address, long[] target, int count) {
        MemorySegment.copy(ALL, LONG, address, target, 0, count);
    }

    /** Reads so many bytes into the beginning of an array. */
    static void getBytes(long address, byte[] bytes, int length) {
        if (length > SHORT) {
            MemorySegment.copy(ALL, JAVA_BYTE, address, bytes, 0, length);
            return;
        }
        int last = length - Long.BYTES;
        if (last < 0) {
            for (int i = 0; i < length; i++) {
                bytes[i] = ALL.get(JAVA_BYTE, address + i);
            }
            return;
        }
        for (int i = 0; i < last; i += Long.BYTES) {
            LONG_IN_BYTES.set(bytes, i, getLong(address + i));
        }
        LONG_IN_BYTES.set(bytes, last, getLong(address + last)); // overlaps the one before
    }

    /** Writes all bytes of an array. */
    static void setBytes(long address, byte[] bytes) {
        int length = bytes.length;
        if (length > SHORT) {
            MemorySegment.copy(bytes, 0, ALL, JAVA_BYTE, address, length);
            return;
        }
        int last = length - Long.BYTES;
        if (last < 0) {
            for (int i = 0; i < length; i++) {
                ALL.set(JAVA_BYTE, address + i, bytes[i]);
            }
            return;
        }
        for (int i = 0; i < last; i += Long.BYTES) {
            setLong(address + i, (long) LONG_IN_BYTES.get(bytes, i));
        }
        setLong(address + last, (long) LONG_IN_BYTES.get(bytes, last)); // overlaps the one before
    }

    /** Writes text whose characters are all below 128, without an array in between. */
    static void setAscii(long address, String text) {
        for (int i = 0; i < text.length(); i++) {
            ALL.set(JAVA_BYTE, address + i, (byte) text.charAt(i));
        }
    }
}
