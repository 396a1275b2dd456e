package dev.moonpool.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Makes requests of an allocator and keeps the books itself: which blocks are live, what they hold,
 * and what the counters must say.
 */
public final class AllocatorModel {
    private final BlockAllocator allocator;
    private final Random random;
    private final LiveBlocks blocks;
    private long liveBytes;
    private long peakBytes;
    private long requests;
    private long failures;
    private long resized;
    private long shrunk;

    public AllocatorModel(BlockAllocator allocator, Random random) {
        this.allocator = allocator;
        this.random = random;
        blocks = new LiveBlocks(allocator::segment, random);
    }

    public LiveBlocks blocks() {
        return blocks;
    }

    public long liveBytes() {
        return liveBytes;
    }

    /** {@return the new block, or 0} */
    public long allocate(long byteSize) {
        long address = allocator.allocate(byteSize);
        requests++;
        if (address == 0) {
            failures++;
        } else {
            requireAligned(address);
            blocks.add(address, byteSize);
            changeLive(byteSize);
        }
        return address;
    }

    /** {@return where the block is now, or 0 if it stays as it was} */
    public long reallocate(long address, long newByteSize) {
        long oldByteSize = blocks.sizeOf(address);
        long moved = allocator.reallocate(address, oldByteSize, newByteSize);
        boolean grows = newByteSize > oldByteSize;
        requests += grows ? 1 : 0;
        if (moved == 0) {
            assertTrue(grows, "a request for no more than the block has must succeed");
            failures++;
        } else {
            requireAligned(moved);
            blocks.resize(address, moved, newByteSize);
            changeLive(newByteSize - oldByteSize);
            resized += grows ? 1 : 0;
            shrunk += grows ? 0 : 1;
        }
        return moved;
    }

    public void free(long address) {
        int byteSize = blocks.remove(address).length;
        allocator.free(address, byteSize);
        changeLive(-byteSize);
    }

    public void freeAll() {
        blocks.addresses().forEach(this::free);
    }

    /** Allocates until there is nothing left, or there are {@code most} blocks. */
    public void fill(long byteSize, int most) {
        for (int i = 0; i < most && allocate(byteSize) != 0; i++) {
            // the request is all there is to do
        }
    }

    /** One random request. */
    public void step(int maxByteSize) {
        long byteSize = 1L + random.nextInt(maxByteSize);
        int choice = blocks.isEmpty() ? 0 : random.nextInt(10);
        if (choice < 4) {
            allocate(byteSize);
        } else if (choice < 7) {
            reallocate(blocks.any(), byteSize);
        } else {
            free(blocks.any());
        }
    }

    private void changeLive(long change) {
        liveBytes += change;
        peakBytes = Math.max(peakBytes, liveBytes);
    }

    private void requireAligned(long address) {
        assertEquals(0, address % allocator.byteAlignment(), "not aligned");
    }

    /** The allocator's own check, its counters, and the contents of all blocks. */
    public void verify() {
        allocator.check();
        blocks.verify();
        AllocatorStatistics actual = allocator.statistics();
        assertEquals(liveBytes, actual.liveBytes());
        assertEquals(peakBytes, actual.peakBytes());
        assertEquals(blocks.addresses().size(), actual.blocks());
        assertEquals(requests, actual.requests());
        assertEquals(failures, actual.failures());
        assertEquals(resized, actual.grownInPlace() + actual.moved());
        assertEquals(shrunk, actual.shrunk());
        assertTrue(actual.peakUsedBytes() >= actual.usedBytes(), "peak is less than present");
        assertTrue(actual.footprintBytes() >= actual.usedBytes(), "footprint is less than used");
        assertTrue(actual.committedBytes() >= actual.footprintBytes(), "less than the footprint");
        assertTrue(actual.usedBytes() >= liveBytes, "less is used than is live");
        assertTrue(actual.remainingBytes() >= 0, "remaining is negative");
        verifyWalk();
    }

    /** Runs are in order and apart, and each block lies in a used one. */
    private void verifyWalk() {
        List<Run> runs = runs();
        for (int i = 1; i < runs.size(); i++) {
            assertTrue(runs.get(i - 1).end() <= runs.get(i).address(), "runs overlap");
        }
        for (long address : blocks.addresses()) {
            long end = address + blocks.sizeOf(address);
            long covering = runs.stream().filter(run -> run.covers(address, end)).count();
            assertEquals(1, covering, () -> "used runs around block 0x%x".formatted(address));
        }
    }

    /** {@return what {@code walk} shows} */
    public List<Run> runs() {
        List<Run> runs = new ArrayList<>();
        allocator.walk(
                (address, byteSize, free) -> {
                    assertTrue(byteSize > 0, "an empty run");
                    runs.add(new Run(address, byteSize, free));
                });
        return runs;
    }

    /** What a visitor sees. */
    public record Run(long address, long byteSize, boolean free) {
        public long end() {
            return address + byteSize;
        }

        boolean covers(long from, long to) {
            return !free && address <= from && to <= end();
        }
    }
}
