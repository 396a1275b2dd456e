package dev.moonpool.memory;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When the address space of closed regions goes back to the system. */
class RegionClosingTest {
    private static final int MANY = 100;

    private static int attempts;

    @BeforeAll
    static void needMappings() {
        assumeTrue(VirtualMemory.isMapped(), "without mmap the arena has the memory");
    }

    /** Whether the address space is neither the system's again, nor another region's to take. */
    private static boolean staysForItself(Region region) {
        SpareReservations.giveBackAll();
        return ProcFiles.isMapped(region.address());
    }

    private static void use(PoolAllocator allocator) {
        allocator.free(allocator.allocate(100), 100);
    }

    private static void handOver(Region region) {
        try (Lease lease = region.retain()) {
            lease.handOver();
        }
    }

    private static void useInAnotherThread(PoolAllocator allocator) throws InterruptedException {
        Thread.ofPlatform().start(() -> use(allocator)).join();
    }

    /** Uses an allocator in a thread that lives on until the action is done. */
    private static void whileAnotherThreadUses(PoolAllocator allocator, Runnable action)
            throws InterruptedException {
        CountDownLatch used = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        Thread user =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    use(allocator);
                                    used.countDown();
                                    awaitUninterruptibly(done);
                                });
        try {
            used.await();
            action.run();
        } finally {
            done.countDown();
            user.join();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void atOnceIfNoOtherThreadUsedTheRegion() {
        Region region = Region.reserve(RegionLayout.REFERENCE);
        use(new PoolAllocator(region));
        region.close();
        assertFalse(staysForItself(region));
    }

    @Test
    void atOnceIfTheThreadThatUsedItHasEnded() throws InterruptedException {
        Region region = Region.reserve(RegionLayout.REFERENCE);
        PoolAllocator allocator = new PoolAllocator(region);
        useInAnotherThread(allocator);
        useInAnotherThread(allocator);
        region.close();
        assertFalse(staysForItself(region));
    }

    @Test
    void atOnceIfItWasHandedOver() throws InterruptedException {
        Region region = Region.reserve(RegionLayout.REFERENCE);
        PoolAllocator allocator = new PoolAllocator(region);
        use(allocator);
        handOver(region);
        useInAnotherThread(allocator);
        region.close();
        assertFalse(staysForItself(region));
    }

    @Test
    void notIfAnotherThreadHandedItOver() throws InterruptedException {
        Region region = Region.reserve(RegionLayout.REFERENCE);
        PoolAllocator allocator = new PoolAllocator(region);
        whileAnotherThreadUses(
                allocator,
                () -> {
                    handOver(region);
                    region.close();
                });
        assertTrue(staysForItself(region));
    }

    @Test
    void notWhileAnotherThreadMayBeInIt() throws InterruptedException {
        Region region = Region.reserve(RegionLayout.REFERENCE);
        whileAnotherThreadUses(new PoolAllocator(region), region::close);
        assertTrue(staysForItself(region));
    }

    @Test
    void notWhileSeveralThreadsMayBeInIt() throws InterruptedException {
        Region region = usedByTwoThreads();
        region.close();
        assertTrue(staysForItself(region));
        assertEquals(0, controlOf(region)); // the memory itself is not kept
    }

    /** The first word of the control block, of a region that is closed. */
    private static long controlOf(Region region) {
        long control = region.address() + region.layout().dataOffset();
        return NativeMemory.at(control, Long.BYTES).get(JAVA_LONG, 0);
    }

    /** As what a thread sees that is at work while another one closes the region. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void leavesNothingThatLeadsOutOfTheRegion(boolean shared) throws InterruptedException {
        for (long seed = 0; seed < 100; seed++) {
            try (Region region = Region.reserve(RegionLayout.REFERENCE)) {
                PoolAllocator allocator = new PoolAllocator(region);
                if (shared) {
                    allocator.share();
                }
                Random random = new Random(seed);
                List<long[]> blocks = new ArrayList<>();
                for (int i = 0; i < 2000; i++) {
                    step(allocator, blocks, random);
                }
                Thread closing = Thread.ofPlatform().start(() -> takePagesAway(region));
                while (closing.isAlive()) {
                    try {
                        step(allocator, blocks, random);
                    } catch (RuntimeException e) {
                        assertNotNull(e.getMessage()); // it found zeroes
                    }
                }
                closing.join();
            }
        }
    }

    /** Again and again, so that it happens in the middle of every operation. */
    private static void takePagesAway(Region region) {
        for (int i = 0; i < 20; i++) {
            VirtualMemory.release(region.segment(), 0, region.layout().reservedByteSize());
            region.releaseScratch();
        }
    }

    private static void step(PoolAllocator allocator, List<long[]> blocks, Random random) {
        if (blocks.isEmpty() || random.nextInt(5) < 3) {
            long byteSize = random.nextInt(10) == 0 ? random.nextInt(50_000) : random.nextInt(200);
            long address = allocator.allocate(byteSize + 1);
            if (address != 0) {
                blocks.add(new long[] {address, byteSize + 1});
                // It is all in the region, or this throws.
                allocator.segment(address, byteSize + 1).fill((byte) 0x55);
            }
        } else {
            long[] block = blocks.remove(random.nextInt(blocks.size()));
            allocator.free(block[0], block[1]);
        }
    }

    /** Does something where an operation of the allocator is on the stack. */
    private static void within(PoolAllocator allocator, Runnable action) {
        boolean[] done = new boolean[1];
        allocator.walk(
                (address, byteSize, free) -> {
                    if (!done[0]) {
                        done[0] = true;
                        action.run();
                    }
                });
        assertTrue(done[0]);
    }

    @Test
    void waitsForAnOperationThatTheClosingIsAPartOf() {
        Region region = Region.reserve(RegionLayout.REFERENCE);
        within(new PoolAllocator(region), region::close);
        assertTrue(staysForItself(region));
        assertEquals(0, controlOf(region));
    }

    @Test
    void waitsForAnOperationThatAnotherOneWasAPartOf() {
        Region region = Region.reserve(RegionLayout.REFERENCE);
        PoolAllocator allocator = new PoolAllocator(region);
        within(
                allocator,
                () -> {
                    use(allocator);
                    region.close();
                });
        assertTrue(staysForItself(region));
    }

    @Test
    void isNotHandedOverWithinAnOperation() {
        Region region = Region.reserve(RegionLayout.REFERENCE);
        PoolAllocator allocator = new PoolAllocator(region);
        within(allocator, () -> leaveToOthersWhoCloseIt(region, allocator));
        assertTrue(staysForItself(region));
    }

    @Test
    void isNotHandedOverWithinAnOperationThatIsCounted() {
        Region region = Region.reserve(RegionLayout.REFERENCE);
        PoolAllocator allocator = new PoolAllocator(region);
        allocator.share();
        handOver(region); // from now on it knows that all are counted
        within(
                allocator,
                () -> {
                    use(allocator);
                    region.user().beginCounted();
                    leaveToOthersWhoCloseIt(region, allocator);
                });
        assertTrue(staysForItself(region));
    }

    @Test
    void isHandedOverBetweenOperationsThatAreCounted() {
        Region region = Region.reserve(RegionLayout.REFERENCE);
        PoolAllocator allocator = new PoolAllocator(region);
        allocator.share();
        use(allocator);
        leaveToOthersWhoCloseIt(region, allocator);
        assertFalse(staysForItself(region));
    }

    private static void leaveToOthersWhoCloseIt(Region region, PoolAllocator allocator) {
        handOver(region);
        othersUseAndCloseIt(region, allocator);
    }

    private static void othersUseAndCloseIt(Region region, PoolAllocator allocator) {
        join(Thread.ofPlatform().start(() -> use(allocator)));
        join(Thread.ofPlatform().start(region::close));
    }

    @Test
    void letsNobodyEnterAnyMore() throws InterruptedException {
        Region region = Region.reserve(RegionLayout.REFERENCE);
        PoolAllocator allocator = new PoolAllocator(region);
        use(allocator);
        Thread.ofPlatform().start(region::close).join();
        assertThrows(IllegalStateException.class, () -> use(allocator));
        region.close();
        assertThrows(IllegalStateException.class, () -> use(allocator));
    }

    @Test
    void changesNothingWhileCHasASegment() throws Throwable {
        Region region = Region.reserve(RegionLayout.REFERENCE);
        PoolAllocator allocator = new PoolAllocator(region);
        use(allocator);
        assertTrue(isRefusedWhileCHasASegment(region));
        use(allocator);
        region.close();
        assertFalse(staysForItself(region));
    }

    @Test
    void changesNothingWhenAnotherThreadTriesWhileCHasASegment() throws Throwable {
        Region region = Region.reserve(RegionLayout.REFERENCE);
        use(new PoolAllocator(region));
        boolean[] refused = new boolean[1];
        ArenaContract.Foreign.duringACall(
                region.io(),
                () -> {
                    Thread other = Thread.ofPlatform().start(() -> refused[0] = isRefused(region));
                    join(other);
                });
        assertTrue(refused[0]);
        region.close();
        assertFalse(staysForItself(region));
    }

    @Test
    void refusesNobodyWhileItIsTriedInVain() throws Throwable {
        Region region = Region.reserve(RegionLayout.REFERENCE);
        PoolAllocator allocator = new PoolAllocator(region);
        FutureTask<Long> work = new FutureTask<>(() -> useUntilInterrupted(allocator));
        Thread worker = Thread.ofPlatform().start(work);
        ArenaContract.Foreign.duringACall(
                region.io(),
                () -> {
                    for (int i = 0; i < 2000 && !work.isDone(); i++) {
                        assertTrue(isRefused(region));
                    }
                });
        worker.interrupt();
        assertTrue(work.get() > 0);
        region.close();
    }

    /** {@return how often} */
    private static long useUntilInterrupted(PoolAllocator allocator) {
        long times = 0;
        while (!Thread.currentThread().isInterrupted()) {
            use(allocator);
            times++;
        }
        return times;
    }

    @Test
    void waitsForAnOperationInWhichItWasRefused() {
        Region region = Region.reserve(RegionLayout.REFERENCE);
        PoolAllocator allocator = new PoolAllocator(region);
        within(
                allocator,
                () -> {
                    assertTrue(isRefusedWhileCHasASegment(region));
                    othersUseAndCloseIt(region, allocator);
                });
        assertTrue(staysForItself(region));
    }

    private static boolean isRefusedWhileCHasASegment(Region region) {
        boolean[] refused = new boolean[1];
        try {
            ArenaContract.Foreign.duringACall(region.io(), () -> refused[0] = isRefused(region));
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
        return refused[0];
    }

    /** Whether closing is refused. Throws nothing: C is below. */
    private static boolean isRefused(Region region) {
        try {
            region.close();
            return false;
        } catch (IllegalStateException e) {
            return true;
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void isCompletedWhenItWasBegunWhereTheStackEnds() throws InterruptedException {
        List<Region> regions = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            regions.add(Region.reserve(RegionLayout.REFERENCE));
        }
        Thread thread = Thread.ofPlatform().start(() -> closeWhereTheStackEnds(regions));
        thread.join();
        for (Region region : regions) {
            region.close();
            assertFalse(region.pool().scope().isAlive());
        }
        long left = regions.stream().filter(region -> staysForItself(region)).count();
        assertTrue(left <= MANY / 2, () -> left + " of " + MANY); // those are kept for others
    }

    @Test
    void leavesGoodMemoryToOthersWhenItWasBegunWhereTheStackEnds() throws InterruptedException {
        for (int round = 0; round < 20; round++) {
            List<Region> regions = new ArrayList<>();
            for (int i = 0; i < MANY; i++) {
                regions.add(Region.reserve(RegionLayout.REFERENCE));
                assertEquals(0, regions.getLast().pool().get(JAVA_LONG, 0));
                regions.getLast().pool().set(JAVA_LONG, 0, i + 1);
            }
            for (int i = 0; i < MANY; i++) {
                assertEquals(i + 1, regions.get(i).pool().get(JAVA_LONG, 0));
            }
            attempts = 0;
            Thread.ofPlatform().start(() -> closeWhereTheStackEnds(regions)).join();
            regions.forEach(Region::close);
        }
    }

    private static void closeWhereTheStackEnds(List<Region> regions) {
        try {
            descend(regions);
        } catch (StackOverflowError e) {
            assertNotNull(e);
        }
    }

    /** Closes one region after the other on the way up. */
    @SuppressWarnings("InfiniteRecursion")
    private static void descend(List<Region> regions) {
        try {
            descend(regions);
        } catch (StackOverflowError e) {
            attempts++;
            if (attempts < regions.size()) {
                regions.get(attempts).close();
            }
            throw e;
        }
    }

    @Test
    void whenAddressSpaceRunsOut() throws InterruptedException {
        RegionLayout large = RegionLayout.REFERENCE.withGrowthByteSize(1L << 44);
        assumeTrue(canReserve(large));
        for (int i = 0; i < 20; i++) { // more than a process can have at a time
            Region region = Region.reserve(large);
            whileAnotherThreadUses(new PoolAllocator(region), region::close);
        }
    }

    private static boolean canReserve(RegionLayout layout) {
        try {
            Region.reserve(layout).close();
            return true;
        } catch (OutOfMemoryError e) {
            return false; // the user or the system has a limit
        }
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
            Region.reserve(RegionLayout.REFERENCE).close(); // which looks for them
        }
        assertTrue(ProcFiles.mappings() <= before + MANY / 2);
    }
}
