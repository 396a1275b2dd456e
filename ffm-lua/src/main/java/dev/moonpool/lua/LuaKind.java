package dev.moonpool.lua;

import dev.moonpool.lua.internal.ffi.LuaNative;
import dev.moonpool.memory.AllocatorStatistics;
import dev.moonpool.memory.BlockAllocator;

/**
 * What Lua wants a block for: the tag of its requests, which the allocator's statistics count apart
 * as {@link AllocatorStatistics#requestsByTag()}.
 */
public enum LuaKind {
    /** What Lua does not tell: the contents of tables, stacks, buffers, code. */
    OTHER(0),
    /** The state itself. */
    STATE(LuaNative.MP_KIND_STATE()),
    /** Strings. */
    STRING(LuaNative.LUA_TSTRING()),
    /** Tables, without what they hold. */
    TABLE(LuaNative.LUA_TTABLE()),
    /** Closures. */
    FUNCTION(LuaNative.LUA_TFUNCTION()),
    /** Full userdata. */
    USERDATA(LuaNative.LUA_TUSERDATA()),
    /** Coroutines. */
    THREAD(LuaNative.LUA_TTHREAD()),
    /** Variables that closures share. */
    UPVALUE(LuaNative.MP_KIND_UPVALUE()),
    /** Compiled functions. */
    PROTOTYPE(LuaNative.MP_KIND_PROTOTYPE());

    private final int tag;

    LuaKind(int tag) {
        this.tag = tag;
    }

    /** {@return the tag, from 0 to {@link BlockAllocator#TAGS} - 1} */
    public int tag() {
        return tag;
    }

    /**
     * {@return the blocks of this kind that an allocator ever handed out}
     *
     * @param statistics the statistics of a state
     */
    public AllocatorStatistics.Requests requests(AllocatorStatistics statistics) {
        return statistics.requestsByTag().get(tag);
    }
}
