package dev.moonpool.memory;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/** A pool, with the ways that requests can go: through C's fast path, or through Java alone. */
final class FastPathPool implements AutoCloseable {
    /** Whatever a lua_Alloc is, as the C side calls it. */
    @FunctionalInterface
    interface LuaAlloc {
        long call(long address, long oldSize, long newSize);
    }

    final Region region;
    final PoolAllocator allocator;
    final CHeap heap;
    final LuaAlloc throughJava;
    final LuaAlloc throughC;
    long asked; // what C left to Java
    private final Arena arena = Arena.ofConfined();

    FastPathPool(long pool, long growth) {
        region = Region.reserve(new RegionLayout(16, 8192, pool, 16, growth));
        allocator = new PoolAllocator(region);
        heap = new CHeap(allocator);
        throughJava = heap::luaAlloc;
        MemorySegment slow = CLibrary.pointerTo(this, "slow", arena);
        MemorySegment pool4 = arena.allocate(ADDRESS, 4); // mp_pool
        pool4.setAtIndex(ADDRESS, 0, MemorySegment.ofAddress(region.address()));
        pool4.setAtIndex(ADDRESS, 1, allocator.share());
        pool4.setAtIndex(ADDRESS, 2, slow);
        MethodHandle allocate = fastPath();
        throughC =
                (address, oldSize, newSize) -> {
                    try {
                        return (long)
                                allocate.invokeExact(pool4.address(), address, oldSize, newSize);
                    } catch (Throwable e) {
                        throw new AssertionError(e);
                    }
                };
    }

    @SuppressWarnings({"unused", "UnusedMethod"}) // C calls it
    long slow(long ud, long address, long oldSize, long newSize) {
        asked++;
        return heap.luaAlloc(address, oldSize, newSize);
    }

    @SuppressWarnings("restricted") // the test plays Lua
    private MethodHandle fastPath() {
        MemorySegment function =
                SymbolLookup.libraryLookup(NativeBuild.mainLibrary(), arena)
                        .findOrThrow("mp_pool_allocate");
        return Linker.nativeLinker()
                .downcallHandle(
                        function,
                        FunctionDescriptor.of(
                                JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
    }

    /** All state of the allocator: the control block and the tables of the free lists. */
    byte[] state() {
        long end = ControlBlock.BYTE_SIZE + FreeBins.LAYOUT.byteSize();
        return region.data().asSlice(0, end).toArray(JAVA_BYTE);
    }

    @Override
    public void close() {
        region.close();
        arena.close();
    }
}
