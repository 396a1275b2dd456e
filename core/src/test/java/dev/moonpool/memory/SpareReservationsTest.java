package dev.moonpool.memory;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a closed region leaves to the next. */
class SpareReservationsTest {
    private static final RegionLayout LAYOUT = RegionLayout.REFERENCE.withGrowthByteSize(256 << 20);
    private static final int MIB = 1 << 20;

    private final List<Region> open = new ArrayList<>();

    @BeforeEach
    void begin() {
        assumeTrue(VirtualMemory.isZeroOnceReleased(), "elsewhere nothing is kept");
        SpareReservations.giveBackAll();
    }

    @AfterEach
    void end() {
        open.forEach(Region::close);
        SpareReservations.giveBackAll();
    }

    private Region reserve() {
        open.add(Region.reserve(LAYOUT));
        return open.getLast();
    }

    /** A region whose pool allocator has so many blocks of a MiB, none of them zero. */
    private Region filled(int mebibytes) {
        Region region = reserve();
        fill(new PoolAllocator(region), mebibytes);
        return region;
    }

    private static void fill(PoolAllocator allocator, int mebibytes) {
        for (int i = 0; i < mebibytes; i++) {
            allocator.segment(allocator.allocate(MIB), MIB).fill((byte) 1);
        }
    }

    private static void assertZero(Region region) {
        for (MemorySegment part :
                List.of(
                        region.code(),
                        region.data().asSlice(ControlBlock.BYTE_SIZE),
                        region.pool(),
                        region.io(),
                        region.segment()
                                .asSlice(
                                        region.layout().growthOffset(),
                                        2 * SpareReservations.MAX_KEPT))) {
            MemorySegment zeros = MemorySegment.ofArray(new byte[(int) part.byteSize()]);
            assertEquals(-1, part.mismatch(zeros));
        }
    }

    @Test
    void theNextRegionHasTheMemoryAndItIsZero() {
        Region first = filled(8);
        first.code().fill((byte) 1);
        first.dataToWrite().asSlice(ControlBlock.BYTE_SIZE).fill((byte) 1);
        first.pool().fill((byte) 1);
        first.io().fill((byte) 1);
        first.close();
        Region second = reserve();
        assertEquals(first.address(), second.address());
        assertTrue(second.residentByteSize() > 8 * MIB);
        assertZero(second);
    }

    @Test
    void blocksInMemoryOfBeforeAreWritableAndZeroForTheThirdRegion() {
        filled(12).close();
        filled(3).close();
        assertZero(reserve());
    }

    @Test
    void anotherSizeIsOtherMemory() {
        Region first = filled(1);
        first.close();
        try (Region other = Region.reserve(LAYOUT.withGrowthByteSize(MIB))) {
            assertNotEquals(first.address(), other.address());
        }
        assertEquals(first.address(), reserve().address());
    }

    @Test
    void whatLiesFarBehindGoesBack() {
        filled(40).close();
        Region second = reserve();
        assertTrue(second.residentByteSize() <= SpareReservations.MAX_KEPT);
        assertZero(second);
    }

    @Test
    void onlySoMuchStays() {
        for (int i = 0; i < 5; i++) {
            filled(12);
        }
        open.forEach(Region::close);
        assertEquals(2, mapped(open));
    }

    @Test
    void whatIsTakenCountsUntilItIsGivenBack() {
        Region large = filled(12);
        List<Region> others = List.of(filled(12), filled(12));
        large.close();
        Region small = reserve();
        assertEquals(large.address(), small.address());
        others.forEach(Region::close);
        assertEquals(1, mapped(others));
        new PoolAllocator(small).trim();
        assertTrue(small.residentByteSize() < MIB);
        Region third = filled(12);
        SpareReservations.giveBackAll();
        Region fourth = filled(12);
        third.close();
        fourth.close();
        assertEquals(2, mapped(List.of(third, fourth)));
    }

    @Test
    void onlySoManyStay() {
        for (int i = 0; i < SpareReservations.MAX_SPARES + 5; i++) {
            reserve();
        }
        open.forEach(Region::close);
        assertEquals(SpareReservations.MAX_SPARES, mapped(open));
    }

    private static long mapped(List<Region> regions) {
        return regions.stream().filter(region -> ProcFiles.isMapped(region.address())).count();
    }

    @Test
    void closingAgainDoesNotTouchTheNextRegion() {
        Region first = filled(1);
        first.close();
        Region second = filled(1);
        assertEquals(first.address(), second.address());
        long control = second.data().get(JAVA_LONG, 0);
        first.close();
        assertEquals(control, second.data().get(JAVA_LONG, 0));
        assertNotEquals(first.address(), reserve().address());
    }

    @Test
    void noTwoOpenRegionsShareMemory() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<?>> walks = new ArrayList<>();
            for (long seed = 0; seed < 4; seed++) {
                Random random = new Random(seed);
                walks.add(threads.submit((Callable<?>) () -> openAndClose(random)));
            }
            for (Future<?> walk : walks) {
                walk.get();
            }
        }
    }

    /** Regions of three sizes; each has its own mark in several places as long as it is open. */
    private static boolean openAndClose(Random random) {
        List<PoolAllocator> allocators = new ArrayList<>();
        List<long[]> marks = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            if (allocators.isEmpty() || (random.nextInt(3) > 0 && allocators.size() < 5)) {
                Region region =
                        Region.reserve(
                                RegionLayout.REFERENCE.withGrowthByteSize(
                                        (16L + random.nextInt(3)) * MIB));
                assertEquals(0, region.io().get(JAVA_LONG, 0));
                PoolAllocator allocator = new PoolAllocator(region);
                long mark = random.nextLong() | 1;
                long byteSize = 8 + 8L * random.nextInt(random.nextBoolean() ? 10 : MIB / 4);
                long block = allocator.allocate(byteSize);
                MemorySegment memory = allocator.segment(block, byteSize);
                for (long at = 0; at < byteSize; at += 512) {
                    assertEquals(0, memory.get(JAVA_LONG, at));
                    memory.set(JAVA_LONG, at, mark);
                }
                region.io().set(JAVA_LONG, 0, mark);
                allocators.add(allocator);
                marks.add(new long[] {mark, block, byteSize});
            } else {
                int which = random.nextInt(allocators.size());
                PoolAllocator allocator = allocators.remove(which);
                long[] mark = marks.remove(which);
                MemorySegment memory = allocator.segment(mark[1], mark[2]);
                for (long at = 0; at < mark[2]; at += 512) {
                    assertEquals(mark[0], memory.get(JAVA_LONG, at));
                }
                assertEquals(mark[0], allocator.region().io().get(JAVA_LONG, 0));
                allocator.check();
                allocator.region().close();
            }
        }
        allocators.forEach(allocator -> allocator.region().close());
        return true;
    }
}
