package dev.moonpool.memory;

import java.lang.foreign.MemorySegment;

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
        super(region, AllocatorKind.BUMP, RegionLayout.BYTE_ALIGNMENT);
    }

    @Override
    public long allocate(long byteSize) {
        Blocks.requireSize("byteSize", byteSize);
        return take(byteSize, byteSize);
    }

    private long take(long byteSize, long moreLive) {
        control.countRequest();
        long top = control.top();
        if (byteSize > end - top) { // both ends are aligned: what fits, fits rounded up
            control.countFailure();
            return 0;
        }
        control.top(top + roundUp(byteSize));
        control.addLive(moreLive);
        return base + top;
    }

    @Override
    public long reallocate(long address, long oldByteSize, long newByteSize) {
        Blocks.requireSize("newByteSize", newByteSize);
        long block = requireBlock(address, oldByteSize);
        if (newByteSize <= oldByteSize) {
            control.removeLive(oldByteSize - newByteSize);
            return address;
        }
        return growInPlace(block, oldByteSize, newByteSize)
                ? address
                : move(block, oldByteSize, newByteSize);
    }

    /** Grows within the block's last 16 bytes, or at the top. */
    private boolean growInPlace(long block, long oldByteSize, long newByteSize) {
        long oldEnd = block + roundUp(oldByteSize);
        long top = control.top();
        long room = (oldEnd == top ? end : oldEnd) - block;
        boolean fits = newByteSize <= room;
        if (fits) {
            control.countRequest();
            control.top(Math.max(top, block + roundUp(newByteSize)));
            control.addLive(newByteSize - oldByteSize);
        }
        return fits;
    }

    private long move(long block, long oldByteSize, long newByteSize) {
        long moved = take(newByteSize, newByteSize - oldByteSize);
        if (moved != 0) {
            MemorySegment.copy(memory, block, memory, moved - base, oldByteSize);
        }
        return moved;
    }

    @Override
    public void free(long address, long byteSize) {
        requireBlock(address, byteSize);
        control.removeLive(byteSize);
    }

    /**
     * Forgets all blocks at once, so that the whole pool is available again. The counters of
     * requests and failures, and the peak, go on.
     *
     * @throws IllegalStateException if the region is retained: its blocks are in use
     */
    public void reset() {
        region.requireNotRetained("reset");
        control.removeLive(control.liveBytes());
        control.top(pool);
    }

    @Override
    public AllocatorStatistics statistics() {
        return control.statistics(used(), remaining());
    }

    /** {@return the bytes handed out so far, rounding included} */
    public long used() {
        return control.top() - pool;
    }

    /** {@return the bytes that are left, at least 0} */
    public long remaining() {
        return Math.max(0, end - control.top());
    }

    @Override
    public void check() {
        checkPool(used());
    }

    @Override
    public void walk(BlockVisitor visitor) {
        if (used() > 0) {
            visitor.visit(base + pool, used(), false);
        }
        if (remaining() > 0) {
            visitor.visit(base + control.top(), remaining(), true);
        }
    }
}
