package dev.moonpool.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The C twin of {@link PoolAllocator}: same addresses, same state, whoever serves a request. */
class PoolFastPathTest {
    @Test
    void tablesAreThoseOfTheCStruct() {
        Map<String, AbiReport.Extent> ours = new LinkedHashMap<>();
        for (MemoryLayout member : FreeBins.LAYOUT.memberLayouts()) {
            String name = member.name().orElseThrow();
            ours.put(
                    name,
                    new AbiReport.Extent(
                            FreeBins.LAYOUT.byteOffset(PathElement.groupElement(name)),
                            member.byteSize()));
        }
        AbiReport report = AbiReport.read();
        assertEquals(report.fields("mp_bins"), ours);
        assertEquals(
                report.struct("mp_bins"),
                new AbiReport.Extent(FreeBins.LAYOUT.byteSize(), FreeBins.LAYOUT.byteAlignment()));
    }

    @Test
    void constantsAreThoseOfTheCHeader() {
        AbiReport report = AbiReport.read();
        assertEquals(report.constant("MP_TAGS"), BlockAllocator.TAGS);
        assertEquals(report.constant("MP_GRANULE"), FreeBins.GRANULE);
        assertEquals(report.constant("MP_BINS"), FreeBins.BINS);
        assertEquals(report.constant("MP_EXACT_BINS") * FreeBins.GRANULE, FreeBins.MAX_EXACT);
        assertEquals(report.constant("MP_TRIM_SHIFT"), ControlBlock.TRIM_SHIFT);
        assertEquals(report.constant("MP_MIN_TRIM_BELOW"), ControlBlock.MIN_TRIM_BELOW);
        assertEquals(report.constant("MP_TIGHT_SHIFT"), PoolAllocator.TIGHT_SHIFT);
        assertEquals(report.constant("MP_TIGHT_TRIGGER_SHIFT"), PoolAllocator.TIGHT_TRIGGER_SHIFT);
    }

    /** A live block: as an offset, since each pool is somewhere else. */
    private record Block(long offset, long size) {}

    @ParameterizedTest
    @CsvSource({
        "1024, 0, 64, 300",
        "16384, 0, 300, 2000",
        "65536, 0, 3000, 3000",
        "524288, 0, 128, 20000",
        "16384, 1048576, 200, 10000",
        "65536, 67108864, 5000, 10000",
        "65536, 67108864, 100000, 3000"
    })
    void cAndJavaInTurnGiveWhatJavaAloneGives(long poolSize, long growth, int most, int steps) {
        Seeds.each(
                4,
                random -> {
                    try (FastPathPool mixed = new FastPathPool(poolSize, growth);
                            FastPathPool java = new FastPathPool(poolSize, growth)) {
                        walk(mixed, java, random, most, steps);
                    }
                });
    }

    private static void walk(
            FastPathPool mixed, FastPathPool java, Random random, int most, int steps) {
        List<Block> live = new ArrayList<>();
        boolean shrinking = false;
        for (int i = 0; i < steps; i++) {
            FastPathPool.LuaAlloc way = random.nextInt(4) == 0 ? mixed.throughJava : mixed.throughC;
            if (random.nextInt(steps / 8 + 1) == 0) {
                shrinking = !shrinking;
            }
            int choice = random.nextInt(10);
            boolean frees = shrinking ? choice < 7 : choice < 3;
            if (live.isEmpty() || (!frees && choice < 9)) {
                long size = size(random, most);
                long tag = random.nextInt(20);
                long block = both(mixed, way, java, -1, tag, size);
                if (block != 0) {
                    live.add(new Block(block, size));
                }
            } else {
                int index = random.nextInt(live.size());
                Block block = live.get(index);
                long size = frees ? 0 : size(random, most);
                long moved = both(mixed, way, java, block.offset(), block.size(), size);
                if (size == 0) {
                    live.set(index, live.getLast());
                    live.removeLast();
                } else if (moved != 0) {
                    live.set(index, new Block(moved, size));
                }
            }
        }
        // Both look through all bins, so that neither has bits of empty ones left.
        mixed.allocator.check();
        java.allocator.check();
        assertArrayEquals(java.state(), mixed.state());
        for (Block block : live) {
            assertEquals(0, both(mixed, mixed.throughC, java, block.offset(), block.size(), 0));
        }
        mixed.allocator.check();
        assertEquals(0, mixed.allocator.statistics().liveBytes());
        assertEquals(java.allocator.statistics(), mixed.allocator.statistics());
        assertTrue(mixed.asked > 0, "everything went the fast path");
    }

    /** Mostly small, as Lua's. */
    private static long size(Random random, int most) {
        return 1L + random.nextInt(random.nextInt(4) == 0 ? most : Math.min(most, 80));
    }

    /** The same request of both pools; the offset of the block, or 0. */
    private static long both(
            FastPathPool mixed,
            FastPathPool.LuaAlloc way,
            FastPathPool java,
            long offset,
            long oldSize,
            long newSize) {
        long first = way.call(offset < 0 ? 0 : mixed.region.address() + offset, oldSize, newSize);
        long second =
                java.throughJava.call(
                        offset < 0 ? 0 : java.region.address() + offset, oldSize, newSize);
        long block = first == 0 ? 0 : first - mixed.region.address();
        assertEquals(second == 0 ? 0 : second - java.region.address(), block);
        assertEquals(java.allocator.statistics(), mixed.allocator.statistics());
        return block;
    }

    @Test
    void mostRequestsNeedNoJava() {
        try (FastPathPool pool = new FastPathPool(1 << 19, 0)) {
            Random random = new Random(3);
            long[] blocks = new long[2000];
            long[] sizes = new long[blocks.length];
            long requests = 200_000;
            for (int i = 0; i < requests; i++) {
                int slot = random.nextInt(blocks.length);
                if (blocks[slot] != 0) {
                    assertEquals(0, pool.throughC.call(blocks[slot], sizes[slot], 0));
                }
                sizes[slot] = 1L + random.nextInt(120);
                blocks[slot] = pool.throughC.call(0, 5, sizes[slot]);
                assertNotEquals(0, blocks[slot]);
            }
            assertTrue(pool.asked < requests / 100, () -> "asked Java " + pool.asked);
            assertEquals(requests, pool.allocator.statistics().requestsByTag().get(5).count());
        }
    }
}
