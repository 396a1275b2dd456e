package dev.moonpool.benchmarks;

import static dev.moonpool.memory.RegionLayout.BYTE_ALIGNMENT;

import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;

/**
 * The same requests as in {@link Allocate}, each by itself: JMH calls for one block at a time. Its
 * own share, and that of picking the next size, is in every row, and nothing that an allocator
 * loads or checks can be kept in registers from one block to the next.
 */
@Table(value = "Allocate: one block at a time", baseline = "malloc")
public class AllocateSingly extends NanosPerOperation {
    private final long[] sizes = LuaSizes.fillingThePool();
    private int next;

    private long nextSize() {
        long size = sizes[next];
        next = next + 1 == LuaSizes.COUNT ? 0 : next + 1;
        return size;
    }

    @Benchmark
    @Row("nothing: what JMH and the next size cost")
    public long nothing() {
        return nextSize();
    }

    @Benchmark
    @Row("BumpAllocator, to an address")
    public long bump(Pools pools) {
        if (next == 0) {
            pools.bump.reset();
        }
        return pools.bump.allocate(nextSize());
    }

    @Benchmark
    @Row("JDK slicingAllocator, to a MemorySegment")
    public MemorySegment slicingSegment(Pools pools) {
        if (next == 0) {
            pools.resetSlicing();
        }
        return pools.slicing.allocate(nextSize(), BYTE_ALIGNMENT);
    }

    @Benchmark
    @Row("JDK slicingAllocator, only its address")
    public long slicing(Pools pools) {
        if (next == 0) {
            pools.resetSlicing();
        }
        return pools.slicing.allocate(nextSize(), BYTE_ALIGNMENT).address();
    }

    @Benchmark
    @Row("malloc + free, downcalls")
    public long malloc() {
        long address = Libc.malloc(nextSize());
        Libc.free(address);
        return address;
    }
}
