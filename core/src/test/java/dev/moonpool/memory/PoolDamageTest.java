package dev.moonpool.memory;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever writes into blocks that he gave back, or frees twice, gets an exception in the end. */
class PoolDamageTest {
    private final Region region = Region.reserve(RegionLayout.REFERENCE);
    private final PoolAllocator allocator = new PoolAllocator(region);

    @AfterEach
    void close() {
        region.close();
    }

    /** A free block of this size, not at the top, to write into. */
    private MemorySegment freeBlock(long byteSize) {
        long block = allocator.allocate(byteSize);
        allocator.allocate(8);
        MemorySegment stale = allocator.segment(block, byteSize);
        allocator.free(block, byteSize);
        return stale;
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                1L << 45,
                -8,
                1,
                1 << 10,
                0x160000,
                0x170001,
                0x170004,
                0x1EFFF8,
                0x1F0000,
                0xFFFFFFF0L,
                Long.MIN_VALUE
            })
    void aDamagedLinkIsFound(long link) {
        MemorySegment stale = freeBlock(1024);
        stale.set(JAVA_LONG, 0, link);
        assertThrows(IllegalStateException.class, allocator::trim);
        assertThrows(IllegalStateException.class, allocator::check);
        allocator.allocate(1024); // the block itself is sound
        assertThrows(IllegalStateException.class, () -> allocator.allocate(1024));
    }

    @Test
    void zerosInsteadOfALinkAreFound() {
        long other = allocator.allocate(512); // else, in the end, nothing would be free
        MemorySegment stale = freeBlock(1024);
        allocator.free(other, 512);
        stale.fill((byte) 0);
        assertThrows(IllegalStateException.class, allocator::trim);
        assertThrows(IllegalStateException.class, allocator::check);
    }

    @Test
    void zerosInsteadOfALinkHideNoLargerBlock() {
        long large = allocator.allocate(4096);
        MemorySegment stale = freeBlock(1024);
        allocator.free(large, 4096);
        stale.set(JAVA_LONG, 0, 0);
        allocator.allocate(1024);
        assertEquals(large, allocator.allocate(600));
    }

    @Test
    void zerosAreFoundWithinAListThatIsLookedThrough() {
        allocator.allocate(100_000); // little is free beside that: no merging is due
        long large = allocator.allocate(4500);
        long small = allocator.allocate(4100);
        allocator.allocate(8);
        MemorySegment stale = allocator.segment(small, 4100);
        allocator.free(large, 4500);
        allocator.free(small, 4100); // the same list, and now the first in it
        stale.set(JAVA_LONG, 0, 0);
        assertThrows(IllegalStateException.class, () -> allocator.allocate(4400));
    }

    @ParameterizedTest
    @ValueSource(longs = {1L << 45, Long.MAX_VALUE - 7, -8, 0, 8, 4097, 1 << 20})
    void aDamagedSizeIsFound(long size) {
        MemorySegment stale = freeBlock(4096);
        stale.set(JAVA_LONG, Long.BYTES, size);
        assertThrows(IllegalStateException.class, allocator::trim);
        assertThrows(IllegalStateException.class, allocator::check);
        assertThrows(IllegalStateException.class, () -> allocator.allocate(3000));
    }

    @ParameterizedTest
    @ValueSource(longs = {64, 4096})
    void aDoubleFreeIsFoundWhenBlocksAreMerged(long byteSize) {
        long block = allocator.allocate(byteSize);
        allocator.allocate(8);
        allocator.free(block, byteSize);
        allocator.free(block, byteSize);
        long before = ProcFiles.mappings();
        for (int i = 0; i < 100; i++) {
            assertThrows(IllegalStateException.class, allocator::trim);
        }
        assertTrue(ProcFiles.mappings() < before + 50, "each attempt leaves a mapping");
    }
}
