package dev.moonpool.memory;

import java.lang.foreign.MemorySegment;

/** Passes everything on to another allocator, but does first what a test tells it to. */
final class ScriptedAllocator implements BlockAllocator {
    private final BlockAllocator allocator;

    /** Runs before each request for a block; the block is refused if it returns false. */
    Script beforeAllocate = () -> true;

    /** Runs before each block that is given back. */
    Free beforeFree = (address, byteSize) -> {};

    /** Runs before each view of a block. */
    Runnable beforeSegment = () -> {};

    @FunctionalInterface
    interface Script {
        boolean run();
    }

    @FunctionalInterface
    interface Free {
        void run(long address, long byteSize);
    }

    ScriptedAllocator(BlockAllocator allocator) {
        this.allocator = allocator;
    }

    @Override
    public long allocate(long byteSize, int tag) {
        return beforeAllocate.run() ? allocator.allocate(byteSize, tag) : 0;
    }

    @Override
    public long reallocate(long address, long oldByteSize, long newByteSize) {
        return allocator.reallocate(address, oldByteSize, newByteSize);
    }

    @Override
    public void free(long address, long byteSize) {
        beforeFree.run(address, byteSize);
        allocator.free(address, byteSize);
    }

    @Override
    public long byteAlignment() {
        return allocator.byteAlignment();
    }

    @Override
    public MemorySegment segment(long address, long byteSize) {
        beforeSegment.run();
        return allocator.segment(address, byteSize);
    }

    @Override
    public Lease retain() {
        return allocator.retain();
    }

    @Override
    public AllocatorStatistics statistics() {
        return allocator.statistics();
    }

    @Override
    public void check() {
        allocator.check();
    }

    @Override
    public void walk(BlockVisitor visitor) {
        allocator.walk(visitor);
    }
}
