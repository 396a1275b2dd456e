package dev.moonpool.lua;

import dev.moonpool.memory.BlockAllocator;
import dev.moonpool.memory.SystemAllocator;
import java.util.function.LongPredicate;

/**
 * Asks before each request for memory whether to refuse it, by its number from 1; whoever is asked
 * may throw as well. Counts what is live by itself, so that it can tell when the region is gone.
 */
final class FaultyAllocator extends ForwardingAllocator {
    private final LongPredicate refuses;
    private long requests;
    private long live;

    FaultyAllocator(BlockAllocator blocks, LongPredicate refuses) {
        super(blocks);
        this.refuses = refuses;
    }

    /** {@return a builder of states whose requests libc serves unless they are refused} */
    static Lua.Builder builder(LongPredicate refuses) {
        return Lua.builder()
                .allocator(region -> new FaultyAllocator(new SystemAllocator(region), refuses));
    }

    long live() {
        return live;
    }

    @Override
    public long allocate(long byteSize, int tag) {
        long address = refuses.test(++requests) ? 0 : super.allocate(byteSize, tag);
        live += address == 0 ? 0 : byteSize;
        return address;
    }

    @Override
    public long reallocate(long address, long oldByteSize, long newByteSize) {
        if (newByteSize > oldByteSize && refuses.test(++requests)) {
            return 0;
        }
        long moved = super.reallocate(address, oldByteSize, newByteSize);
        live += moved == 0 ? 0 : newByteSize - oldByteSize;
        return moved;
    }

    @Override
    public void free(long address, long byteSize) {
        super.free(address, byteSize);
        live -= byteSize;
    }
}
