package dev.moonpool.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.CompilerControl;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

/** Each operation allocates a block of {@value #SIZE} bytes and frees it again. */
@Table(value = "Allocate and free: one size", baseline = "malloc")
@CompilerControl(CompilerControl.Mode.DONT_INLINE)
@OperationsPerInvocation(ReplaceOne.COUNT)
public class ReplaceOne extends NanosPerOperation {
    static final int COUNT = 1000;
    static final long SIZE = 56; // a table of Lua's

    @Benchmark
    @Row("PoolAllocator")
    public long pool(Pools pools) {
        long sum = 0;
        for (int i = 0; i < COUNT; i++) {
            long block = pools.pool.allocate(SIZE);
            sum += block;
            pools.pool.free(block, SIZE);
        }
        return sum;
    }

    @Benchmark
    @Row("malloc + free, downcalls")
    public long malloc() {
        long sum = 0;
        for (int i = 0; i < COUNT; i++) {
            long block = Libc.malloc(SIZE);
            sum += block;
            Libc.free(block);
        }
        return sum;
    }
}
