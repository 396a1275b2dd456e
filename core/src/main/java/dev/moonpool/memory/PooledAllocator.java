package dev.moonpool.memory;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;

/**
 * What allocators on a region's pool have in common: where the pool is, and which addresses can be
 * blocks. Blocks are offsets from the start of the region here; both they and the sizes that blocks
 * take are multiples of the granule.
 */
abstract sealed class PooledAllocator extends RegionAllocator permits BumpAllocator, PoolAllocator {
    final MemorySegment memory; // the whole region: offsets need no translation
    final long base; // address of offset 0
    final long pool; // offsets
    final long poolEnd;
    final long growth;
    final long growthEnd;

    PooledAllocator(Region region, AllocatorKind kind) {
        super(region, kind);
        memory = region.segment();
        base = region.address();
        pool = region.layout().poolOffset();
        poolEnd = region.layout().ioOffset();
        growth = region.layout().growthOffset();
        growthEnd = growth + region.layout().growthByteSize();
    }

    @Override
    public final long byteAlignment() {
        return granule();
    }

    /** {@return what blocks and the sizes they take are multiples of; a constant of the class} */
    abstract long granule();

    @Override
    public final MemorySegment segment(long address, long byteSize) {
        long block = address - base;
        boolean shared = enter();
        try {
            if (byteSize < 0 || !wasHandedOut(block, byteSize)) {
                throw Blocks.notOurs(address, byteSize);
            }
        } finally {
            exit(shared);
        }
        return memory.asSlice(block, byteSize);
    }

    @Override
    public final AllocatorStatistics statistics() {
        boolean shared = enter();
        try {
            store(); // for whoever looks at the data part
            return control.statistics(space(control));
        } finally {
            exit(shared);
        }
    }

    @Override
    public final void check() {
        boolean shared = enter();
        try {
            checkPool(control.stored());
            store();
            checkPool(control);
            checkBlocks();
        } finally {
            exit(shared);
        }
    }

    /** Verifies what holds of this allocator's blocks. */
    abstract void checkBlocks();

    /** A run of memory; its start is an offset. */
    record Run(long block, long byteSize, boolean free) {}

    @Override
    public final void walk(BlockVisitor visitor) {
        Objects.requireNonNull(visitor, "visitor");
        Deque<Run> runs = new ArrayDeque<>();
        boolean shared = enter();
        try {
            collect(runs);
        } finally {
            exit(shared);
        }
        // Only now: whatever the visitor does, it does not see half an operation.
        runs.forEach(run -> visitor.visit(base + run.block(), run.byteSize(), run.free()));
    }

    /** Puts all runs in, in address order. */
    abstract void collect(Deque<Run> runs);

    /** The offset of a block that can be one. */
    final long requireBlock(long address, long byteSize) {
        long block = address - base;
        if ((block & (granule() - 1)) != 0 || byteSize <= 0 || !wasHandedOut(block, byteSize)) {
            throw Blocks.notOurs(address, byteSize);
        }
        return block;
    }

    /** Whether a run of bytes, at least 0 of them, lies below the top and in one extent. */
    final boolean wasHandedOut(long block, long byteSize) {
        long top = control.top();
        return block >= pool
                && byteSize <= top - block
                && (top <= poolEnd || byteSize <= poolEnd - block || block >= growth);
    }

    /** For sizes that are known to fit: close to {@code Long.MAX_VALUE} it overflows. */
    final long roundUp(long byteSize) {
        return (byteSize + granule() - 1) & -granule();
    }

    /** Verifies what holds of every pool. */
    private void checkPool(ControlBlock image) {
        image.check();
        requireExtent("top", image.top());
        requireExtent("end", image.end());
        if (image.top() > image.end()) {
            throw new IllegalStateException(
                    "top is beyond what it may rise to: top=%d, end=%d"
                            .formatted(image.top(), image.end()));
        }
    }

    private void requireExtent(String name, long offset) {
        boolean inPool = offset >= pool && offset <= poolEnd;
        boolean inGrowth = offset >= growth && offset <= growthEnd;
        if (!(inPool || inGrowth) || offset % granule() != 0) {
            throw new IllegalStateException(
                    "%s is not an aligned offset in the pool or the growth area: %s=%d, pool=%d to %d, growth=%d to %d"
                            .formatted(name, name, offset, pool, poolEnd, growth, growthEnd));
        }
    }
}
