package dev.moonpool.benchmarks;

import dev.moonpool.memory.BlockArena;
import dev.moonpool.memory.PoolAllocator;
import dev.moonpool.memory.Region;
import dev.moonpool.memory.RegionLayout;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** An allocator to open arenas on, and an arena that stays open. */
@State(Scope.Thread)
public class Views {
    private final Region region = Region.reserve(RegionLayout.REFERENCE);

    final PoolAllocator pool = new PoolAllocator(region);
    final BlockArena outer = pool.openArena();

    /** Gives all memory back. */
    @TearDown
    public void close() {
        outer.close();
        region.close();
    }
}
