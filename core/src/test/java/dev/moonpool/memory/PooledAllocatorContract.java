package dev.moonpool.memory;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every allocator promises besides, whose blocks come from its region's pool. */
abstract class PooledAllocatorContract extends RegionAllocatorContract {

    PooledAllocatorContract(AllocatorKind kind) {
        super(kind);
    }

    @ParameterizedTest
    @ValueSource(longs = {16, 32, 48, 64, 4096})
    void handsOutThePoolToItsLastByte(long poolByteSize) {
        try (var tiny = AllocatorFixture.of(kind, poolByteSize)) {
            assertEquals(0, tiny.allocator().allocate(poolByteSize + 1));
            long block = tiny.allocator().allocate(poolByteSize);
            assertEquals(tiny.region().pool().address(), block);
            assertEquals(0, tiny.allocator().statistics().remainingBytes());
            assertEquals(0, tiny.allocator().allocate(1));
            tiny.allocator().check();
        }
    }

    @Test
    void blocksLieInThePool() {
        model.fill(100, Integer.MAX_VALUE);
        MemorySegment pool = region.pool();
        for (long address : model.blocks().addresses()) {
            assertTrue(address >= pool.address());
        }
        assertTrue(model.blocks().end() <= pool.address() + pool.byteSize());
        model.verify();
    }

    @Test
    void exhaustionIsZeroAndIsCounted() {
        model.fill(48, Integer.MAX_VALUE);
        AllocatorStatistics before = allocator.statistics();
        assertEquals(1, before.failures());
        assertEquals(0, allocator.allocate(48));
        assertEquals(0, allocator.allocate(POOL));
        AllocatorStatistics after = allocator.statistics();
        assertEquals(before.failures() + 2, after.failures());
        assertEquals(before.requests() + 2, after.requests());
        assertEquals(before.liveBytes(), after.liveBytes());
    }

    @Test
    void remainingNeverGoesBelowZero() {
        model.fill(16, Integer.MAX_VALUE);
        assertEquals(0, allocator.statistics().remainingBytes());
        assertEquals(POOL, allocator.statistics().usedBytes());
        model.allocate(1);
        assertEquals(0, allocator.statistics().remainingBytes());
        model.verify();
    }

    /** Also in loops that are compiled, as this one soon is. */
    @Test
    void endsWithAnExceptionWhenAnotherThreadClosesTheRegion() throws InterruptedException {
        try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
            for (int i = 0; i < 100; i++) {
                var doomed = AllocatorFixture.of(kind, 4096);
                Future<?> work = thread.submit(() -> allocateAndFreeForEver(doomed.allocator()));
                Thread.sleep(5);
                doomed.region().close();
                var end = assertThrows(ExecutionException.class, () -> work.get(1, MINUTES));
                assertInstanceOf(IllegalStateException.class, end.getCause());
            }
        }
    }

    private static void allocateAndFreeForEver(BlockAllocator allocator) {
        while (true) {
            long block = allocator.allocate(56);
            if (block != 0) { // that one of BumpAllocator's is, soon
                allocator.free(block, 56);
            }
        }
    }

    @Test
    void failedReallocateLeavesTheBlockIntact() {
        model.fill(100, Integer.MAX_VALUE);
        for (long address : model.blocks().addresses()) {
            for (long byteSize : new long[] {POOL - 99, POOL, POOL + 1, Long.MAX_VALUE - 15}) {
                assertEquals(0, model.reallocate(address, byteSize));
            }
        }
        model.verify();
    }

    @Test
    void shrinksInAFullPool() {
        model.fill(64, Integer.MAX_VALUE);
        for (long address : model.blocks().addresses()) {
            assertNotEquals(0, model.reallocate(address, 17));
            model.verify();
        }
    }

    @Test
    void walkCoversThePoolWithoutAGap() {
        model.fill(100, 10);
        model.free(model.blocks().any());
        List<AllocatorModel.Run> runs = model.runs();
        long end = region.pool().address();
        for (AllocatorModel.Run run : runs) {
            assertEquals(end, run.address());
            end = run.end();
        }
        assertEquals(region.pool().address() + POOL, end);
    }

    @Test
    void segmentsEndWithTheRegion() {
        MemorySegment segment = allocator.segment(model.allocate(16), 16);
        region.close();
        assertThrows(IllegalStateException.class, () -> segment.get(ValueLayout.JAVA_BYTE, 0));
    }
}
