package dev.moonpool.benchmarks;

import static dev.moonpool.memory.RegionLayout.BYTE_ALIGNMENT;

import java.lang.foreign.Arena;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

/**
 * A batch: the pool of 512 KiB is filled with blocks of {@link LuaSizes}, the addresses are kept in
 * an array, then all blocks are given back. An operation is one block of the batch.
 */
@Table(value = "Batch: fill 512 KiB, then release all, for each block", baseline = "malloc")
@OperationsPerInvocation(LuaSizes.COUNT)
public class FillAndRelease extends NanosPerOperation {
    private final long[] sizes = LuaSizes.fillingThePool();
    private final long[] blocks = new long[LuaSizes.COUNT];

    @Benchmark
    @Row("BumpAllocator + reset")
    public long[] bump(Pools pools) {
        for (int i = 0; i < LuaSizes.COUNT; i++) {
            blocks[i] = pools.bump.allocate(sizes[i]);
        }
        pools.bump.reset();
        return blocks;
    }

    @Benchmark
    @Row("JDK slicingAllocator, dropped")
    public long[] slicing(Pools pools) {
        pools.resetSlicing();
        for (int i = 0; i < LuaSizes.COUNT; i++) {
            blocks[i] = pools.slicing.allocate(sizes[i], BYTE_ALIGNMENT).address();
        }
        return blocks;
    }

    @Benchmark
    @Row("malloc all, free all, downcalls")
    public long[] malloc() {
        for (int i = 0; i < LuaSizes.COUNT; i++) {
            blocks[i] = Libc.malloc(sizes[i]);
        }
        for (long block : blocks) {
            Libc.free(block);
        }
        return blocks;
    }

    @Benchmark
    @Row("JDK Arena.ofConfined, one for all")
    public long[] confined() {
        try (Arena arena = Arena.ofConfined()) {
            for (int i = 0; i < LuaSizes.COUNT; i++) {
                blocks[i] = arena.allocate(sizes[i], BYTE_ALIGNMENT).address();
            }
        }
        return blocks;
    }
}
