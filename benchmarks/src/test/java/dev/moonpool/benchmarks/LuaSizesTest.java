package dev.moonpool.benchmarks;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.moonpool.memory.BumpAllocator;
import dev.moonpool.memory.Region;
import dev.moonpool.memory.RegionLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class LuaSizesTest {
    private final long[] sizes = LuaSizes.fillingThePool();

    @Test
    void fillThePoolButForAFewBlocks() {
        try (Region region = Region.reserve(RegionLayout.REFERENCE)) {
            BumpAllocator pool = new BumpAllocator(region);
            for (long size : sizes) {
                pool.allocate(size);
            }
            assertEquals(0, pool.statistics().failures());
            assertTrue(pool.remaining() < RegionLayout.REFERENCE.poolByteSize() / 50);
        }
    }

    @Test
    void areAsSmallAsLuasAre() {
        assertEquals(0.87, shareUpTo(64), 0.01);
        assertEquals(1, shareUpTo(1024));
    }

    private double shareUpTo(long byteSize) {
        return (double) Arrays.stream(sizes).filter(size -> size <= byteSize).count()
                / sizes.length;
    }

    @Test
    void areTheSameEachTime() {
        assertArrayEquals(sizes, LuaSizes.fillingThePool());
    }
}
