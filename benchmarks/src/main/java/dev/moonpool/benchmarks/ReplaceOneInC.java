package dev.moonpool.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

/**
 * As {@link ReplaceOne}, but in a C loop that calls the allocator by function pointers. In each
 * heap, a small block stays live behind the one that is replaced. To mimalloc, that makes a page
 * empty and used again with each block; among other blocks of this size, it is faster.
 */
@Table(value = "In a C loop, allocate and free: one size", baseline = "malloc")
@OperationsPerInvocation(ReplaceOne.COUNT)
public class ReplaceOneInC extends NanosPerOperation {
    @Benchmark
    @Row("PoolAllocator, fast path in C")
    public void pool(CAllocators allocators) {
        allocators.pool.replaceOne(ReplaceOne.SIZE, ReplaceOne.COUNT);
    }

    @Benchmark
    @Row("malloc + free")
    public void malloc(CAllocators allocators) {
        allocators.libc.replaceOne(ReplaceOne.SIZE, ReplaceOne.COUNT);
    }

    @Benchmark
    @Row("realloc + free, as Lua's own lua_Alloc")
    public void libcForLua(CAllocators allocators) {
        allocators.libcForLua.replaceOne(ReplaceOne.SIZE, ReplaceOne.COUNT);
    }

    @Benchmark
    @Row("mi_malloc + mi_free")
    public void mimalloc(CAllocators allocators) {
        allocators.mimalloc.replaceOne(ReplaceOne.SIZE, ReplaceOne.COUNT);
    }

    @Benchmark
    @Row("mi_realloc + mi_free, as Lua's own lua_Alloc")
    public void mimallocForLua(CAllocators allocators) {
        allocators.mimallocForLua.replaceOne(ReplaceOne.SIZE, ReplaceOne.COUNT);
    }
}
