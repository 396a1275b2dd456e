package dev.moonpool.lua.torture;

import dev.moonpool.memory.AllocatorStatistics;
import dev.moonpool.memory.BlockAllocator;
import dev.moonpool.memory.BlockVisitor;
import dev.moonpool.memory.Lease;
import java.lang.foreign.MemorySegment;
import java.util.random.RandomGenerator;

/** An allocator that does what one must not: it uses states, and throws. */
final class HostileAllocator implements BlockAllocator {
    private final BlockAllocator blocks;
    private final RandomGenerator random;
    private final int oneIn;

    HostileAllocator(BlockAllocator blocks, RandomGenerator random, int oneIn) {
        this.blocks = blocks;
        this.random = random;
        this.oneIn = oneIn;
    }

    private void misbehave() {
        if (random.nextInt(oneIn) != 0) {
            return;
        }
        Worker worker = Worker.current();
        if (worker != null) {
            worker.within(1);
        }
        switch (random.nextInt(12)) {
            case 0 -> throw new IllegalStateException("allocator");
            case 1 -> throw new OutOfMemoryError("allocator");
            case 2 -> throw new AssertionError("allocator");
            case 3 -> Functions.overflow();
            default -> {}
        }
    }

    @Override
    public long allocate(long byteSize, int tag) {
        misbehave();
        return blocks.allocate(byteSize, tag);
    }

    @Override
    public long reallocate(long address, long oldByteSize, long newByteSize) {
        misbehave();
        return blocks.reallocate(address, oldByteSize, newByteSize);
    }

    @Override
    public void free(long address, long byteSize) {
        blocks.free(address, byteSize);
        misbehave();
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
