package dev.moonpool.benchmarks;

import static dev.moonpool.memory.RegionLayout.BYTE_ALIGNMENT;

import java.lang.foreign.Arena;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.CompilerControl;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

/**
 * A queue: each operation allocates a block of {@link LuaSizes} and frees the one that is {@value
 * #LIVE} blocks older. BumpAllocator starts again when its pool is full.
 */
@Table(
        value = "Allocate and free: a queue of " + AllocateAndFree.LIVE + " blocks",
        baseline = "malloc")
@CompilerControl(CompilerControl.Mode.DONT_INLINE)
@OperationsPerInvocation(LuaSizes.COUNT)
public class AllocateAndFree extends NanosPerOperation {
    static final int LIVE = 64; // a power of two

    private final long[] sizes = LuaSizes.fillingThePool();
    private final long[] queue = new long[LIVE];
    private final Arena[] arenas = new Arena[LIVE];

    @Benchmark
    @Row("BumpAllocator")
    public void bump(Pools pools) {
        pools.bump.reset();
        for (int i = 0; i < LuaSizes.COUNT; i++) {
            if (i >= LIVE) {
                pools.bump.free(queue[i % LIVE], sizes[i - LIVE]);
            }
            queue[i % LIVE] = pools.bump.allocate(sizes[i]);
        }
        for (int i = LuaSizes.COUNT; i < LuaSizes.COUNT + LIVE; i++) {
            pools.bump.free(queue[i % LIVE], sizes[i - LIVE]);
        }
    }

    @Benchmark
    @Row("malloc + free, downcalls")
    public void malloc() {
        for (int i = 0; i < LuaSizes.COUNT; i++) {
            if (i >= LIVE) {
                Libc.free(queue[i % LIVE]);
            }
            queue[i % LIVE] = Libc.malloc(sizes[i]);
        }
        for (int i = LuaSizes.COUNT; i < LuaSizes.COUNT + LIVE; i++) {
            Libc.free(queue[i % LIVE]);
        }
    }

    @Benchmark
    @Row("SystemAllocator")
    public void system(Pools pools) {
        for (int i = 0; i < LuaSizes.COUNT; i++) {
            if (i >= LIVE) {
                pools.system.free(queue[i % LIVE], sizes[i - LIVE]);
            }
            queue[i % LIVE] = pools.system.allocate(sizes[i]);
        }
        for (int i = LuaSizes.COUNT; i < LuaSizes.COUNT + LIVE; i++) {
            pools.system.free(queue[i % LIVE], sizes[i - LIVE]);
        }
    }

    @Benchmark
    @Row("JDK Arena.ofConfined, one for each block")
    public void confined() {
        for (int i = 0; i < LuaSizes.COUNT; i++) {
            if (i >= LIVE) {
                arenas[i % LIVE].close();
            }
            arenas[i % LIVE] = Arena.ofConfined();
            queue[i % LIVE] = arenas[i % LIVE].allocate(sizes[i], BYTE_ALIGNMENT).address();
        }
        for (int i = LuaSizes.COUNT; i < LuaSizes.COUNT + LIVE; i++) {
            arenas[i % LIVE].close();
        }
    }
}
