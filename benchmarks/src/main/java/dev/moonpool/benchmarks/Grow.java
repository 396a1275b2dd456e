package dev.moonpool.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.CompilerControl;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

/**
 * A block is doubled by {@code realloc} from 16 bytes to 4 KiB, then freed. An operation is one
 * step. Nothing else is allocated, so whoever can grow a block where it is may do so.
 */
@Table(value = "Grow by realloc: doubled from 16 bytes to 4 KiB, alone", baseline = "realloc")
@CompilerControl(CompilerControl.Mode.DONT_INLINE)
@OperationsPerInvocation(Grow.ROUNDS * Grow.STEPS)
public class Grow extends NanosPerOperation {
    /** How many blocks grow in turn; BumpAllocator's pool has room for {@code ROUNDS} of them. */
    static final int ROUNDS = 50;

    static final int STEPS = 8;
    private long first = 16; // not a constant to the compiler

    @Benchmark
    @Row("BumpAllocator, in place")
    public long bump(Pools pools) {
        pools.bump.reset();
        long block = 0;
        for (int round = 0; round < ROUNDS; round++) {
            long size = first;
            block = pools.bump.allocate(size);
            for (int step = 0; step < STEPS; step++) {
                block = pools.bump.reallocate(block, size, 2 * size);
                size *= 2;
            }
            pools.bump.free(block, size);
        }
        return block;
    }

    @Benchmark
    @Row("realloc, downcall")
    public long realloc() {
        long block = 0;
        for (int round = 0; round < ROUNDS; round++) {
            long size = first;
            block = Libc.malloc(size);
            for (int step = 0; step < STEPS; step++) {
                size *= 2;
                block = Libc.realloc(block, size);
            }
            Libc.free(block);
        }
        return block;
    }

    @Benchmark
    @Row("SystemAllocator")
    public long system(Pools pools) {
        long block = 0;
        for (int round = 0; round < ROUNDS; round++) {
            long size = first;
            block = pools.system.allocate(size);
            for (int step = 0; step < STEPS; step++) {
                block = pools.system.reallocate(block, size, 2 * size);
                size *= 2;
            }
            pools.system.free(block, size);
        }
        return block;
    }
}
