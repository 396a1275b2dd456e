package dev.moonpool.memory;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/**
 * The general allocator: blocks without headers, free lists by size, lazy coalescing.
 *
 * <pre>
 *     pool                                         top                end
 *      | block | free | block | free | block | ...  |  never handed out |
 * </pre>
 *
 * A request takes, in this order: a free block of just its size; a larger one, split, the rest
 * going to its own list; memory from the top; after a consolidation, any of these again; nothing,
 * which is 0. Giving back puts the block into its list, or lowers the top if it is the last one. A
 * block grows in place at the top or within its last granule, and otherwise moves; shrinking splits
 * off the tail.
 *
 * <p>Consolidation merges neighbours: it marks all free blocks in a bitmap, rebuilds the lists from
 * the runs in it, in address order, and lowers the top. It runs only when a request could not be
 * served otherwise and something was given back since the last time.
 *
 * <ol>
 *   <li>pool &lt;= top &lt;= end; all blocks and sizes are multiples of the granule of 8 bytes
 *   <li>[pool, top) is blocks that are out, and the free blocks in {@link FreeBins}; none overlap
 *   <li>[top, end) was never handed out, or came back
 * </ol>
 *
 * All state is in the region's data part. Allocating and giving back are O(1), but for a
 * consolidation, which is O(pool / 512 + free blocks), and for requests above 1 KiB, which look at
 * a few blocks of their own list. Blocks that are out never move: raw pointers refer to them.
 *
 * <p>For one thread at a time.
 */
public final class PoolAllocator extends PooledAllocator {
    private static final long GRANULE = FreeBins.GRANULE;

    /** How many blocks of its own list a large request looks at, before larger ones are split. */
    private static final long TRIES = 8;

    private final FreeBins bins;

    /**
     * Takes over the pool of a region.
     *
     * @param region the region; stays the caller's to close
     * @throws IllegalStateException if it has an allocator already, or is closed
     * @throws IllegalArgumentException if its data part is too small for the tables of the free
     *     lists
     */
    public PoolAllocator(Region region) {
        super(withRoomForTables(region), AllocatorKind.POOL, GRANULE);
        bins =
                new FreeBins(
                        memory,
                        region.dataToWrite().asSlice(ControlBlock.BYTE_SIZE, FreeBins.LAYOUT));
    }

    private static Region withRoomForTables(Region region) {
        long needed = ControlBlock.BYTE_SIZE + FreeBins.LAYOUT.byteSize();
        if (region.layout().dataByteSize() < needed) {
            throw new IllegalArgumentException(
                    "data part cannot hold the free lists: dataByteSize=%d, needed=%d"
                            .formatted(region.layout().dataByteSize(), needed));
        }
        return region;
    }

    @Override
    public long allocate(long byteSize) {
        Blocks.requireSize("byteSize", byteSize);
        control.countRequest();
        long block = byteSize > end - pool ? 0 : take(roundUp(byteSize));
        if (block == 0) {
            control.countFailure();
            return 0;
        }
        control.addLive(byteSize);
        return base + block;
    }

    /** A block of this many bytes, a multiple of the granule, or 0. */
    private long take(long byteSize) {
        long block = takeFree(byteSize, TRIES);
        if (block == 0) {
            block = takeFromTop(byteSize);
        }
        if (block == 0 && bins.freedSince() > 0) {
            consolidate();
            block = takeFree(byteSize, Long.MAX_VALUE);
            if (block == 0) {
                block = takeFromTop(byteSize);
            }
        }
        return block;
    }

    private long takeFree(long byteSize, long tries) {
        int bin = FreeBins.binOf(byteSize);
        long block;
        if (FreeBins.isExact(bin)) {
            if (bins.peek(bin) != 0) {
                return bins.pop(bin);
            }
        } else if ((block = bins.popFitting(bin, byteSize, tries)) != 0) {
            return split(block, bins.sizeOf(bin, block), byteSize);
        }
        int larger = bins.firstOccupied(bin + 1);
        if (larger < 0) {
            return 0;
        }
        block = bins.peek(larger);
        long size = bins.sizeOf(larger, block);
        bins.pop(larger);
        return split(block, size, byteSize);
    }

    /** Keeps the front of a block and gives its tail to the lists. */
    private long split(long block, long blockSize, long byteSize) {
        if (blockSize > byteSize) {
            bins.push(block + byteSize, blockSize - byteSize);
        }
        return block;
    }

    private long takeFromTop(long byteSize) {
        long top = control.top();
        if (byteSize > end - top) {
            return 0;
        }
        control.top(top + byteSize);
        return top;
    }

    @Override
    public long reallocate(long address, long oldByteSize, long newByteSize) {
        Blocks.requireSize("newByteSize", newByteSize);
        long block = requireBlock(address, oldByteSize);
        long oldSize = roundUp(oldByteSize);
        if (newByteSize <= oldByteSize) {
            control.removeLive(oldByteSize - newByteSize);
            long newSize = roundUp(newByteSize);
            if (newSize < oldSize) {
                give(block + newSize, oldSize - newSize);
            }
            return address;
        }
        control.countRequest();
        long grown = newByteSize > end - pool ? 0 : grow(block, oldByteSize, roundUp(newByteSize));
        if (grown == 0) {
            control.countFailure();
            return 0;
        }
        control.addLive(newByteSize - oldByteSize);
        return base + grown;
    }

    private long grow(long block, long oldByteSize, long newSize) {
        long oldSize = roundUp(oldByteSize);
        if (newSize == oldSize) {
            return block;
        }
        if (block + oldSize == control.top() && newSize <= end - block) {
            control.top(block + newSize);
            return block;
        }
        long moved = take(newSize);
        if (moved != 0) {
            MemorySegment.copy(memory, block, memory, moved, oldByteSize);
            give(block, oldSize);
        }
        return moved;
    }

    @Override
    public void free(long address, long byteSize) {
        long block = requireBlock(address, byteSize);
        control.removeLive(byteSize);
        give(block, roundUp(byteSize));
    }

    private void give(long block, long byteSize) {
        if (block + byteSize == control.top()) {
            control.top(block);
        } else {
            bins.push(block, byteSize);
        }
    }

    /** Merges free blocks that lie side by side, and those at the top with what is above it. */
    private void consolidate() {
        try (FreeMap map = mapped()) {
            bins.clear();
            // From the highest address down, so that each list starts at its lowest block.
            map.forEachDescending(
                    (block, byteSize, free) -> {
                        if (free) {
                            give(block, byteSize);
                        }
                    });
            bins.forgetFreed();
        }
    }

    private FreeMap mapped() {
        FreeMap map = new FreeMap(pool, control.top());
        bins.forEach((bin, block, byteSize) -> map.mark(block, byteSize));
        return map;
    }

    @Override
    public AllocatorStatistics statistics() {
        long used = used();
        return control.statistics(used, end - pool - used);
    }

    private long used() {
        return control.top() - pool - bins.freeBytes();
    }

    @Override
    public void check() {
        checkPool(used());
        try (FreeMap map = new FreeMap(pool, control.top())) {
            long[] sum = {0};
            bins.forEach(
                    (bin, block, byteSize) -> {
                        checkFree(bin, block, byteSize);
                        if (map.mark(block, byteSize)) {
                            throw broken("free blocks overlap", block, byteSize);
                        }
                        sum[0] += byteSize;
                    });
            if (sum[0] != bins.freeBytes()) {
                throw broken("free bytes are not the sum of the blocks", bins.freeBytes(), sum[0]);
            }
        }
    }

    private void checkFree(int bin, long block, long byteSize) {
        if (block < pool || block % GRANULE != 0 || byteSize > control.top() - block) {
            throw broken("free block is not in the pool", block, byteSize);
        }
        if (byteSize <= 0 || byteSize % GRANULE != 0 || FreeBins.binOf(byteSize) != bin) {
            throw broken("free block is in another size's list", block, byteSize);
        }
    }

    private static IllegalStateException broken(String what, long first, long second) {
        return new IllegalStateException("%s: %d, %d".formatted(what, first, second));
    }

    @Override
    public void walk(BlockVisitor visitor) {
        ArrayDeque<Runnable> ascending = new ArrayDeque<>();
        try (FreeMap map = mapped()) {
            map.forEachDescending(
                    (block, byteSize, free) ->
                            ascending.push(() -> visitor.visit(base + block, byteSize, free)));
        }
        ascending.forEach(Runnable::run);
        if (control.top() < end) {
            visitor.visit(base + control.top(), end - control.top(), true);
        }
    }
}
