package dev.moonpool.memory;

import java.lang.foreign.MemorySegment;

/**
 * What allocators on a region's pool have in common: where the pool is, and which addresses can be
 * blocks. Blocks are offsets from the start of the region here; both they and the sizes that blocks
 * take are multiples of the granule.
 */
abstract sealed class PooledAllocator implements BlockAllocator
        permits BumpAllocator, PoolAllocator {
    final Region region;
    final MemorySegment memory; // the whole region: offsets need no translation
    final ControlBlock control;
    final long base; // address of offset 0
    final long pool; // offsets
    final long end;
    private final long granule;

    PooledAllocator(Region region, AllocatorKind kind, long granule) {
        this.region = region;
        this.granule = granule;
        control = region.claim(kind);
        memory = region.segment();
        base = region.address();
        pool = region.layout().poolOffset();
        end = region.layout().ioOffset();
    }

    @Override
    public final long byteAlignment() {
        return granule;
    }

    @Override
    public final Lease retain() {
        return region.retain();
    }

    @Override
    public final MemorySegment segment(long address, long byteSize) {
        long block = address - base;
        if (block < pool || byteSize < 0 || byteSize > control.top() - block) {
            throw Blocks.notOurs(address, byteSize);
        }
        return memory.asSlice(block, byteSize);
    }

    /** The offset of a block that can be one. */
    final long requireBlock(long address, long byteSize) {
        long block = address - base;
        if (block < pool
                || (block & (granule - 1)) != 0
                || byteSize <= 0
                || byteSize > control.top() - block) {
            throw Blocks.notOurs(address, byteSize);
        }
        return block;
    }

    /** For sizes that are known to fit: close to {@code Long.MAX_VALUE} it overflows. */
    final long roundUp(long byteSize) {
        return (byteSize + granule - 1) & -granule;
    }

    /**
     * Verifies what holds of every pool; {@code usedBytes} are the bytes in blocks that are out.
     */
    final void checkPool(long usedBytes) {
        control.check();
        long top = control.top();
        if (top < pool || top > end || top % granule != 0) {
            throw new IllegalStateException(
                    "top is not an aligned offset in the pool: top=%d, pool=%d, end=%d"
                            .formatted(top, pool, end));
        }
        if (control.liveBytes() > usedBytes) {
            throw new IllegalStateException(
                    "more is live than was handed out: liveBytes=%d, usedBytes=%d"
                            .formatted(control.liveBytes(), usedBytes));
        }
    }
}
