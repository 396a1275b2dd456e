package dev.moonpool.memory;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * Loads and stores by address, as C does them: no bounds, no liveness. The hot paths of the
 * allocators are made of these, since a region's own segment costs them several times as much.
 *
 * <p>Whoever calls has made sure that the address lies in the region, and is between {@link
 * RegionAllocator#enter()} and {@link RegionAllocator#exit}, which keep the region's address space
 * where it is.
 */
final class OffHeap {
    /** All memory, so that an address is an offset. */
    @SuppressWarnings("restricted") // see above
    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    /** No address of a process has more bits; what the compiler knows it need not check. */
    private static final long ADDRESS_BITS = Long.MAX_VALUE >> 1;

    private OffHeap() {}

    static long get(long address) {
        return ALL.get(JAVA_LONG_UNALIGNED, address & ADDRESS_BITS);
    }

    static void set(long address, long value) {
        ALL.set(JAVA_LONG_UNALIGNED, address & ADDRESS_BITS, value);
    }

    /** Copies bytes between ranges that do not overlap. */
    static void copy(long from, long to, long byteSize) {
        MemorySegment.copy(ALL, from, ALL, to, byteSize);
    }

    static void clear(long address, long byteSize) {
        ALL.asSlice(address, byteSize).fill((byte) 0);
    }
}
