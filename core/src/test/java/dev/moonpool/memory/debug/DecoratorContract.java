package dev.moonpool.memory.debug;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.moonpool.memory.AllocatorFixture;
import dev.moonpool.memory.AllocatorModel;
import dev.moonpool.memory.BlockAllocator;
import dev.moonpool.memory.BlockAllocatorContract;
import dev.moonpool.memory.Lease;
import dev.moonpool.memory.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What every decorator promises besides. */
abstract class DecoratorContract extends BlockAllocatorContract {

    /** Decorates an allocator so that it refuses nothing. */
    abstract BlockAllocator decorated(BlockAllocator delegate);

    @Test
    void aligningIsUpToTheAllocatorUnderneath() {
        assertEquals(fixture.base().byteAlignment(), allocator.byteAlignment());
    }

    @Test
    void aLeaseKeepsTheRegion() {
        Lease lease = allocator.retain();
        assertThrows(IllegalStateException.class, region::close);
        lease.close();
        region.close();
    }

    @Test
    void aClaimIsOnTheAllocatorUnderneath() {
        try (var pool = AllocatorFixture.pool(1 << 10).with(this::decorated);
                Lease lease = pool.allocator().retain();
                Lease underneath = pool.base().retain()) {
            lease.claim();
            assertThrows(IllegalStateException.class, underneath::claim);
        }
    }

    @Test
    void checkIncludesTheAllocatorUnderneath() {
        CheckedAllocator checked = new CheckedAllocator(fixture.base());
        BlockAllocator outer = decorated(checked);
        outer.allocate(16);
        CheckedAllocator.Block block = checked.liveBlocks().getFirst();
        MemorySegment behind = NativeMemory.at(block.address() + block.byteSize(), 1);
        byte before = behind.get(JAVA_BYTE, 0);
        behind.set(JAVA_BYTE, 0, (byte) 0);
        assertThrows(IllegalStateException.class, outer::check);
        behind.set(JAVA_BYTE, 0, before);
        outer.check();
    }

    @Test
    void aRejectedTagChangesNothing() {
        model.allocate(16);
        for (int tag : new int[] {-1, BlockAllocator.TAGS, Integer.MIN_VALUE}) {
            assertThrows(IllegalArgumentException.class, () -> allocator.allocate(16, tag));
            model.verify();
        }
    }

    @Test
    void countsRequestsByTag() {
        assertNotEquals(0, allocator.allocate(10, 3));
        long block = allocator.allocate(20, 3);
        allocator.free(allocator.reallocate(block, 20, 30), 30);
        var byTag = allocator.statistics().requestsByTag();
        assertEquals(2, byTag.get(3).count());
        assertEquals(30, byTag.get(3).byteSize());
        assertEquals(0, byTag.get(0).count());
    }

    @Test
    void servesSeveralThreadsWhereTheAllocatorUnderneathDoes()
            throws InterruptedException, ExecutionException {
        try (var system = AllocatorFixture.system().with(this::decorated);
                var threads = Executors.newFixedThreadPool(4)) {
            List<Future<?>> walks = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                Random random = new Random(thread);
                walks.add(threads.submit(() -> walkAlone(system.allocator(), random)));
            }
            for (Future<?> walk : walks) {
                walk.get();
            }
            system.allocator().check();
            assertEquals(0, system.allocator().statistics().liveBytes());
        }
    }

    private static void walkAlone(BlockAllocator allocator, Random random) {
        var mine = new AllocatorModel(allocator, random);
        for (int step = 0; step < 1000; step++) {
            mine.step(100);
            mine.blocks().verify();
        }
        mine.freeAll();
    }
}
