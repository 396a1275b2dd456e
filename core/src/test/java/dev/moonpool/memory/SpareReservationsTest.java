package dev.moonpool.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a closed region leaves to the next. */
class SpareReservationsTest {
    private static final RegionLayout LAYOUT = RegionLayout.REFERENCE.withGrowthByteSize(256 << 20);
    private static final int MIB = 1 << 20;

    private final List<Region> open = new ArrayList<>();

    @BeforeEach
    void begin() {
        assumeTrue(VirtualMemory.isZeroOnceReleased(), "elsewhere nothing is kept");
        assumeTrue(!VirtualMemory.isScarce(), "nothing is kept where address space is limited");
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
        long growth = region.layout().growthOffset();
        long size = Math.min(region.layout().growthByteSize(), 3 * SpareReservations.MAX_KEPT);
        for (MemorySegment part :
                List.of(
                        region.code(),
                        region.data().asSlice(ControlBlock.BYTE_SIZE),
                        region.pool(),
                        region.io(),
                        region.segment().asSlice(size > 0 ? growth : 0, size))) {
            MemorySegment zeros = MemorySegment.ofArray(new byte[(int) part.byteSize()]);
            assertEquals(-1, part.mismatch(zeros));
        }
    }

    /** Allocates until nothing is left; no byte of it is zero then. */
    private static void fillAll(PoolAllocator allocator) {
        for (long byteSize = 1 << 16; byteSize >= 8; byteSize /= 2) {
            long block = allocator.allocate(byteSize);
            while (block != 0) {
                allocator.segment(block, byteSize).fill((byte) 1);
                block = allocator.allocate(byteSize);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "16, 0",
        "4096, 0",
        "5000000, 0",
        "17825808, 0",
        "40000000, 0",
        "16, 16",
        "16, 2048",
        "65536, 4112",
        "65536, 16777216",
        "65536, 20973568",
        "1048592, 16777232"
    })
    void isZeroWhateverTheSizes(long pool, long growth) {
        RegionLayout layout = new RegionLayout(16, 8192, pool, 16, growth);
        List<Region> neighbours = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            neighbours.add(Region.reserve(layout));
            fillAll(new PoolAllocator(neighbours.get(i)));
            neighbours.get(i).io().fill((byte) 1);
            neighbours.get(i).code().fill((byte) 1);
        }
        Region first = neighbours.remove(2);
        first.close();
        try (Region second = Region.reserve(layout)) {
            assertEquals(first.address(), second.address());
            assertZero(second);
            for (Region neighbour : neighbours) {
                MemorySegment io = neighbour.io();
                assertEquals(1, neighbour.code().get(JAVA_BYTE, 0));
                assertEquals(1, io.get(JAVA_BYTE, io.byteSize() - 1));
                assertEquals(ControlBlock.MAGIC, neighbour.data().get(JAVA_LONG, 0));
            }
        }
        neighbours.forEach(Region::close);
    }

    @ParameterizedTest
    @ValueSource(longs = {64, 4096, 8200, 100_000, 20 << 20})
    void isZeroWhereALimitWasRaised(long growth) {
        RegionLayout layout = new RegionLayout(16, 8192, 16, 16, 64 << 20);
        Region first = Region.reserve(layout);
        PoolAllocator allocator = new PoolAllocator(first);
        for (long limit = 16 + growth; limit < 2 * growth + 20_000; limit += growth / 8 + 4000) {
            allocator.limit(limit);
            fillAll(allocator);
        }
        first.close();
        try (Region second = Region.reserve(layout)) {
            assertEquals(first.address(), second.address());
            assertZero(second);
        }
    }

    @Test
    void aDamagedLinkLeadsToNoMemoryThatIsNotCleared() {
        Region first = reserve();
        PoolAllocator allocator = new PoolAllocator(first);
        fill(allocator, 2);
        long small = allocator.allocate(64);
        allocator.allocate(64);
        allocator.free(small, 64);
        MemorySegment freed = NativeMemory.at(small, 64);
        freed.set(JAVA_LONG, 0, first.layout().growthOffset() + (8 << 20));
        assertEquals(small, allocator.allocate(64));
        assertThrows(IllegalStateException.class, () -> allocator.allocate(64));
        first.close();
        assertZero(reserve());
    }

    @Test
    void oneThatWasKeptHasNothingLeftToGiveBack() {
        Reservation first = SpareReservations.reserve(1 << 16, 4096);
        SpareReservations.keepOrGiveBack(first, 1 << 16);
        SpareReservations.keepOrGiveBack(first, 1 << 16);
        Reservation second = SpareReservations.reserve(1 << 16, 4096);
        Reservation third = SpareReservations.reserve(1 << 16, 4096);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = second.memory(arena);
            assertEquals(first.memory(arena).address(), memory.address());
            assertNotEquals(third.memory(arena).address(), memory.address());
            memory.set(JAVA_LONG, 0, 1);
            SpareReservations.keepOrGiveBack(first, 1 << 16);
            first.releasePages();
            first.giveBack();
            assertThrows(IllegalStateException.class, first::passOn);
            assertEquals(1, memory.get(JAVA_LONG, 0));
        }
        second.giveBack();
        third.giveBack();
    }

    @Test
    void whatIsNotUsedGoesBackWithATrim() {
        RegionLayout layout = LAYOUT.withPoolByteSize(8 << 20);
        Region first = Region.reserve(layout);
        fill(new PoolAllocator(first), 12);
        first.close();
        try (Region second = Region.reserve(layout)) {
            assertEquals(first.address(), second.address());
            PoolAllocator allocator = new PoolAllocator(second);
            allocator.allocate(100);
            assertTrue(second.residentByteSize() > 12 << 20);
            allocator.trim();
            assertTrue(second.residentByteSize() < MIB);
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
        Region first = filled(12);
        first.close();
        Region second = filled(3);
        second.close();
        Region third = reserve();
        assertEquals(first.address(), second.address());
        assertEquals(first.address(), third.address());
        assertZero(third);
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
