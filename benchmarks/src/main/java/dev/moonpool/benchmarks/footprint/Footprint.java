package dev.moonpool.benchmarks.footprint;

import dev.moonpool.memory.AllocatorStatistics;
import dev.moonpool.memory.BlockAllocator;
import dev.moonpool.memory.BumpAllocator;
import dev.moonpool.memory.PoolAllocator;
import dev.moonpool.memory.Region;
import dev.moonpool.memory.RegionLayout;
import dev.moonpool.memory.debug.AllocationTrace;
import dev.moonpool.memory.debug.Replay;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * What allocators take at most for the requests of one trace. Sizes are in bytes.
 *
 * @param requests requests for a block, or for a larger one
 * @param peakBytes the most that was live at once, as requested
 * @param pool the pool allocator's largest footprint: the memory that blocks lie in, with the free
 *     blocks between them
 * @param committed the most that the pool allocator had taken from its reservation
 * @param consolidations how often the pool allocator merged its free blocks
 * @param bump the bump allocator's footprint in the end: all that was ever asked for
 * @param libc the most that glibc's malloc had taken from the system; empty where there is none
 */
record Footprint(
        long requests,
        long peakBytes,
        long pool,
        long committed,
        long consolidations,
        long bump,
        OptionalLong libc) {

    /** Replays a trace on each allocator, in memory of its own. */
    static Footprint of(Path file) throws IOException, InterruptedException {
        AllocationTrace trace = AllocationTrace.read(file);
        Peaks pool;
        try (Region region = Region.reserveUpTo(RegionLayout.REFERENCE)) {
            pool = Peaks.of(trace, new PoolAllocator(region));
        }
        Peaks bump;
        try (Region region = Region.reserve(holdingAll(trace))) {
            bump = Peaks.of(trace, new BumpAllocator(region));
        }
        return new Footprint(
                pool.last.requests(),
                pool.last.peakBytes(),
                pool.footprint,
                pool.committed,
                pool.last.consolidations(),
                bump.footprint,
                LibcReplay.footprintOf(file));
    }

    /** {@return how many times the peak of live bytes so many are} */
    double ratio(long byteSize) {
        return (double) byteSize / peakBytes;
    }

    /** A layout whose pool holds all blocks of a trace side by side. */
    private static RegionLayout holdingAll(AllocationTrace trace) {
        AllRequests all = new AllRequests();
        trace.forEach(all);
        return RegionLayout.REFERENCE
                .withGrowthByteSize(0)
                .withPoolByteSize(Math.max(RegionLayout.BYTE_ALIGNMENT, all.byteSize));
    }

    /** The most that an allocator shows during a replay. */
    private static final class Peaks {
        private final BlockAllocator allocator;
        private AllocatorStatistics last;
        private long footprint;
        private long committed;

        private Peaks(BlockAllocator allocator) {
            this.allocator = allocator;
            last = allocator.statistics();
        }

        static Peaks of(AllocationTrace trace, BlockAllocator allocator) {
            Peaks peaks = new Peaks(allocator);
            Replay replay = trace.replay(allocator, peaks::look);
            if (replay.failures() != 0) {
                throw new IllegalStateException(
                        "allocator failed where the recorded one did not: failures=%d, requests=%d"
                                .formatted(replay.failures(), replay.requests()));
            }
            allocator.check();
            return peaks;
        }

        private void look() {
            last = allocator.statistics();
            footprint = Math.max(footprint, last.footprintBytes());
            committed = Math.max(committed, last.committedBytes());
        }
    }

    /** The sum of all sizes as a bump allocator rounds them, which never reuses any. */
    private static final class AllRequests implements AllocationTrace.Visitor {
        private long byteSize;

        @Override
        public void allocate(int block, long byteSize, int tag) {
            add(byteSize);
        }

        @Override
        public void reallocate(int block, long oldByteSize, long newByteSize) {
            if (newByteSize > oldByteSize) {
                add(newByteSize);
            }
        }

        @Override
        public void free(int block, long byteSize) {
            // a bump allocator gets nothing back
        }

        @Override
        public void failedAllocate(long byteSize, int tag) {
            add(byteSize);
        }

        @Override
        public void failedReallocate(int block, long oldByteSize, long newByteSize) {
            add(newByteSize);
        }

        private void add(long size) {
            byteSize += (size + RegionLayout.BYTE_ALIGNMENT - 1) & -RegionLayout.BYTE_ALIGNMENT;
        }
    }
}
