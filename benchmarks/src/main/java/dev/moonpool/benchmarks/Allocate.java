package dev.moonpool.benchmarks;

import static dev.moonpool.memory.RegionLayout.BYTE_ALIGNMENT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.infra.Blackhole;

/**
 * Blocks of {@link LuaSizes}, one after the other, as a loop that builds something asks for them.
 *
 * <p>Memory must come back, and each row does for that what its kind of allocator does: the
 * sequential ones fill their pool and start again, the others free each block at once.
 *
 * <p>The rows end at an address, but for the two that make a {@link MemorySegment}. The slicing
 * allocator always makes one; where nobody keeps it, the compiler may leave it out.
 */
@Table(value = "Allocate: blocks of Lua's sizes, in a loop", baseline = "malloc")
@OperationsPerInvocation(LuaSizes.COUNT)
public class Allocate extends NanosPerOperation {
    private final long[] sizes = LuaSizes.fillingThePool();

    @Benchmark
    @Row("BumpAllocator, to an address")
    public void bump(Pools pools, Blackhole blackhole) {
        pools.bump.reset();
        for (long size : sizes) {
            blackhole.consume(pools.bump.allocate(size));
        }
    }

    @Benchmark
    @Row("BumpAllocator, to a MemorySegment")
    public void bumpSegment(Pools pools, Blackhole blackhole) {
        pools.bump.reset();
        for (long size : sizes) {
            blackhole.consume(pools.bump.segment(pools.bump.allocate(size), size));
        }
    }

    @Benchmark
    @Row("JDK slicingAllocator, to a MemorySegment")
    public void slicingSegment(Pools pools, Blackhole blackhole) {
        pools.resetSlicing();
        for (long size : sizes) {
            blackhole.consume(pools.slicing.allocate(size, BYTE_ALIGNMENT));
        }
    }

    @Benchmark
    @Row("JDK slicingAllocator, only its address")
    public void slicing(Pools pools, Blackhole blackhole) {
        pools.resetSlicing();
        for (long size : sizes) {
            blackhole.consume(pools.slicing.allocate(size, BYTE_ALIGNMENT).address());
        }
    }

    @Benchmark
    @Row("malloc + free, downcalls")
    public void malloc(Blackhole blackhole) {
        for (long size : sizes) {
            long address = Libc.malloc(size);
            blackhole.consume(address);
            Libc.free(address);
        }
    }

    @Benchmark
    @Row("malloc + free, critical downcalls")
    public void mallocCritical(Blackhole blackhole) {
        for (long size : sizes) {
            long address = Libc.mallocCritical(size);
            blackhole.consume(address);
            Libc.freeCritical(address);
        }
    }

    @Benchmark
    @Row("SystemAllocator")
    public void system(Pools pools, Blackhole blackhole) {
        for (long size : sizes) {
            long address = pools.system.allocate(size);
            blackhole.consume(address);
            pools.system.free(address, size);
        }
    }

    @Benchmark
    @Row("JDK Arena.ofConfined, one for each block")
    public void confined(Blackhole blackhole) {
        for (long size : sizes) {
            try (Arena arena = Arena.ofConfined()) {
                blackhole.consume(arena.allocate(size, BYTE_ALIGNMENT).address());
            }
        }
    }
}
