package dev.moonpool.memory;

/**
 * Where a payload that is aligned beyond its allocator lies in its block, in one positive number,
 * as an {@link AddressTable} holds it.
 *
 * <pre>
 *     lead: bytes from the block's start | log2 of the alignment, 8 bits
 * </pre>
 */
final class Placement {
    private Placement() {}

    /** {@return the number; not 0, as the alignment is more than 1} */
    static long of(long lead, long alignment) {
        return (lead << Byte.SIZE) | Long.numberOfTrailingZeros(alignment);
    }

    static long lead(long placement) {
        return placement >>> Byte.SIZE;
    }

    static long alignment(long placement) {
        return 1L << (placement & 0xff);
    }

    /** {@return how many bytes more a block takes for its payload to be aligned so} */
    static long paddingFor(long byteAlignment, BlockAllocator allocator) {
        return Math.max(0, byteAlignment - allocator.byteAlignment());
    }
}
