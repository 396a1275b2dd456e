package dev.moonpool.lua;

import dev.moonpool.memory.SystemAllocator;

/** States for tests that are not about memory. */
final class States {
    private States() {}

    /** {@return a state that can have as much memory as there is} */
    static Lua unlimited() {
        return Lua.builder().allocator(SystemAllocator::new).build();
    }
}
