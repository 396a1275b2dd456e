package dev.moonpool.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a {@link PoolAllocator} does when its pool is too small, too large, or limited. */
class PoolGrowthTest {
    private static final long POOL = 4096;
    private static final long GROWTH = 1 << 20;

    private Region region;
    private PoolAllocator allocator;
    private AllocatorModel model;

    @BeforeEach
    void open() {
        open(POOL, GROWTH);
    }

    private void open(long pool, long growth) {
        region = Region.reserve(new RegionLayout(16, 8192, pool, 16, growth));
        allocator = new PoolAllocator(region);
        model = new AllocatorModel(allocator, new Random(1));
    }

    private void reopen(long pool, long growth) {
        region.close();
        open(pool, growth);
    }

    @AfterEach
    void close() {
        region.close();
    }

    private long pool() {
        return region.pool().address();
    }

    private long growth() {
        return region.address() + region.layout().growthOffset();
    }

    @Test
    void goesOnInTheGrowthAreaWhenThePoolIsFull() {
        assertEquals(pool(), model.allocate(POOL));
        assertEquals(growth(), model.allocate(40));
        assertEquals(growth() + 40, model.allocate(10_000));
        model.verify();
        AllocatorStatistics grown = allocator.statistics();
        assertEquals(POOL + 40 + 10_000, grown.footprintBytes());
        assertEquals(POOL + GROWTH, grown.reservedBytes());
        assertEquals(POOL + GROWTH - grown.usedBytes(), grown.remainingBytes());
    }

    @Test
    void usesWhatIsLeftOfThePool() {
        long first = model.allocate(1000);
        assertEquals(growth(), model.allocate(POOL));
        assertEquals(first + 1000, model.allocate(POOL - 1000));
        model.verify();
    }

    @Test
    void returnsToThePoolWhenTheGrowthAreaIsEmpty() {
        model.allocate(POOL - 96);
        long inPool = model.allocate(96);
        List<Long> grown = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            grown.add(model.allocate(1000));
        }
        model.free(inPool);
        grown.forEach(model::free);
        allocator.trim();
        model.verify();
        assertEquals(POOL - 96, allocator.statistics().footprintBytes());
        assertEquals(inPool, model.allocate(90));
        model.verify();
    }

    @Test
    void takesMemoryInStepsAndGivesItBack() {
        long block = model.allocate(500_000);
        long committed = allocator.statistics().committedBytes();
        assertTrue(committed >= 500_000 && committed < 600_000, () -> "" + committed);
        model.free(block);
        allocator.trim();
        model.verify();
        assertTrue(allocator.statistics().committedBytes() <= POOL);
    }

    /** A pool of 64 KiB, all in blocks of 64 bytes. */
    private List<Long> allOfThePool() {
        List<Long> blocks = new ArrayList<>();
        for (int i = 0; i < (1 << 16) / 64; i++) {
            blocks.add(model.allocate(64));
        }
        return blocks;
    }

    /** The pool is just half of the limit, or a little more. */
    @ParameterizedTest
    @CsvSource({"65536, 768", "65520, 512"})
    void mergesBeforeItGrowsOnceMuchWasGivenBack(long growth, int freed) {
        reopen(1 << 16, growth);
        List<Long> blocks = allOfThePool();
        assertEquals(0, allocator.statistics().consolidations());
        blocks.subList(100, 100 + freed).forEach(model::free);
        assertEquals(blocks.get(100), model.allocate(freed * 64L));
        model.verify();
        assertEquals(1, allocator.statistics().consolidations());
        assertEquals(freed - 1, allocator.statistics().mergedBlocks());
        assertEquals(1 << 16, allocator.statistics().footprintBytes());
    }

    @Test
    void growsBeforeItMergesIfLessWasGivenBack() {
        reopen(1 << 16, GROWTH);
        List<Long> blocks = allOfThePool();
        blocks.subList(100, 100 + 767).forEach(model::free);
        model.allocate(767 * 64L);
        model.verify();
        assertEquals(0, allocator.statistics().consolidations());
        assertTrue(allocator.statistics().footprintBytes() > 1 << 16);
    }

    @Test
    void growsWithoutMergingWhileLittleWasGivenBack() {
        reopen(1 << 16, GROWTH);
        List<Long> blocks = allOfThePool();
        blocks.subList(100, 611).forEach(model::free);
        assertEquals(growth(), model.allocate(511 * 64));
        assertEquals(0, allocator.statistics().consolidations());
        model.verify();
    }

    @Test
    void mergesAllListsHoweverShortTheyAre() {
        reopen(1 << 20, 0);
        List<Long> blocks = new ArrayList<>();
        long sum = 0;
        for (int byteSize = 8; byteSize <= 2048; byteSize += 8) {
            blocks.add(model.allocate(byteSize));
            sum += byteSize;
        }
        model.allocate(8); // so that they do not just lower the top
        blocks.forEach(model::free);
        assertEquals(blocks.getFirst(), model.allocate(sum));
        assertEquals(1, allocator.statistics().consolidations());
        model.verify();
    }

    @Test
    void aLargeBlockOfTheRightSizeIsTakenBeforeAnythingIsMerged() {
        reopen(1 << 20, 0);
        long first = model.allocate(100_000);
        model.allocate(8);
        model.free(first);
        assertEquals(first, model.allocate(99_000));
        assertEquals(0, allocator.statistics().consolidations());
        model.verify();
    }

    @Test
    void aLargeBlockAtTheTopGrowsInPlaceUpToTheEnd() {
        model.allocate(POOL);
        long block = model.allocate(16);
        for (long byteSize = 16; byteSize <= GROWTH; byteSize *= 2) {
            assertEquals(block, model.reallocate(block, byteSize));
        }
        assertEquals(0, model.reallocate(block, GROWTH + 1));
        model.verify();
    }

    @ParameterizedTest
    @ValueSource(longs = {8, 100, POOL - 8, POOL, POOL + 8, POOL + 20_000, POOL + GROWTH})
    void limitIsOnTheFootprint(long limit) {
        allocator.limit(limit);
        assertEquals(limit, allocator.limit());
        model.fill(8, Integer.MAX_VALUE);
        model.verify();
        assertEquals(limit & -8, allocator.statistics().footprintBytes());
        assertEquals(limit & 7, allocator.statistics().remainingBytes());
        assertEquals(1, allocator.statistics().failures());
    }

    @Test
    void aHigherLimitLetsItGrowOn() {
        allocator.limit(100);
        assertEquals(0, model.allocate(200));
        allocator.limit(POOL + 100);
        assertEquals(pool(), model.allocate(POOL));
        assertEquals(growth(), model.allocate(96));
        assertEquals(0, model.allocate(8));
        model.verify();
    }

    @ParameterizedTest
    @CsvSource({"-1", "0", "999", "9223372036854775807", "1052673"})
    void refusesALimitThatCannotHold(long limit) {
        model.allocate(1000);
        var refusal = assertThrows(IllegalArgumentException.class, () -> allocator.limit(limit));
        assertEquals(
                "limit is below what is live, or above what is reserved: limit=%d, usedBytes=1000, reservedBytes=%d"
                        .formatted(limit, POOL + GROWTH),
                refusal.getMessage());
        model.verify();
        assertEquals(POOL + GROWTH, allocator.limit());
    }

    @Test
    void aLimitBelowTheFootprintKeepsWhatIsThere() {
        long first = model.allocate(POOL);
        long last = model.allocate(10_000);
        model.free(first);
        allocator.limit(12_000);
        assertEquals(first, model.allocate(64)); // memory that it has already
        assertEquals(0, model.allocate(POOL));
        assertEquals(last, model.reallocate(last, 10));
        model.freeAll();
        allocator.trim();
        model.verify();
        assertEquals(0, allocator.statistics().footprintBytes());
        assertNotEquals(0, model.allocate(POOL));
        assertEquals(growth(), model.allocate(12_000 - POOL));
        assertEquals(0, model.allocate(8));
        model.verify();
    }

    @Test
    void freePagesGoBackToTheSystemByThemselves() {
        assumeTrue(VirtualMemory.isMapped(), "without mmap all memory is committed at once");
        reopen(1 << 16, 64 << 20);
        List<Long> blocks = new ArrayList<>();
        for (int i = 0; i < 64 << 4; i++) {
            blocks.add(allocator.allocate(50_000));
            allocator.segment(blocks.get(i), 50_000).fill((byte) 1);
        }
        long peak = region.residentByteSize();
        assertTrue(peak > 50_000_000, () -> "resident: " + peak);
        long oldest = blocks.removeFirst();
        blocks.forEach(block -> allocator.free(block, 50_000));
        allocator.check();
        long left = region.residentByteSize();
        assertTrue(left < peak / 20, () -> "still resident: " + left);
        assertEquals(
                1, allocator.segment(oldest, 1).get(java.lang.foreign.ValueLayout.JAVA_BYTE, 0));
    }

    @Test
    void pagesStayIfItDoesNotTrimByItself() {
        assumeTrue(VirtualMemory.isMapped(), "without mmap all memory is committed at once");
        reopen(1 << 16, 64 << 20);
        allocator.trimsByItself(false);
        List<Long> blocks = new ArrayList<>();
        for (int i = 0; i < 64 << 4; i++) {
            blocks.add(allocator.allocate(50_000));
            allocator.segment(blocks.get(i), 50_000).fill((byte) 1);
        }
        long peak = region.residentByteSize();
        blocks.forEach(block -> allocator.free(block, 50_000));
        allocator.check();
        assertEquals(0, allocator.statistics().consolidations());
        assertEquals(peak, region.residentByteSize());
        allocator.trimsByItself(true);
        allocator.free(allocator.allocate(8), 8);
        long left = region.residentByteSize();
        assertTrue(left < peak / 20, () -> "still resident: " + left);
    }

    @Test
    void pagesBetweenBlocksGoBack() {
        assumeTrue(VirtualMemory.isMapped(), "without mmap all memory is committed at once");
        reopen(1 << 16, 64 << 20);
        long first = model.allocate(2_000_000);
        model.allocate(64);
        long resident = region.residentByteSize();
        model.free(first);
        allocator.trim();
        long back = resident - region.residentByteSize();
        assertTrue(back > 1_900_000, () -> "bytes given back: " + back);
        model.verify();
        model.allocate(2_000_000);
        model.verify();
    }

    @ParameterizedTest
    @CsvSource({"16, 16", "16, 64", "64, 48", "1024, 1024", "4096, 65536", "65536, 1048576"})
    void survivesRandomWalks(long pool, long growth) {
        Seeds.each(
                12,
                random -> {
                    reopen(pool, growth);
                    model = new AllocatorModel(allocator, random);
                    int most = (int) Math.min(4096, pool + growth);
                    for (int i = 0; i < 400; i++) {
                        int choice = random.nextInt(40);
                        if (choice == 0) {
                            allocator.trim();
                        } else if (choice == 1) {
                            long used = allocator.statistics().usedBytes();
                            allocator.limit(used + random.nextLong(pool + growth - used + 1));
                        } else {
                            model.step(1 + random.nextInt(most));
                        }
                        model.verify();
                    }
                    model.freeAll();
                    model.verify();
                });
    }
}
