package dev.moonpool.memory;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** As {@link PoolDamageTest}, where C serves: it leaves to Java what leads to no block. */
class PoolFastPathDamageTest {
    private static final long GROWTH = 1 << 20;

    /** Frees a block of this size that is not at the top, and writes into it. */
    private static void damage(FastPathPool pool, long byteSize, long at, long value) {
        long block = pool.throughC.call(0, 5, byteSize);
        pool.throughC.call(0, 5, 8);
        MemorySegment stale = pool.allocator.segment(block, byteSize);
        pool.throughC.call(block, byteSize, 0);
        stale.set(JAVA_LONG, at, value);
    }

    private static void assertRefused(FastPathPool pool, long byteSize) {
        assertEquals(0, pool.throughC.call(0, 5, byteSize));
        assertEquals(1, pool.heap.rejections());
        assertInstanceOf(IllegalStateException.class, pool.heap.lastRejection());
    }

    private static void assertLinkIsRefused(FastPathPool pool, long link) {
        long other = pool.throughC.call(0, 5, 512); // else, in the end, nothing would be free
        damage(pool, 1024, 0, link);
        pool.throughC.call(other, 512, 0);
        pool.throughC.call(0, 5, 1024); // the block itself is sound
        assertEquals(0, pool.heap.rejections());
        assertRefused(pool, 1024);
    }

    @ParameterizedTest
    @ValueSource(longs = {1L << 45, -8, -1, 1, 16, 8192, Long.MIN_VALUE, Long.MAX_VALUE})
    void aDamagedLinkIsLeftToJava(long link) {
        try (FastPathPool pool = new FastPathPool(65536, 0)) {
            assertLinkIsRefused(pool, link);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1L << 45, -8, 1, 8192, Long.MIN_VALUE})
    void aDamagedLinkOfALargeBlockIsLeftToJava(long link) {
        try (FastPathPool pool = new FastPathPool(65536, 0)) {
            takeLargeBlockWithLink(pool, link);
            assertRefused(pool, 2048);
        }
    }

    @Test
    void zerosInsteadOfALinkAreAnEmptyList() {
        try (FastPathPool pool = new FastPathPool(65536, 0)) {
            takeLargeBlockWithLink(pool, 0);
            assertNotEquals(0, pool.throughC.call(0, 5, 2048));
            assertEquals(0, pool.heap.rejections());
        }
    }

    /** Takes both halves of a block, which is sound: what its link leads to is the next. */
    private static void takeLargeBlockWithLink(FastPathPool pool, long link) {
        long other = pool.throughC.call(0, 5, 512); // else, in the end, nothing would be free
        damage(pool, 4096, 0, link);
        pool.throughC.call(other, 512, 0);
        pool.throughC.call(0, 5, 2048);
        pool.throughC.call(0, 5, 2048);
        assertEquals(0, pool.heap.rejections());
    }

    @Test
    void soIsOneToABlockThatWouldReachBeyondTheEnd() {
        try (FastPathPool pool = new FastPathPool(65536, GROWTH)) {
            pool.throughC.call(0, 5, GROWTH - 4096); // the end is the region's then
            assertLinkIsRefused(pool, pool.region.layout().reservedByteSize() - 8);
        }
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                1L << 45,
                Long.MAX_VALUE - 7,
                -8,
                0,
                8,
                1000,
                2048,
                2049,
                4097,
                5000,
                -(1L << 43) + 2120 // the same bin, were it not for the sign
            })
    void aDamagedSizeIsLeftToJava(long size) {
        try (FastPathPool pool = new FastPathPool(65536, 0)) {
            damage(pool, 4096, Long.BYTES, size);
            byte[] before = pool.state();
            assertRefused(pool, 2048);
            assertArrayEquals(before, pool.state());
        }
    }
}
