package dev.moonpool.memory;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** When the address space of closed regions goes back to the system. */
class RegionClosingTest {
    private static final int MANY = 100;

    @BeforeAll
    static void needMappings() {
        assumeTrue(VirtualMemory.isMapped(), "without mmap the arena has the memory");
    }

    private static void use(PoolAllocator allocator) {
        allocator.free(allocator.allocate(100), 100);
    }

    private static void useInAnotherThread(PoolAllocator allocator) throws InterruptedException {
        Thread.ofPlatform().start(() -> use(allocator)).join();
    }

    @Test
    void atOnceIfOneThreadUsedTheRegion() throws InterruptedException {
        Region region = Region.reserve(RegionLayout.REFERENCE);
        useInAnotherThread(new PoolAllocator(region));
        region.close();
        assertFalse(ProcFiles.isMapped(region.address()));
    }

    @Test
    void atOnceIfThreadsUsedItUnderOneLease() throws InterruptedException {
        Region region = Region.reserve(RegionLayout.REFERENCE);
        PoolAllocator allocator = new PoolAllocator(region);
        try (Lease _ = region.retain()) {
            use(allocator);
            useInAnotherThread(allocator);
        }
        region.close();
        assertFalse(ProcFiles.isMapped(region.address()));
    }

    @Test
    void notWhileSeveralThreadsMayBeInIt() throws InterruptedException {
        Region region = usedByTwoThreads();
        region.close();
        assertTrue(ProcFiles.isMapped(region.address()));
        // The memory itself is not kept, the control block included.
        long control = region.address() + region.layout().dataOffset();
        assertEquals(0, NativeMemory.at(control, Long.BYTES).get(JAVA_LONG, 0));
    }

    private static Region usedByTwoThreads() throws InterruptedException {
        Region region = Region.reserve(RegionLayout.REFERENCE);
        PoolAllocator allocator = new PoolAllocator(region);
        use(allocator);
        useInAnotherThread(allocator);
        return region;
    }

    @Test
    void afterAllWhenItIsUnreachable() throws InterruptedException {
        long before = ProcFiles.mappings();
        for (int i = 0; i < MANY; i++) {
            usedByTwoThreads().close();
        }
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (ProcFiles.mappings() > before + MANY / 2 && System.nanoTime() < deadline) {
            System.gc();
            Thread.sleep(10);
        }
        assertTrue(ProcFiles.mappings() <= before + MANY / 2);
    }
}
