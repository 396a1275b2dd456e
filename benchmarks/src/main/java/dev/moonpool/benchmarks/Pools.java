package dev.moonpool.benchmarks;

import dev.moonpool.memory.BumpAllocator;
import dev.moonpool.memory.PoolAllocator;
import dev.moonpool.memory.Region;
import dev.moonpool.memory.RegionLayout;
import dev.moonpool.memory.SystemAllocator;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The allocators that are compared, each with a region of the reference layout for itself. */
@State(Scope.Thread)
public class Pools {
    private final Region bumpRegion = Region.reserve(RegionLayout.REFERENCE);
    private final Region poolRegion = Region.reserve(RegionLayout.REFERENCE);
    private final Region systemRegion = Region.reserve(RegionLayout.REFERENCE);
    private final Region sliced = Region.reserve(RegionLayout.REFERENCE);
    private final MemorySegment slices = sliced.pool();

    final BumpAllocator bump = new BumpAllocator(bumpRegion);
    final PoolAllocator pool = new PoolAllocator(poolRegion);
    final SystemAllocator system = new SystemAllocator(systemRegion);
    SegmentAllocator slicing = SegmentAllocator.slicingAllocator(slices);

    /** Lets the JDK's allocator start again, on a pool of the same size and kind as the others'. */
    void resetSlicing() {
        slicing = SegmentAllocator.slicingAllocator(slices);
    }

    /** Gives all memory back. */
    @TearDown
    public void close() {
        system.close();
        systemRegion.close();
        bumpRegion.close();
        poolRegion.close();
        sliced.close();
    }
}
