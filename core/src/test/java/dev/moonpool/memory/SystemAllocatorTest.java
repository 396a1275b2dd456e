package dev.moonpool.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class SystemAllocatorTest extends RegionAllocatorContract {

    SystemAllocatorTest() {
        super(AllocatorKind.SYSTEM);
    }

    private SystemAllocator system() {
        return (SystemAllocator) allocator;
    }

    @Test
    void alignsToSixteenBytes() {
        assertEquals(16, allocator.byteAlignment());
    }

    @Test
    void leavesThePoolAlone() {
        model.fill(100, 20);
        model.verify();
        assertEquals(-1, region.pool().mismatch(MemorySegment.ofArray(new byte[(int) POOL])));
        assertEquals(Long.MAX_VALUE, allocator.statistics().remainingBytes());
        assertEquals(2000, allocator.statistics().usedBytes());
    }

    @Test
    void walkShowsExactlyTheBlocks() {
        model.fill(10, 5);
        model.free(model.blocks().any());
        List<AllocatorModel.Run> expected =
                model.blocks().addresses().stream()
                        .map(address -> new AllocatorModel.Run(address, 10, false))
                        .toList();
        assertEquals(expected, model.runs());
    }

    @Test
    void rejectsASizeThatIsNotTheBlocks() {
        long block = model.allocate(32);
        assertThrows(IllegalArgumentException.class, () -> allocator.free(block, 31));
        assertThrows(IllegalArgumentException.class, () -> allocator.reallocate(block, 16, 64));
        model.verify();
    }

    @Test
    void rejectsABlockThatWasFreed() {
        long block = model.allocate(32);
        model.freeAll();
        assertThrows(IllegalArgumentException.class, () -> allocator.free(block, 32));
        assertThrows(IllegalArgumentException.class, () -> allocator.reallocate(block, 32, 64));
        assertThrows(IllegalArgumentException.class, () -> allocator.segment(block, 0));
        model.verify();
    }

    @Test
    void closeFreesWhatWasLeft() {
        model.fill(100, 200);
        system().close();
        AllocatorStatistics after = allocator.statistics();
        assertEquals(0, after.liveBytes());
        assertEquals(20_000, after.peakBytes());
        assertEquals(List.of(), model.runs());
        allocator.check();
        system().close();
    }

    @Test
    void closeFreesWhatWasLeftInARegionThatIsClosed() {
        model.fill(100, 3);
        region.close();
        system().close();
        assertEquals(List.of(), model.runs());
    }

    @Test
    void closeIsRefusedWhileNativeCodeHoldsTheRegion() {
        model.allocate(16);
        Lease lease = allocator.retain();
        var refusal = assertThrows(IllegalStateException.class, system()::close);
        assertEquals(
                "region is in use, so there can be no close of its allocator: retained=1",
                refusal.getMessage());
        model.verify();
        lease.close();
    }

    @Test
    void isClaimedByManyUntilItIsShared() {
        Lease first = allocator.retain();
        Lease second = allocator.retain();
        Lease third = allocator.retain();
        first.claim();
        second.claim();
        assertThrows(IllegalStateException.class, system()::share);
        second.close();
        system().share();
        assertThrows(IllegalStateException.class, third::claim);
        first.close();
        third.claim();
        third.close();
    }

    @Test
    void aRegionClosedTooEarlyMovesNoBlock() {
        long block = model.allocate(100_000);
        List<AllocatorModel.Run> before = model.runs();
        region.close();
        assertThrows(IllegalStateException.class, () -> allocator.reallocate(block, 100_000, 16));
        assertEquals(before, model.runs());
    }

    @Test
    void servesSeveralThreads() throws InterruptedException, ExecutionException {
        try (var threads = Executors.newFixedThreadPool(4)) {
            List<Future<?>> walks = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                Random random = new Random(thread);
                walks.add(threads.submit(() -> walkAlone(random)));
            }
            for (Future<?> walk : walks) {
                walk.get();
            }
        }
        allocator.check();
        assertEquals(0, allocator.statistics().liveBytes());
        assertNotEquals(0, allocator.statistics().requests());
    }

    /** The counters are everybody's; the blocks are this thread's alone. */
    private void walkAlone(Random random) {
        var mine = new AllocatorModel(allocator, random);
        for (int step = 0; step < 1000; step++) {
            mine.step(100);
            mine.blocks().verify();
        }
        mine.freeAll();
    }
}
