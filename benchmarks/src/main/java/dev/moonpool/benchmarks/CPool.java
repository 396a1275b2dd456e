package dev.moonpool.benchmarks;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.moonpool.memory.CHeap;
import dev.moonpool.memory.PoolAllocator;
import dev.moonpool.memory.Region;
import dev.moonpool.memory.RegionLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;

/**
 * A pool that C serves requests from by itself, as a Lua state's: what {@code mp_pool_allocate}
 * leaves to Java is an upcall.
 */
final class CPool implements AutoCloseable {
    private static final FunctionDescriptor LUA_ALLOC =
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

    private final Arena arena = Arena.ofShared();
    private final Region region = Region.reserve(RegionLayout.REFERENCE);
    private final CAllocator allocator;

    CPool() {
        PoolAllocator pool = new PoolAllocator(region);
        MemorySegment struct = arena.allocate(ADDRESS, 4); // an mp_pool; its ud stays null
        struct.setAtIndex(ADDRESS, 0, MemorySegment.ofAddress(region.address()));
        struct.setAtIndex(ADDRESS, 1, pool.share());
        struct.setAtIndex(ADDRESS, 2, pointerTo(new CHeap(pool)));
        allocator =
                CAllocator.luaAlloc(
                        CLoops.library("moonpool", "").findOrThrow("mp_pool_allocate"), struct);
    }

    CAllocator allocator() {
        return allocator;
    }

    @SuppressWarnings("restricted") // C calls the allocator, as it does a state's
    private MemorySegment pointerTo(CHeap heap) {
        try {
            MethodHandle luaAlloc =
                    MethodHandles.lookup()
                            .bind(
                                    heap,
                                    "luaAlloc",
                                    LUA_ALLOC.toMethodType().dropParameterTypes(0, 1));
            return Linker.nativeLinker()
                    .upcallStub(
                            MethodHandles.dropArguments(luaAlloc, 0, long.class), LUA_ALLOC, arena);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        region.close();
        arena.close();
    }
}
