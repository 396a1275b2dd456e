package dev.moonpool.memory;

/** The checks that all allocators make at their public edge. */
final class Blocks {
    private Blocks() {}

    static void requireSize(String name, long byteSize) {
        if (byteSize <= 0) {
            throw new IllegalArgumentException("size is not positive: " + name + "=" + byteSize);
        }
    }

    static void requireTag(int tag) {
        if (tag < 0 || tag >= BlockAllocator.TAGS) {
            throw new IllegalArgumentException(
                    "tag is not from 0 to %d: tag=%d".formatted(BlockAllocator.TAGS - 1, tag));
        }
    }

    /** What every SegmentAllocator requires. */
    static void requireSegment(long byteSize, long byteAlignment) {
        if (byteSize < 0) {
            throw new IllegalArgumentException("size is negative: byteSize=" + byteSize);
        }
        if (byteAlignment <= 0 || (byteAlignment & (byteAlignment - 1)) != 0) {
            throw new IllegalArgumentException(
                    "alignment is no power of two: byteAlignment=" + byteAlignment);
        }
    }

    static OutOfMemoryError outOfMemory(long byteSize, long byteAlignment) {
        return new OutOfMemoryError(
                "allocator does not have the memory: byteSize=%d, byteAlignment=%d"
                        .formatted(byteSize, byteAlignment));
    }

    static IllegalArgumentException notOurs(long address, long byteSize) {
        return new IllegalArgumentException(
                "no block of this allocator: address=0x%x, byteSize=%d"
                        .formatted(address, byteSize));
    }
}
