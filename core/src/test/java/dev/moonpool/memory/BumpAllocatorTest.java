package dev.moonpool.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BumpAllocatorTest extends PooledAllocatorContract {

    BumpAllocatorTest() {
        super(AllocatorKind.BUMP);
    }

    private BumpAllocator bump() {
        return (BumpAllocator) allocator;
    }

    private long pool() {
        return region.pool().address();
    }

    @Test
    void alignsToSixteenBytes() {
        assertEquals(16, allocator.byteAlignment());
    }

    @Test
    void blocksFollowEachOtherRoundedUpToSixteenBytes() {
        assertEquals(pool(), model.allocate(1));
        assertEquals(pool() + 16, model.allocate(16));
        assertEquals(pool() + 32, model.allocate(17));
        assertEquals(pool() + 64, model.allocate(1));
        assertEquals(80, bump().used());
        assertEquals(POOL - 80, bump().remaining());
        assertEquals(80, allocator.statistics().usedBytes());
        assertEquals(POOL - 80, allocator.statistics().remainingBytes());
    }

    @Test
    void freeGivesNothingBack() {
        model.allocate(100);
        model.freeAll();
        assertEquals(112, bump().used());
        assertEquals(pool() + 112, model.allocate(1));
    }

    @Test
    void growsTheLastBlockWhereItIs() {
        model.allocate(16);
        long last = model.allocate(16);
        assertEquals(last, model.reallocate(last, POOL - 16));
        assertEquals(0, bump().remaining());
        model.verify();
    }

    @Test
    void growsWithinTheRoundingWhereItIs() {
        long block = model.allocate(17);
        model.allocate(16);
        assertEquals(block, model.reallocate(block, 32));
        assertEquals(48, bump().used());
        assertNotEquals(block, model.reallocate(block, 33));
        model.verify();
    }

    @Test
    void shrinksWhereItIsAndKeepsTheRoom() {
        long block = model.allocate(64);
        assertEquals(block, model.reallocate(block, 1));
        assertEquals(64, bump().used());
    }

    @Test
    void movingCopiesNoMoreThanTheOldBlockHolds() {
        long block = allocator.allocate(16);
        allocator.segment(block, 16).fill((byte) 1);
        allocator.segment(allocator.allocate(64), 64).fill((byte) 2);
        long moved = allocator.reallocate(block, 16, 64);
        byte[] expected = new byte[64];
        Arrays.fill(expected, 0, 16, (byte) 1);
        assertArrayEquals(expected, allocator.segment(moved, 64).toArray(JAVA_BYTE));
    }

    @Test
    void aMovingBlockCountsOnceInThePeak() {
        long block = model.allocate(100);
        model.allocate(1);
        model.reallocate(block, 200);
        assertEquals(201, allocator.statistics().peakBytes());
    }

    @Test
    void walkShowsOneUsedAndOneFreeRun() {
        assertEquals(List.of(new AllocatorModel.Run(pool(), POOL, true)), model.runs());
        model.allocate(40);
        model.allocate(40);
        assertEquals(
                List.of(
                        new AllocatorModel.Run(pool(), 96, false),
                        new AllocatorModel.Run(pool() + 96, POOL - 96, true)),
                model.runs());
        model.fill(16, Integer.MAX_VALUE);
        assertEquals(List.of(new AllocatorModel.Run(pool(), POOL, false)), model.runs());
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 48, 1024})
    void failsIfAndOnlyIfTheRoundedSizeIsMoreThanRemains(int poolByteSize) {
        Seeds.each(
                50,
                random -> {
                    try (var fixture = AllocatorFixture.of(kind, poolByteSize)) {
                        BumpAllocator filled = (BumpAllocator) fixture.allocator();
                        Seeds.steps(30, () -> requireFailureIsDue(filled, random));
                    }
                });
    }

    private static void requireFailureIsDue(BumpAllocator filled, Random random) {
        long byteSize = 1L + random.nextInt(100);
        long before = filled.remaining();
        boolean failed = filled.allocate(byteSize) == 0;
        long rounded = (byteSize + 15) / 16 * 16;
        assertEquals(rounded > before, failed, () -> "byteSize=" + byteSize);
        assertEquals(failed ? before : before - rounded, filled.remaining());
    }

    @Test
    void resetMakesTheWholePoolAvailable() {
        model.fill(100, Integer.MAX_VALUE);
        AllocatorStatistics before = allocator.statistics();
        bump().reset();
        AllocatorStatistics after = allocator.statistics();
        assertEquals(0, after.liveBytes());
        assertEquals(0, after.usedBytes());
        assertEquals(0, after.blocks());
        assertEquals(before.peakBytes(), after.peakBytes());
        assertEquals(POOL, after.remainingBytes());
        assertEquals(before.requests(), after.requests());
        assertEquals(before.failures(), after.failures());
        allocator.check();
        assertEquals(pool(), allocator.allocate(POOL));
    }

    @Test
    void resetIsRefusedWhileNativeCodeHoldsTheRegion() {
        model.allocate(16);
        Lease lease = allocator.retain();
        var refusal = assertThrows(IllegalStateException.class, bump()::reset);
        assertEquals(
                "region is in use, so there can be no reset: retained=1", refusal.getMessage());
        model.verify();
        lease.close();
        bump().reset();
        assertEquals(0, bump().used());
    }

    @Test
    void resetLeavesNoTraceOfOverAlignedPayloadsInAHeap() {
        CHeap heap = new CHeap(allocator);
        long stale = heap.alignedAlloc(64, 8);
        bump().reset();
        long payload;
        do {
            payload = heap.malloc(0);
        } while (payload < stale);
        assertEquals(stale, payload);
        heap.free(stale);
        assertThrows(IllegalArgumentException.class, () -> heap.free(stale));
        allocator.check();
    }

    @Test
    void checkNamesATopThatIsNotInThePool() {
        long start = region.layout().poolOffset();
        long end = region.layout().ioOffset();
        for (long top : new long[] {start - 16, end + 16, start + 8, Long.MIN_VALUE, -1}) {
            damage("top", top, "top is not an aligned offset in the pool");
        }
        allocator.check();
    }
}
