package dev.moonpool.lua.internal;

import dev.moonpool.lua.internal.ffi.LuaNative;
import dev.moonpool.lua.internal.ffi.mp_pool;
import dev.moonpool.memory.BlockAllocator;
import dev.moonpool.memory.PoolAllocator;
import dev.moonpool.memory.SystemAllocator;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The way that a state's requests for memory take.
 *
 * @param function the {@code lua_Alloc}
 * @param ud what it is called with; must stay reachable while the state is open
 */
record Requests(MemorySegment function, MemorySegment ud) {

    /** Every request is an upcall; {@code ud} is the state's in {@link Callbacks}. */
    static Requests upcall(long ud) {
        return new Requests(Callbacks.ALLOCATE, MemorySegment.ofAddress(ud));
    }

    /** C serves what it can and asks Java for the rest. Other allocators are Java's alone. */
    static Requests direct(BlockAllocator allocator, long ud) {
        return switch (allocator) {
            case PoolAllocator pool ->
                    new Requests(LuaNative.mp_pool_allocate$address(), fastPath(pool, ud));
            case SystemAllocator system ->
                    new Requests(LuaNative.mp_system_allocate$address(), system.share());
            default -> upcall(ud);
        };
    }

    private static MemorySegment fastPath(PoolAllocator allocator, long ud) {
        MemorySegment pool = mp_pool.allocate(Arena.ofAuto());
        mp_pool.base(pool, MemorySegment.ofAddress(allocator.region().address()));
        mp_pool.control(pool, allocator.share());
        mp_pool.slow(pool, Callbacks.ALLOCATE);
        mp_pool.ud(pool, MemorySegment.ofAddress(ud));
        return pool;
    }
}
