package dev.moonpool.benchmarks;

import dev.moonpool.memory.PoolAllocator;
import dev.moonpool.memory.Region;
import dev.moonpool.memory.RegionLayout;
import java.util.Random;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.CompilerControl;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A window of {@value #LIVE} live blocks of {@link LuaSizes}: each operation frees a random one and
 * allocates another in its place.
 */
@Table(
        value = "Free one of " + RandomReplace.LIVE + " blocks at random, allocate another",
        baseline = "malloc")
@CompilerControl(CompilerControl.Mode.DONT_INLINE)
@OperationsPerInvocation(LuaSizes.COUNT)
public class RandomReplace extends NanosPerOperation {
    static final int LIVE = 2000;

    private final long[] sizes = LuaSizes.fillingThePool();
    private final int[] slots = slots();
    private final Region region = Region.reserve(RegionLayout.REFERENCE);
    private final PoolAllocator pool = new PoolAllocator(region);
    private final long[] poolBlocks = new long[LIVE];
    private final long[] poolSizes = new long[LIVE];
    private final long[] mallocBlocks = new long[LIVE];

    /** {@return which block is replaced by each request; a new array, always the same} */
    static int[] slots() {
        return new Random(55).ints(LuaSizes.COUNT, 0, LIVE).toArray();
    }

    /** Fills the windows. */
    @Setup(Level.Trial)
    public void fill() {
        for (int i = 0; i < LIVE; i++) {
            poolSizes[i] = sizes[i];
            poolBlocks[i] = pool.allocate(sizes[i]);
            mallocBlocks[i] = Libc.malloc(sizes[i]);
        }
    }

    /** Empties them. */
    @TearDown(Level.Trial)
    public void empty() {
        for (int i = 0; i < LIVE; i++) {
            Libc.free(mallocBlocks[i]);
        }
        region.close();
    }

    @Benchmark
    @Row("PoolAllocator")
    public void pool() {
        for (int i = 0; i < LuaSizes.COUNT; i++) {
            int slot = slots[i];
            pool.free(poolBlocks[slot], poolSizes[slot]);
            poolSizes[slot] = sizes[i];
            poolBlocks[slot] = pool.allocate(sizes[i]);
        }
    }

    @Benchmark
    @Row("malloc + free, downcalls")
    public void malloc() {
        for (int i = 0; i < LuaSizes.COUNT; i++) {
            int slot = slots[i];
            Libc.free(mallocBlocks[slot]);
            mallocBlocks[slot] = Libc.malloc(sizes[i]);
        }
    }
}
