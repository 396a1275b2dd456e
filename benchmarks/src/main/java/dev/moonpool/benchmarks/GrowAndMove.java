package dev.moonpool.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.CompilerControl;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

/**
 * As {@link Grow}, but before each step another block of 16 bytes is allocated. BumpAllocator puts
 * it right behind the one that grows, which must move then, contents and all. An operation is one
 * step: the neighbour and the {@code realloc}, with their share of the frees at the end.
 */
@Table(
        value = "Grow by realloc: the same, with a new neighbour before each step",
        baseline = "realloc")
@CompilerControl(CompilerControl.Mode.DONT_INLINE)
@OperationsPerInvocation(Grow.ROUNDS * Grow.STEPS)
public class GrowAndMove extends NanosPerOperation {
    private final long[] neighbours = new long[Grow.STEPS];
    private long first = 16; // not a constant to the compiler

    @Benchmark
    @Row("BumpAllocator, moved")
    public long bump(Pools pools) {
        pools.bump.reset();
        long block = 0;
        for (int round = 0; round < Grow.ROUNDS; round++) {
            long size = first;
            block = pools.bump.allocate(size);
            for (int step = 0; step < Grow.STEPS; step++) {
                neighbours[step] = pools.bump.allocate(first);
                block = pools.bump.reallocate(block, size, 2 * size);
                size *= 2;
            }
            pools.bump.free(block, size);
            for (long neighbour : neighbours) {
                pools.bump.free(neighbour, first);
            }
        }
        return block;
    }

    @Benchmark
    @Row("realloc, downcalls")
    public long realloc() {
        long block = 0;
        for (int round = 0; round < Grow.ROUNDS; round++) {
            long size = first;
            block = Libc.malloc(size);
            for (int step = 0; step < Grow.STEPS; step++) {
                neighbours[step] = Libc.malloc(first);
                size *= 2;
                block = Libc.realloc(block, size);
            }
            Libc.free(block);
            for (long neighbour : neighbours) {
                Libc.free(neighbour);
            }
        }
        return block;
    }

    @Benchmark
    @Row("SystemAllocator")
    public long system(Pools pools) {
        long block = 0;
        for (int round = 0; round < Grow.ROUNDS; round++) {
            long size = first;
            block = pools.system.allocate(size);
            for (int step = 0; step < Grow.STEPS; step++) {
                neighbours[step] = pools.system.allocate(first);
                block = pools.system.reallocate(block, size, 2 * size);
                size *= 2;
            }
            pools.system.free(block, size);
            for (long neighbour : neighbours) {
                pools.system.free(neighbour, first);
            }
        }
        return block;
    }
}
