package dev.moonpool.benchmarks;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * An allocator that C calls by function pointers, and the loops of {@link CLoops} on it.
 *
 * @param one the loop with one size
 * @param window the loop with a window of blocks
 * @param first the first pointer that the loops want: {@code malloc}, or a {@code lua_Alloc}
 * @param second the second: {@code free}, or the {@code ud}
 */
record CAllocator(
        MethodHandle one, MethodHandle window, MemorySegment first, MemorySegment second) {

    /** {@return libc's, by its own functions} */
    static CAllocator libc() {
        SymbolLookup libc = Linker.nativeLinker().defaultLookup();
        return malloc(libc.findOrThrow("malloc"), libc.findOrThrow("free"));
    }

    /** {@return libc's, as Lua calls it unless told otherwise} */
    static CAllocator libcForLua() {
        return luaAlloc(CLoops.libcAlloc(), MemorySegment.NULL);
    }

    /** {@return a library's, as Lua calls libc's} */
    static CAllocator forLua(MemorySegment realloc, MemorySegment free) {
        MemorySegment heap = Arena.global().allocate(ADDRESS, 2); // a loop_heap
        heap.setAtIndex(ADDRESS, 0, realloc);
        heap.setAtIndex(ADDRESS, 1, free);
        return luaAlloc(CLoops.heapAlloc(), heap);
    }

    static CAllocator malloc(MemorySegment malloc, MemorySegment free) {
        return new CAllocator(CLoops.ONE_MALLOC, CLoops.WINDOW_MALLOC, malloc, free);
    }

    static CAllocator luaAlloc(MemorySegment function, MemorySegment ud) {
        return new CAllocator(CLoops.ONE_ALLOC, CLoops.WINDOW_ALLOC, function, ud);
    }

    /** Allocates a block and frees it, {@code count} times. */
    void replaceOne(long byteSize, int count) {
        try {
            one.invokeExact(first, second, byteSize, count);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** Frees one block of the window and allocates another, for each of the slots in turn. */
    void replace(MemorySegment blocks, MemorySegment slots, MemorySegment byteSizes, int count) {
        try {
            window.invokeExact(first, second, blocks, slots, byteSizes, count);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /**
     * Leaves a free block of {@link ReplaceOne#SIZE} bytes behind, and a small live one after it:
     * what lies last in a heap is a case of its own to some allocators.
     */
    void leaveFreeBlock() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment blocks = arena.allocate(2 * CLoops.BLOCK_BYTE_SIZE, Long.BYTES);
            MemorySegment slots = arena.allocateFrom(JAVA_INT, 0, 1);
            MemorySegment sizes = arena.allocateFrom(JAVA_INT, (int) ReplaceOne.SIZE, 8);
            replace(blocks, slots, sizes, 2);
            // Freed by a request that nobody else makes.
            MemorySegment other = arena.allocateFrom(JAVA_INT, 1 << 10);
            replace(blocks, slots, other, 1);
        }
    }
}
