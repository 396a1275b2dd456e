package dev.moonpool.memory.debug;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/**
 * What memory is filled with that holds nothing: the bytes that Microsoft's debug C runtime uses,
 * so that they are known when they turn up in a debugger.
 */
enum FillPattern {
    /** A block that was handed out and not written yet: "clean". */
    FRESH(0xcd),
    /** A block that was given back: "dead". */
    FREED(0xdd),
    /** In front of and behind a block: the "fence". */
    RED_ZONE(0xfd);

    private final byte value;

    FillPattern(int value) {
        this.value = (byte) value;
    }

    void fill(MemorySegment memory) {
        memory.fill(value);
    }

    /** {@return the offset of the first byte that is another, or -1} */
    long firstOther(MemorySegment memory) {
        long last = memory.byteSize() - 1;
        if (last < 0 || memory.get(JAVA_BYTE, 0) != value) {
            return Math.min(0, last);
        }
        // All bytes are as the first one if each is as the one before.
        long same = MemorySegment.mismatch(memory, 0, last, memory, 1, last + 1);
        return same < 0 ? -1 : same + 1;
    }

    /** {@return what is there and what should be} */
    String found(MemorySegment memory, long offset) {
        return "found=0x%02x, expected=0x%02x".formatted(memory.get(JAVA_BYTE, offset), value);
    }
}
