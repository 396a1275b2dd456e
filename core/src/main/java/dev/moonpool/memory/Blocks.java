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

    static IllegalArgumentException notOurs(long address, long byteSize) {
        return new IllegalArgumentException(
                "no block of this allocator: address=0x%x, byteSize=%d"
                        .formatted(address, byteSize));
    }
}
