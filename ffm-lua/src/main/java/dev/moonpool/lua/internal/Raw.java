package dev.moonpool.lua.internal;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

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

    static void getBytes(long address, byte[] bytes) {
        MemorySegment.copy(ALL, JAVA_BYTE, address, bytes, 0, bytes.length);
    }

    static void setBytes(long address, byte[] bytes) {
        MemorySegment.copy(bytes, 0, ALL, JAVA_BYTE, address, bytes.length);
    }

    /** Writes text whose characters are all below 128, without an array in between. */
    static void setAscii(long address, String text) {
        for (int i = 0; i < text.length(); i++) {
            ALL.set(JAVA_BYTE, address + i, (byte) text.charAt(i));
        }
    }
}
