package dev.moonpool.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is left of a pool where the JVM or the machine comes to an end. */
class PoolErrorsTest {
    /** How many depths of the stack, the deepest first, are tried. */
    private static final int DEPTHS = 300;

    /** Does something once at each of the deepest places of the stack. {@return places left} */
    @SuppressWarnings("InfiniteRecursion") // that is the point
    private static int atTheEndOfTheStack(Runnable task) {
        int left;
        try {
            left = atTheEndOfTheStack(task);
        } catch (StackOverflowError e) {
            return DEPTHS;
        }
        if (left > 0) {
            try {
                task.run();
            } catch (StackOverflowError e) {
                // as was to be expected
            }
        }
        return left - 1;
    }

    @Test
    void aTrimWithoutStackLosesNothing() throws InterruptedException {
        try (Region region = Region.reserve(RegionLayout.REFERENCE)) {
            PoolAllocator pool = new PoolAllocator(region);
            long[] blocks = new long[16];
            for (int i = 0; i < blocks.length; i++) {
                blocks[i] = pool.allocate(20_000);
            }
            for (int i = 0; i < blocks.length; i += 2) {
                pool.free(blocks[i], 20_000);
            }
            Thread thread =
                    new Thread(null, () -> atTheEndOfTheStack(pool::trim), "deep", 256 << 10);
            thread.start();
            thread.join();
            pool.check();
            assertTrue(pool.statistics().consolidations() > 0, "it had stack at some depths");
            assertEquals(8, pool.statistics().blocks());
        }
    }

    /** The block at hand may be lost, no more: above all, no list may end where it did not. */
    @Test
    void requestsWithoutStackLeaveTheListsWhole() throws InterruptedException {
        int failed = 0;
        for (int stack = 128; stack <= 256; stack += 4) {
            try (Region region = Region.reserve(RegionLayout.REFERENCE)) {
                PoolAllocator pool = new PoolAllocator(region);
                Walk walk = new Walk(pool, new Random(stack));
                for (int i = 0; i < 1000; i++) {
                    walk.step();
                }
                Thread thread =
                        new Thread(
                                null, () -> atTheEndOfTheStack(walk), "deep", (long) stack << 10);
                thread.start();
                thread.join();
                failed += walk.failed;
                for (int i = 0; i < 1000; i++) {
                    walk.step();
                }
                pool.trim();
            }
        }
        assertTrue(failed > 0, "the stack never ended");
    }

    /** Requests at random; one that fails leaves its slot without a block. */
    private static final class Walk implements Runnable {
        private final PoolAllocator pool;
        private final Random random;
        private final long[] blocks = new long[100];
        private final long[] sizes = new long[100];
        private int failed;

        Walk(PoolAllocator pool, Random random) {
            this.pool = pool;
            this.random = random;
        }

        void step() {
            int slot = random.nextInt(blocks.length);
            long size = 1L + random.nextInt(random.nextInt(8) == 0 ? 6000 : 100);
            long block = blocks[slot];
            blocks[slot] = 0;
            if (block == 0) {
                block = pool.allocate(size);
            } else if (random.nextBoolean()) {
                block = pool.reallocate(block, sizes[slot], size);
            } else {
                pool.free(block, sizes[slot]);
                return;
            }
            sizes[slot] = size;
            blocks[slot] = block;
        }

        @Override
        public void run() {
            try {
                step();
            } catch (StackOverflowError e) {
                failed++;
                throw e;
            }
        }
    }

    /** Its free lists are looked through with a bit for each 8 bytes: 256 MiB here. */
    @Test
    void aHugeBlockThatNobodyTouchesIsNoMemoryWhenItIsLookedThrough() {
        assumeTrue(VirtualMemory.isMapped(), "without mmap all memory is committed at once");
        long huge = 1L << 34;
        try (Region region = Region.reserve(RegionLayout.REFERENCE.withGrowthByteSize(2 * huge))) {
            PoolAllocator pool = new PoolAllocator(region);
            long block = pool.allocate(huge);
            long small = pool.allocate(64);
            pool.free(pool.allocate(3000), 3000);
            long before = ProcFiles.residentByteSize();
            pool.check();
            assertFewMore(before);
            pool.freeSpace();
            assertFewMore(before);
            pool.trim();
            assertFewMore(before);
            pool.free(block, huge);
            pool.check();
            pool.free(small, 64);
        }
    }

    private static void assertFewMore(long before) {
        long more = ProcFiles.residentByteSize() - before;
        assertTrue(more < 64 << 20, () -> "bytes more: " + more);
    }
}
