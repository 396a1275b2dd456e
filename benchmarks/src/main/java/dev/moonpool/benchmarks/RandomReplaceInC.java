package dev.moonpool.benchmarks;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.TearDown;

/**
 * As {@link RandomReplace}, with the same sizes and slots, but in a C loop that calls the allocator
 * by function pointers. The window starts empty and is full long before the measurement.
 */
@Table(
        value =
                "In a C loop, free one of "
                        + RandomReplace.LIVE
                        + " blocks at random, allocate another",
        baseline = "malloc")
@OperationsPerInvocation(LuaSizes.COUNT)
public class RandomReplaceInC extends NanosPerOperation {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment window = // zero: no blocks
            arena.allocate(RandomReplace.LIVE * CLoops.BLOCK_BYTE_SIZE, Long.BYTES);
    private final MemorySegment slots = arena.allocateFrom(JAVA_INT, RandomReplace.slots());
    private final MemorySegment sizes =
            arena.allocateFrom(
                    JAVA_INT,
                    Arrays.stream(LuaSizes.fillingThePool()).mapToInt(Math::toIntExact).toArray());

    private void replace(CAllocator allocator) {
        allocator.replace(window, slots, sizes, LuaSizes.COUNT);
    }

    /** Gives the window back; its blocks go with the process. */
    @TearDown
    public void close() {
        arena.close();
    }

    @Benchmark
    @Row("PoolAllocator, fast path in C")
    public void pool(CAllocators allocators) {
        replace(allocators.pool);
    }

    @Benchmark
    @Row("malloc + free")
    public void malloc(CAllocators allocators) {
        replace(allocators.libc);
    }

    @Benchmark
    @Row("realloc + free, as Lua's own lua_Alloc")
    public void libcForLua(CAllocators allocators) {
        replace(allocators.libcForLua);
    }

    @Benchmark
    @Row("mi_malloc + mi_free")
    public void mimalloc(CAllocators allocators) {
        replace(allocators.mimalloc);
    }

    @Benchmark
    @Row("mi_realloc + mi_free, as Lua's own lua_Alloc")
    public void mimallocForLua(CAllocators allocators) {
        replace(allocators.mimallocForLua);
    }
}
