package dev.moonpool.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegionTest {
    private final Region region = Region.reserve(RegionLayout.REFERENCE);

    @AfterEach
    void close() {
        region.close();
    }

    private List<MemorySegment> parts() {
        return List.of(region.code(), region.data(), region.pool(), region.io());
    }

    @Test
    void partsFillTheRegionInOrder() {
        long end = region.address();
        for (MemorySegment part : parts()) {
            assertEquals(end, part.address());
            end += part.byteSize();
        }
        assertEquals(region.address() + region.layout().byteSize(), end);
        assertEquals(region.layout().reservedByteSize(), region.segment().byteSize());
    }

    @Test
    void partsHaveTheSizesOfTheLayout() {
        RegionLayout layout = region.layout();
        assertEquals(
                List.of(
                        layout.codeByteSize(),
                        layout.dataByteSize(),
                        layout.poolByteSize(),
                        layout.ioByteSize()),
                parts().stream().map(MemorySegment::byteSize).toList());
    }

    @Test
    void isAlignedForAnyType() {
        assertEquals(0, region.address() % 4096);
    }

    @Test
    void isZeroAtFirstButForTheControlBlock() {
        long head = ControlBlock.BYTE_SIZE;
        MemorySegment rest = region.data().asSlice(head);
        for (MemorySegment part : List.of(region.code(), rest, region.pool(), region.io())) {
            MemorySegment zeros = MemorySegment.ofArray(new byte[(int) part.byteSize()]);
            assertEquals(-1, part.mismatch(zeros));
        }
    }

    @Test
    void isWritableFromItsFirstByteToItsLast() {
        long lastOfParts = region.layout().byteSize() - 1;
        long last = region.layout().reservedByteSize() - 1;
        region.segment().set(JAVA_BYTE, 0, (byte) 1);
        region.segment().set(JAVA_BYTE, lastOfParts, (byte) 2);
        region.usedUpTo(last + 1);
        region.segment().set(JAVA_BYTE, last, (byte) 3);
        assertEquals(1, region.code().get(JAVA_BYTE, 0));
        assertEquals(2, region.io().get(JAVA_BYTE, region.layout().ioByteSize() - 1));
        assertThrows(
                IndexOutOfBoundsException.class, () -> region.segment().get(JAVA_BYTE, last + 1));
    }

    @Test
    void residentIsWhatWasTouched() {
        assumeTrue(VirtualMemory.isMapped(), "without mmap all memory is committed at once");
        SpareReservations.giveBackAll(); // what a spare has would be there already
        Region fresh = Region.reserve(RegionLayout.REFERENCE);
        long before = fresh.residentByteSize();
        assertTrue(before < 1 << 20, () -> "resident at first: " + before);
        long growth = fresh.layout().growthOffset();
        fresh.segment().asSlice(growth, 1 << 20).fill((byte) 1);
        assertTrue(fresh.residentByteSize() - before >= 1 << 20);
        assertTrue(VirtualMemory.release(fresh.segment(), growth, growth + (1 << 20)) > 0);
        assertEquals(before, fresh.residentByteSize());
        fresh.close();
        assertThrows(IllegalStateException.class, fresh::residentByteSize);
    }

    @Test
    void reservesLessGrowthWhereTheSystemHasLess() {
        assumeTrue(VirtualMemory.isMapped(), "without mmap a reservation takes real memory");
        RegionLayout half =
                RegionLayout.REFERENCE.withGrowthByteSize(RegionLayout.MAX_BYTE_SIZE / 2);
        List<Region> regions = new ArrayList<>();
        try {
            // A 64-bit process cannot address five quarters.
            for (int i = 0; i < 5; i++) {
                regions.add(Region.reserveUpTo(half));
            }
            long last = regions.getLast().layout().growthByteSize();
            assertTrue(last < half.growthByteSize() && last > 0, () -> "growth: " + last);
        } finally {
            regions.forEach(Region::close);
        }
    }

    @Test
    void closingTwiceDoesNothing() {
        region.close();
        assertDoesNotThrow(region::close);
    }

    @Test
    void dataPartCannotBeWritten() {
        MemorySegment data = region.data();
        assertThrows(IllegalArgumentException.class, () -> data.set(JAVA_LONG, 0, 1));
    }

    @Test
    void segmentsTakenBeforeTheCloseAreRefusedAfterIt() {
        List<MemorySegment> before = new ArrayList<>(parts());
        before.add(region.segment());
        MemorySegment code = region.code();
        MemorySegment pool = region.pool();
        MemorySegment io = region.io();
        region.close();
        for (MemorySegment part : before) {
            assertThrows(IllegalStateException.class, () -> part.get(JAVA_LONG, 0));
        }
        for (MemorySegment part : List.of(code, pool, io)) {
            assertThrows(IllegalStateException.class, () -> part.set(JAVA_LONG, 0, 1));
        }
        assertThrows(IllegalStateException.class, () -> region.pool().fill((byte) 0));
    }

    @Test
    void sizesAndAddressAreKnownAfterTheClose() {
        long address = region.address();
        region.close();
        assertEquals(address, region.address());
        assertEquals(RegionLayout.REFERENCE, region.layout());
    }

    @Test
    void isNotClosedWhileItIsRetained() {
        Lease first = region.retain();
        Lease second = region.retain();
        var refusal = assertThrows(IllegalStateException.class, region::close);
        assertEquals(
                "region is in use, so there can be no close: retained=2", refusal.getMessage());
        first.close();
        assertThrows(IllegalStateException.class, region::close);
        second.close();
        assertEquals(0, region.pool().get(JAVA_LONG, 0));
        region.close();
        assertThrows(IllegalStateException.class, () -> region.pool().get(JAVA_LONG, 0));
    }

    @Test
    void aLeaseCountsOnceHoweverOftenItIsClosed() {
        Lease mine = region.retain();
        Lease others = region.retain();
        others.close();
        others.close();
        assertThrows(IllegalStateException.class, region::close);
        mine.close();
        region.close();
        mine.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"BUMP", "POOL"})
    void isClaimedByOneLeaseAtATime(AllocatorKind kind) {
        BlockAllocator allocator =
                kind == AllocatorKind.BUMP ? new BumpAllocator(region) : new PoolAllocator(region);
        Lease first = allocator.retain();
        Lease second = allocator.retain();
        first.claim();
        first.claim(); // counts once
        var refusal = assertThrows(IllegalStateException.class, second::claim);
        assertEquals(
                "allocator is in use already, and serves one at a time: claims=1",
                refusal.getMessage());
        first.close();
        first.close();
        second.claim();
        var late = assertThrows(IllegalStateException.class, first::claim);
        assertEquals("lease is closed", late.getMessage());
        second.close();
        region.close();
    }

    @Test
    void isRetainedByOthersWhileItIsClaimed() {
        BlockAllocator allocator = new PoolAllocator(region);
        try (Lease claimed = allocator.retain()) {
            claimed.claim();
            try (BlockArena arena = allocator.openArena()) {
                assertEquals(0, arena.allocate(JAVA_LONG).get(JAVA_LONG, 0));
            }
        }
    }

    @Test
    void isNotRetainedAfterTheClose() {
        region.close();
        var refusal = assertThrows(IllegalStateException.class, region::retain);
        assertEquals("region is closed", refusal.getMessage());
    }

    @Test
    void countsTheRetainsOfAllThreads() throws InterruptedException, ExecutionException {
        Lease mine = region.retain();
        inThreads(
                4,
                () -> {
                    for (int i = 0; i < 1000; i++) {
                        try (Lease _ = region.retain()) {
                            assertThrows(IllegalStateException.class, region::close);
                        }
                    }
                    return true;
                });
        mine.close();
        region.close();
    }

    @Test
    void closesOnceWhenSeveralThreadsCloseIt() throws InterruptedException, ExecutionException {
        inThreads(
                4,
                () -> {
                    region.close();
                    return true;
                });
        assertThrows(IllegalStateException.class, region::retain);
    }

    @Test
    void takesOneAllocatorOfSeveralThreads() throws InterruptedException, ExecutionException {
        List<Region> contested =
                Stream.generate(() -> AllocatorFixture.regionOf(16)).limit(2000).toList();
        AtomicInteger arrivals = new AtomicInteger();
        List<Long> claimed = inThreads(2, () -> claimInStep(contested, arrivals));
        assertEquals(2000, claimed.stream().mapToLong(Long::longValue).sum());
        contested.forEach(Region::close);
    }

    /** Two threads come to each region at the same moment. {@return how many this one got} */
    private static long claimInStep(List<Region> contested, AtomicInteger arrivals) {
        long claimed = 0;
        for (int i = 0; i < contested.size(); i++) {
            arrivals.incrementAndGet();
            while (arrivals.get() < 2 * (i + 1)) {
                Thread.onSpinWait();
            }
            claimed += isClaimed(contested.get(i)) ? 1 : 0;
        }
        return claimed;
    }

    private static boolean isClaimed(Region contested) {
        try {
            contested.claim(AllocatorKind.BUMP);
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    private static <T> List<T> inThreads(int count, Callable<T> task)
            throws InterruptedException, ExecutionException {
        try (ExecutorService threads = Executors.newFixedThreadPool(count)) {
            List<T> results = new ArrayList<>();
            for (Future<T> future : threads.invokeAll(Collections.nCopies(count, task))) {
                results.add(future.get());
            }
            return results;
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {8L << 30, 1L << 40})
    void aLargePoolCostsWhatIsTouched(long poolByteSize) {
        assumeTrue(VirtualMemory.isMapped(), "without mmap all memory is committed at once");
        long before = ProcFiles.residentByteSize();
        try (Region large = Region.reserve(RegionLayout.REFERENCE.withPoolByteSize(poolByteSize))) {
            large.pool().set(JAVA_LONG, 0, 1);
            large.pool().set(JAVA_LONG, poolByteSize - 8, 2);
            assertEquals(1, large.pool().get(JAVA_LONG, 0));
            assertEquals(2, large.pool().get(JAVA_LONG, poolByteSize - 8));
            long grown = ProcFiles.residentByteSize() - before;
            assertTrue(grown < 256 << 20, () -> "resident bytes more than before: " + grown);
        }
    }

    @Test
    void anImpossibleReservationSaysHowLargeItWas() {
        assumeTrue(VirtualMemory.isMapped(), "without mmap a reservation takes real memory");
        RegionLayout half =
                new RegionLayout(
                        16,
                        ControlBlock.BYTE_SIZE,
                        RegionLayout.MAX_BYTE_SIZE - ControlBlock.BYTE_SIZE - 32,
                        16);
        List<Region> regions = new ArrayList<>();
        try {
            var refusal =
                    assertThrows(
                            OutOfMemoryError.class,
                            () -> {
                                // A 64-bit process cannot address three halves.
                                for (int i = 0; i < 3; i++) {
                                    regions.add(Region.reserve(half));
                                }
                            });
            assertEquals(
                    "cannot reserve address space: byteSize=70368744177664, errno=12",
                    refusal.getMessage());
        } finally {
            regions.forEach(Region::close);
        }
        assertEquals(0, region.pool().get(JAVA_LONG, 0));
    }

    @ParameterizedTest
    @ValueSource(longs = {16, 1 << 20, (1 << 20) + 16})
    void aGuardPageFollows(long poolByteSize) {
        try (Region guarded = AllocatorFixture.regionOf(poolByteSize)) {
            long last = guarded.address() + guarded.layout().byteSize() - 1;
            assertEquals("---p", ProcFiles.permissionsBehind(last));
        }
    }

    @Test
    void givesItsAddressSpaceBack() {
        assumeTrue(VirtualMemory.isMapped(), "without mmap a reservation takes real memory");
        RegionLayout quarter = RegionLayout.REFERENCE.withPoolByteSize(1L << 45);
        for (int i = 0; i < 20; i++) {
            Region.reserve(quarter).close(); // four at a time would be too many
        }
    }
}
