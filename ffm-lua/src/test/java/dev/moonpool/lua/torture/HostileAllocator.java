package dev.moonpool.lua.torture;

import dev.moonpool.lua.ForwardingAllocator;
import dev.moonpool.memory.BlockAllocator;
import java.util.random.RandomGenerator;

/** An allocator that does what one must not: it uses states, and throws. */
final class HostileAllocator extends ForwardingAllocator {
    private final RandomGenerator random;
    private final int oneIn;

    HostileAllocator(BlockAllocator blocks, RandomGenerator random, int oneIn) {
        super(blocks);
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
        return super.allocate(byteSize, tag);
    }

    @Override
    public long reallocate(long address, long oldByteSize, long newByteSize) {
        misbehave();
        return super.reallocate(address, oldByteSize, newByteSize);
    }

    @Override
    public void free(long address, long byteSize) {
        super.free(address, byteSize);
        misbehave();
    }
}
