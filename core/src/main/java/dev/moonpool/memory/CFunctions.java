package dev.moonpool.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The functions of a {@link CHeap} as C function pointers, with these types in C:
 *
 * <pre>
 *     void  *malloc(size_t size)                      also lua_malloc
 *     void  *calloc(size_t count, size_t size)
 *     void  *realloc(void *block, size_t size)        also lua_realloc
 *     void   free(void *block)                        also lua_free
 *     void  *aligned_alloc(size_t alignment, size_t size)
 *     size_t malloc_stats(void)                       the bytes in use
 *     size_t malloc_remaining(void)                   the bytes that are left
 *     void  *lua_alloc(void *ud, void *block, size_t old_size, size_t new_size)
 * </pre>
 *
 * A call costs an upcall, some 15 to 30 ns, on top of the allocator.
 *
 * @param malloc pointer to {@link CHeap#malloc}
 * @param calloc pointer to {@link CHeap#calloc}
 * @param realloc pointer to {@link CHeap#realloc}
 * @param free pointer to {@link CHeap#free}
 * @param alignedAlloc pointer to {@link CHeap#alignedAlloc}
 * @param mallocStats pointer to {@link CHeap#mallocStats}; only the bytes in use reach C
 * @param mallocRemaining pointer to {@link CHeap#mallocRemaining}
 * @param luaAlloc pointer to {@link CHeap#luaAlloc}; a {@code lua_Alloc} that does not use its
 *     {@code ud}
 */
public record CFunctions(
        MemorySegment malloc,
        MemorySegment calloc,
        MemorySegment realloc,
        MemorySegment free,
        MemorySegment alignedAlloc,
        MemorySegment mallocStats,
        MemorySegment mallocRemaining,
        MemorySegment luaAlloc) {

    /** {@return the same pointer as {@link #malloc}, under the reference's name} */
    public MemorySegment luaMalloc() {
        return malloc;
    }

    /** {@return the same pointer as {@link #realloc}, under the reference's name} */
    public MemorySegment luaRealloc() {
        return realloc;
    }

    /** {@return the same pointer as {@link #free}, under the reference's name} */
    public MemorySegment luaFree() {
        return free;
    }

    static CFunctions of(CHeap heap, Arena arena) {
        CUpcalls upcalls = new CUpcalls(heap);
        return new CFunctions(
                upcalls.pointer("malloc", 1, arena),
                upcalls.pointer("calloc", 2, arena),
                upcalls.pointer("realloc", 2, arena),
                upcalls.pointer("free", 1, arena),
                upcalls.pointer("alignedAlloc", 2, arena),
                upcalls.pointer("mallocStats", 0, arena),
                upcalls.pointer("mallocRemaining", 0, arena),
                upcalls.pointer("luaAlloc", 4, arena));
    }
}
