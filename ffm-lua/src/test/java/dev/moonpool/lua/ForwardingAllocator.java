package dev.moonpool.lua;

import dev.moonpool.memory.AllocatorStatistics;
import dev.moonpool.memory.BlockAllocator;
import dev.moonpool.memory.BlockVisitor;
import dev.moonpool.memory.Lease;
import java.lang.foreign.MemorySegment;

/** Passes everything on, so that allocators in tests say only what they do differently. */
public abstract class ForwardingAllocator implements BlockAllocator {
    private final BlockAllocator blocks;

    protected ForwardingAllocator(BlockAllocator blocks) {
        this.blocks = blocks;
    }

    @Override
    public long allocate(long byteSize, int tag) {
        return blocks.allocate(byteSize, tag);
    }

    @Override
    public long reallocate(long address, long oldByteSize, long newByteSize) {
        return blocks.reallocate(address, oldByteSize, newByteSize);
    }

    @Override
    public void free(long address, long byteSize) {
        blocks.free(address, byteSize);
    }

    @Override
    public long byteAlignment() {
        return blocks.byteAlignment();
    }

    @Override
    public MemorySegment segment(long address, long byteSize) {
        return blocks.segment(address, byteSize);
    }

    @Override
    public Lease retain() {
        return blocks.retain();
    }

    @Override
    public AllocatorStatistics statistics() {
        return blocks.statistics();
    }

    @Override
    public void check() {
        blocks.check();
    }

    @Override
    public void walk(BlockVisitor visitor) {
        blocks.walk(visitor);
    }
}
