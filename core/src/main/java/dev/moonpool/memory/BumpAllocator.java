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
public final class BumpAllocator implements BlockAllocator {
    private static final long BYTE_ALIGNMENT = RegionLayout.BYTE_ALIGNMENT;

    private final Region region;
    private final MemorySegment memory; // the whole region: offsets need no translation
    private final ControlBlock control;
    private final long base; // address of offset 0
    private final long pool; // offsets
    private final long end;

    /**
     * Takes over the pool of a region.
     *
     * @param region the region; stays the caller's to close
     * @throws IllegalStateException if it has an allocator already, or is closed
     */
    public BumpAllocator(Region region) {
        this.region = region;
        control = region.claim(AllocatorKind.BUMP);
        memory = region.segment();
        base = region.address();
        pool = region.layout().poolOffset();
        end = region.layout().ioOffset();
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
    public Lease retain() {
        return region.retain();
    }

    @Override
    public long byteAlignment() {
        return BYTE_ALIGNMENT;
    }

    @Override
    public MemorySegment segment(long address, long byteSize) {
        long block = address - base;
        if (block < pool || byteSize < 0 || byteSize > control.top() - block) {
            throw Blocks.notOurs(address, byteSize);
        }
        return memory.asSlice(block, byteSize);
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
        control.check();
        Blocks.checkTop(control.top(), pool, end, BYTE_ALIGNMENT);
        Blocks.checkLive(control.liveBytes(), used());
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

    /** For sizes that are known to fit: beyond {@code Long.MAX_VALUE - 15} it overflows. */
    private static long roundUp(long byteSize) {
        return (byteSize + BYTE_ALIGNMENT - 1) & -BYTE_ALIGNMENT;
    }

    /** The offset of a block that can be one. */
    private long requireBlock(long address, long byteSize) {
        long block = address - base;
        if (block < pool
                || block % BYTE_ALIGNMENT != 0
                || byteSize <= 0
                || byteSize > control.top() - block) {
            throw Blocks.notOurs(address, byteSize);
        }
        return block;
    }
}
