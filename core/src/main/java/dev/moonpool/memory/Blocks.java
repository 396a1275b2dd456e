package dev.moonpool.memory;

/** The checks that all allocators make at their public edge. */
final class Blocks {
    private Blocks() {}

    static void requireSize(String name, long byteSize) {
        if (byteSize <= 0) {
            throw new IllegalArgumentException("size is not positive: " + name + "=" + byteSize);
        }
    }

    static void checkTop(long top, long pool, long end, long byteAlignment) {
        if (top < pool || top > end || top % byteAlignment != 0) {
            throw new IllegalStateException(
                    "top is not an aligned offset in the pool: top=%d, pool=%d, end=%d"
                            .formatted(top, pool, end));
        }
    }

    static void checkLive(long liveBytes, long usedBytes) {
        if (liveBytes > usedBytes) {
            throw new IllegalStateException(
                    "more is live than was handed out: liveBytes=%d, usedBytes=%d"
                            .formatted(liveBytes, usedBytes));
        }
    }

    static IllegalArgumentException notOurs(long address, long byteSize) {
        return new IllegalArgumentException(
                "no block of this allocator: address=0x%x, byteSize=%d"
                        .formatted(address, byteSize));
    }
}
