package dev.moonpool.memory.debug;

import dev.moonpool.memory.AllocatorStatistics;
import dev.moonpool.memory.BlockAllocator;

/**
 * What came of replaying an {@link AllocationTrace}. Sizes are in bytes, as requested.
 *
 * <p>For the thread that the allocator is for.
 */
public final class Replay {
    private final BlockAllocator allocator;
    private final Runnable afterEach;
    private final long[] addresses; // by id; 0 for those that are not there
    private final long[] sizes;
    private long requests;
    private long failures;
    private long skipped;
    private long liveBytes;
    private long peakBytes;

    Replay(BlockAllocator allocator, int blocks, Runnable afterEach) {
        this.allocator = allocator;
        this.afterEach = afterEach;
        addresses = new long[blocks];
        sizes = new long[blocks];
    }

    AllocationTrace.Visitor visitor() {
        return new Player();
    }

    /** {@return how many requests were made, counted as {@link AllocatorStatistics#requests()}} */
    public long requests() {
        return requests;
    }

    /** {@return how many of them failed} */
    public long failures() {
        return failures;
    }

    /** {@return how many records were left out, as their block was not there} */
    public long skipped() {
        return skipped;
    }

    /** {@return the bytes in blocks that are live now} */
    public long liveBytes() {
        return liveBytes;
    }

    /** {@return the largest {@link #liveBytes()} there was} */
    public long peakBytes() {
        return peakBytes;
    }

    /** Gives the blocks back that are still live. Doing so again does nothing. */
    public void freeAll() {
        for (int block = 0; block < addresses.length; block++) {
            if (addresses[block] != 0) {
                free(block);
            }
        }
    }

    private long allocate(long byteSize, int tag) {
        long address = allocator.allocate(byteSize, tag);
        requests++;
        if (address == 0) {
            failures++;
        } else {
            changeLive(byteSize);
        }
        return address;
    }

    private boolean reallocate(int block, long newByteSize) {
        long moved = allocator.reallocate(addresses[block], sizes[block], newByteSize);
        requests += newByteSize > sizes[block] ? 1 : 0;
        if (moved == 0) {
            failures++;
            return false;
        }
        changeLive(newByteSize - sizes[block]);
        addresses[block] = moved;
        sizes[block] = newByteSize;
        return true;
    }

    private void free(int block) {
        allocator.free(addresses[block], sizes[block]);
        addresses[block] = 0;
        changeLive(-sizes[block]);
    }

    private void changeLive(long change) {
        liveBytes += change;
        peakBytes = Math.max(peakBytes, liveBytes);
    }

    private boolean isThere(int block) {
        skipped += addresses[block] == 0 ? 1 : 0;
        return addresses[block] != 0;
    }

    private final class Player implements AllocationTrace.Visitor {
        @Override
        public void allocate(int block, long byteSize, int tag) {
            addresses[block] = Replay.this.allocate(byteSize, tag);
            sizes[block] = byteSize;
            afterEach.run();
        }

        @Override
        public void reallocate(int block, long oldByteSize, long newByteSize) {
            if (isThere(block)) {
                Replay.this.reallocate(block, newByteSize);
            }
            afterEach.run();
        }

        @Override
        public void free(int block, long byteSize) {
            if (isThere(block)) {
                Replay.this.free(block);
            }
            afterEach.run();
        }

        @Override
        public void failedAllocate(long byteSize, int tag) {
            long address = Replay.this.allocate(byteSize, tag);
            if (address != 0) {
                allocator.free(address, byteSize);
                changeLive(-byteSize);
            }
            afterEach.run();
        }

        @Override
        public void failedReallocate(int block, long oldByteSize, long newByteSize) {
            if (isThere(block)) {
                long size = sizes[block];
                if (Replay.this.reallocate(block, newByteSize)) {
                    Replay.this.reallocate(block, size);
                }
            }
            afterEach.run();
        }
    }
}
