package dev.moonpool.memory;

import java.util.Deque;

/**
 * Sequential allocation: each block starts where the last one ended, and giving back does nothing.
 *
 * <pre>
 *     pool                       top              end
 *      | block | block | block ...|   remaining    |
 * </pre>
 *
 * <ol>
 *   <li>pool &lt;= top &lt;= end; all three are multiples of 16
 *   <li>[pool, top) was handed out, [top, end) never was
 *   <li>top never goes down, but by {@link #reset()}
 * </ol>
 *
 * Every operation is O(1), but for the copy when a block grows away from its place. The last block
 * grows where it is, and a block that becomes smaller stays. An allocation fails iff its size,
 * rounded up to 16, is more than what remains.
 *
 * <p>For one thread at a time. It is the reference's allocator, aligned, and with a {@code realloc}
 * that copies no more than the old block holds.
 */
public final class BumpAllocator extends PooledAllocator {

    /**
     * Takes over the pool of a region.
     *
     * @param region the region; stays the caller's to close
     * @throws IllegalStateException if it has an allocator already, or is closed
     */
    public BumpAllocator(Region region) {
        super(region, AllocatorKind.BUMP);
        control.limit(poolEnd - pool); // a bump allocator does not grow
        control.end(poolEnd);
        Events.opened(this);
    }

    @Override
    long granule() {
        return RegionLayout.BYTE_ALIGNMENT;
    }

    @Override
    public long allocate(long byteSize, int tag) {
        Blocks.requireSize("byteSize", byteSize);
        Blocks.requireTag(tag);
        boolean shared = begin();
        try {
            long top = control.top();
            if (byteSize > poolEnd - top) { // both ends are aligned: what fits, fits rounded up
                return failed(0, byteSize);
            }
            long rounded = roundUp(byteSize);
            control.top(top + rounded);
            control.handedOut(byteSize, rounded, tag);
            return base + top;
        } finally {
            end(shared);
        }
    }

    /**
     * As {@link #enter()}, for what touches none of the region's memory but where the state is
     * shared: there is nothing to guard then, only that the region is open.
     */
    private boolean begin() {
        if (control.isShared()) {
            return enter();
        }
        region.requireOpen();
        return false;
    }

    private void end(boolean shared) {
        if (shared) {
            exit(true);
        }
    }

    @Override
    public long reallocate(long address, long oldByteSize, long newByteSize) {
        Blocks.requireSize("newByteSize", newByteSize);
        boolean shared = enter();
        try {
            long block = requireBlock(address, oldByteSize);
            if (newByteSize <= oldByteSize) {
                control.shrunk(oldByteSize - newByteSize, 0);
                return address;
            }
            return growInPlace(block, oldByteSize, newByteSize)
                    ? address
                    : move(block, oldByteSize, newByteSize);
        } finally {
            exit(shared);
        }
    }

    /** Grows within the block's last 16 bytes, or at the top. */
    private boolean growInPlace(long block, long oldByteSize, long newByteSize) {
        long oldEnd = block + roundUp(oldByteSize);
        long top = control.top();
        long room = (oldEnd == top ? poolEnd : oldEnd) - block;
        boolean fits = newByteSize <= room;
        if (fits) {
            long newTop = Math.max(top, block + roundUp(newByteSize));
            control.top(newTop);
            control.grown(newByteSize - oldByteSize, newTop - top, true);
        }
        return fits;
    }

    private long move(long block, long oldByteSize, long newByteSize) {
        long top = control.top();
        if (newByteSize > poolEnd - top) {
            return failed(oldByteSize, newByteSize);
        }
        long rounded = roundUp(newByteSize);
        control.top(top + rounded);
        control.grown(newByteSize - oldByteSize, rounded, false);
        OffHeap.copy(base + block, base + top, oldByteSize);
        return base + top;
    }

    @Override
    public void free(long address, long byteSize) {
        boolean shared = begin();
        try {
            requireBlock(address, byteSize);
            control.tookBack(byteSize, 0);
        } finally {
            end(shared);
        }
    }

    /**
     * Forgets all blocks at once, so that the whole pool is available again. The counters of
     * requests and failures, and the peak, go on.
     *
     * @throws IllegalStateException if the region is retained: its blocks are in use
     */
    public void reset() {
        region.requireNotRetained("reset");
        boolean shared = enter();
        try {
            control.tookBackAll();
            control.top(pool);
        } finally {
            exit(shared);
        }
    }

    /** {@return the bytes handed out so far, rounding included} */
    public long used() {
        boolean shared = enter();
        try {
            return control.top() - pool;
        } finally {
            exit(shared);
        }
    }

    /** {@return the bytes that are left, at least 0} */
    public long remaining() {
        return Math.max(0, poolEnd - pool - used());
    }

    @Override
    ControlBlock.Space space(ControlBlock image) {
        long used = image.top() - pool;
        return new ControlBlock.Space(used, used, poolEnd - pool, poolEnd - image.top());
    }

    @Override
    void checkBlocks() {
        if (control.usedBytes() != control.top() - pool) {
            throw new IllegalStateException(
                    "used bytes are not what lies below the top: usedBytes=%d, top=%d, pool=%d"
                            .formatted(control.usedBytes(), control.top(), pool));
        }
    }

    @Override
    void collect(Deque<Run> runs) {
        long top = control.top();
        if (top > pool) {
            runs.add(new Run(pool, top - pool, false));
        }
        if (top < poolEnd) {
            runs.add(new Run(top, poolEnd - top, true));
        }
    }
}
