package dev.moonpool.benchmarks;

import java.lang.foreign.Arena;
import java.lang.foreign.SegmentAllocator;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.infra.Blackhole;

/** An arena for some small segments. An operation is all of it. */
@Table(
        value = "Arena: open, allocate 64 bytes " + SixteenAllocations.COUNT + " times, close",
        baseline = "confined")
public class SixteenAllocations extends NanosPerOperation {
    static final int COUNT = 16;

    private static final long BYTE_SIZE = 64;

    private static void allocate(SegmentAllocator allocator, Blackhole blackhole) {
        for (int i = 0; i < COUNT; i++) {
            blackhole.consume(allocator.allocate(BYTE_SIZE));
        }
    }

    @Benchmark
    @Row("BlockArena, opened from an open one")
    public void inner(Views views, Blackhole blackhole) {
        try (Arena arena = views.outer.openArena()) {
            allocate(arena, blackhole);
        }
    }

    @Benchmark
    @Row("BlockArena, opened on a PoolAllocator")
    public void pool(Views views, Blackhole blackhole) {
        try (Arena arena = views.pool.openArena()) {
            allocate(arena, blackhole);
        }
    }

    @Benchmark
    @Row("JDK Arena.ofConfined")
    public void confined(Blackhole blackhole) {
        try (Arena arena = Arena.ofConfined()) {
            allocate(arena, blackhole);
        }
    }

    @Benchmark
    @Row("JDK Arena.ofConfined with a slicingAllocator")
    public void slicing(Blackhole blackhole) {
        try (Arena arena = Arena.ofConfined()) {
            allocate(
                    SegmentAllocator.slicingAllocator(arena.allocate(COUNT * BYTE_SIZE)),
                    blackhole);
        }
    }
}
