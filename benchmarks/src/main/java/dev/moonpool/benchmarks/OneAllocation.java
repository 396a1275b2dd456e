package dev.moonpool.benchmarks;

import java.lang.foreign.Arena;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.infra.Blackhole;

/** An arena for one small segment, as around a call to C. */
@Table(value = "Arena: open, allocate 64 bytes once, close", baseline = "confined")
public class OneAllocation extends NanosPerOperation {
    private static final long BYTE_SIZE = 64;

    @Benchmark
    @Row("BlockArena, opened from an open one")
    public void inner(Views views, Blackhole blackhole) {
        try (Arena arena = views.outer.openArena()) {
            blackhole.consume(arena.allocate(BYTE_SIZE));
        }
    }

    @Benchmark
    @Row("BlockArena, opened on a PoolAllocator")
    public void pool(Views views, Blackhole blackhole) {
        try (Arena arena = views.pool.openArena()) {
            blackhole.consume(arena.allocate(BYTE_SIZE));
        }
    }

    @Benchmark
    @Row("JDK Arena.ofConfined")
    public void confined(Blackhole blackhole) {
        try (Arena arena = Arena.ofConfined()) {
            blackhole.consume(arena.allocate(BYTE_SIZE));
        }
    }
}
