package dev.moonpool.memory;

import java.util.Deque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The general allocator: blocks without headers, free lists by size, lazy coalescing, growth.
 *
 * <pre>
 *     pool                           poolEnd       growth               top        end
 *      | block | free | block | ... |   (io part)   | block | free | ... |  committed  |  reserved
 * </pre>
 *
 * A request takes, in this order: a free block of just its size; a larger one, split, the rest
 * going to its own list; memory from the top. When the top would have to rise beyond what is
 * committed, free blocks are merged first if enough was given back since the last time; else more
 * is committed, first of the pool and then of the growth area, up to the limit. What then still
 * cannot be served is 0. Giving back puts the block into its list, or lowers the top if it is the
 * last one. A block grows in place at the top or within its last granule, and otherwise moves;
 * shrinking splits off the tail.
 *
 * <p>Requests above 2 KiB have free blocks merged before a much larger one is split for them, on
 * the same condition: else the rare large free blocks are used up, and the top rises for want of
 * them. When more than half of the limit is in use, free blocks are merged whenever there is none
 * of just the right size and a little was given back: that costs time, and wards off the
 * fragmentation that would let large requests fail in a pool that is almost full.
 *
 * <p>Consolidation merges neighbours: it marks all free blocks in a bitmap in the region's scratch,
 * rebuilds the lists from the runs in it, in address order, and lowers the top. When less than an
 * eighth is used of what once was, a trim consolidates and gives whole free pages back to the
 * system. Where the blocks that are left keep more than eight times their size in pages, it is done
 * again whenever an eighth of them is gone.
 *
 * <ol>
 *   <li>pool &lt;= top &lt;= end &lt;= poolEnd, or growth &lt;= top &lt;= end; all blocks and sizes
 *       are multiples of the granule of 8 bytes
 *   <li>[pool, top), without what lies between pool and growth area, is blocks that are out, and
 *       the free blocks in {@link FreeBins}; none overlap
 *   <li>[top, end) was never handed out, or came back
 * </ol>
 *
 * All state is in the region's data part, or goes there from {@link ControlBlock}'s image of it
 * when somebody may look. Allocating and giving back are O(1), but for a consolidation, which is
 * O(footprint / 512 + free blocks), and for requests above 2 KiB, which look at a few blocks of
 * their own list. Blocks that are out never move: raw pointers refer to them. Compaction therefore
 * means coalescing, reuse in address order, lowering the top and returning pages.
 *
 * <p>Errors of the JVM's leave it whole, but for one: where the stack ends in the middle of a
 * request, the block at hand may be lost, and {@link #check()} says so from then on.
 *
 * <p>For one thread at a time. The C twin of the part that most requests need is mp_pool_allocate
 * in moonpool.h; both work on the same state and hand out the same addresses.
 */
public final class PoolAllocator extends PooledAllocator {
    private static final long GRANULE = FreeBins.GRANULE;

    /** How many blocks of its own list a large request looks at, before larger ones are split. */
    private static final long TRIES = 8;

    /** The end rises by a sixteenth of what is committed, and by 8 KiB at the least. */
    private static final int STEP_SHIFT = 4;

    private static final long MIN_STEP = 8 << 10;

    /**
     * Merging comes before growing when all of the footprint but a quarter was given back; or but a
     * half, where the footprint is more than half of the limit.
     */
    private static final int SPARED_SHIFT = 2;

    private static final int SPARED_NEAR_LIMIT_SHIFT = 1;

    /**
     * Of the limit: how much in use makes the pool tight, and how much given back lets it merge.
     */
    static final int TIGHT_SHIFT = 1;

    static final int TIGHT_TRIGGER_SHIFT = 8;

    /** Free runs shorter than this keep their pages: the system call costs more than it gives. */
    private static final long MIN_RELEASE = 16 << 10;

    /** From this size on, the growth area is worth the system's large pages. */
    private static final long LARGE_PAGES = 2 << 20;

    /** More than it takes to copy a block; each costs a nanosecond. */
    private static final int COPYING_CALLS = 16;

    /** More than it takes to rebuild the lists, by several times. */
    private static final int MERGING_CALLS = 256;

    private final FreeBins bins;
    private boolean largePages;
    private boolean trimsByItself = true;

    /** No block can be larger. */
    private final long maxByteSize;

    /**
     * Takes over the pool of a region, and its growth area.
     *
     * @param region the region; stays the caller's to close
     * @throws IllegalStateException if it has an allocator already, or is closed
     * @throws IllegalArgumentException if its data part is too small for the tables of the free
     *     lists
     */
    public PoolAllocator(Region region) {
        super(withRoomForTables(region), AllocatorKind.POOL);
        maxByteSize = Math.max(poolEnd - pool, growthEnd - growth);
        bins = new FreeBins(region, base + region.layout().dataOffset() + ControlBlock.BYTE_SIZE);
        Events.opened(this);
    }

    @Override
    long granule() {
        return GRANULE;
    }

    @Override
    void load() {
        super.load();
        bins.load();
    }

    @Override
    void store() {
        super.store();
        bins.store();
    }

    private static Region withRoomForTables(Region region) {
        Objects.requireNonNull(region, "region");
        long needed = ControlBlock.BYTE_SIZE + FreeBins.LAYOUT.byteSize();
        if (region.layout().dataByteSize() < needed) {
            throw new IllegalArgumentException(
                    "data part cannot hold the free lists: dataByteSize=%d, needed=%d"
                            .formatted(region.layout().dataByteSize(), needed));
        }
        return region;
    }

    /**
     * {@return the most bytes of pool and growth area that blocks, and the free memory between
     * them, may take}
     */
    public long limit() {
        boolean shared = enter();
        try {
            return control.limit();
        } finally {
            exit(shared);
        }
    }

    /**
     * Changes the limit. It holds for what is taken from now on: where more is in use already than
     * a lower limit allows, though not by live blocks, that memory is used on until it can be given
     * back.
     *
     * @param byteSize the limit in bytes; at first all that the layout has
     * @throws IllegalArgumentException if that is less than what live blocks take now, or more than
     *     pool and growth area together
     */
    public void limit(long byteSize) {
        boolean shared = enter();
        try {
            long used = control.usedBytes();
            long reserved = poolEnd - pool + growthEnd - growth;
            if (byteSize < used || byteSize > reserved) {
                throw new IllegalArgumentException(
                        "limit is below what is live, or above what is reserved: limit=%d, usedBytes=%d, reservedBytes=%d"
                                .formatted(byteSize, used, reserved));
            }
            control.limit(byteSize);
            trimNow();
        } finally {
            exit(shared);
        }
    }

    @Override
    public long allocate(long byteSize, int tag) {
        Blocks.requireSize("byteSize", byteSize);
        Blocks.requireTag(tag);
        boolean shared = enter();
        try {
            // Most requests end here. That they come first, and the others are a call of their own,
            // is what lets a compiler inline all of this: it stops after so much code.
            long block = takeExact(byteSize);
            if (block != FreeBins.NONE) {
                control.handedOut(byteSize, roundUp(byteSize), tag);
                return base + block;
            }
            return allocateOther(byteSize, tag);
        } finally {
            exit(shared);
        }
    }

    /** When there is no block of just this size. */
    private long allocateOther(long byteSize, int tag) {
        long block = takeOther(byteSize);
        if (block == FreeBins.NONE) {
            return failed(0, byteSize);
        }
        control.handedOut(byteSize, roundUp(byteSize), tag);
        return base + block;
    }

    /** A free block of just this size, or 0. */
    private long takeExact(long byteSize) {
        return byteSize <= FreeBins.MAX_EXACT ? bins.popExact(roundUp(byteSize)) : FreeBins.NONE;
    }

    /** When there is no block of just this size. */
    private long takeOther(long byteSize) {
        return byteSize <= maxByteSize ? takeRounded(roundUp(byteSize)) : FreeBins.NONE;
    }

    private long takeRounded(long byteSize) {
        long block = FreeBins.NONE;
        if (control.usedBytes() != footprint()) { // else nothing is free
            block = takeOwn(byteSize, TRIES);
            if (block == FreeBins.NONE
                    && (isTight() || (byteSize > FreeBins.MAX_EXACT && isMergeDue()))) {
                consolidate(false);
                block = takeOwn(byteSize, TRIES);
            }
            if (block == FreeBins.NONE) {
                block = takeLarger(byteSize);
            }
        }
        if (block == FreeBins.NONE) {
            block = takeFromTop(byteSize);
        }
        return block != FreeBins.NONE ? block : takeMore(byteSize);
    }

    /** Whether to merge before a block is split, as there is not much left to split. */
    private boolean isTight() {
        return control.usedBytes() > control.limit() >> TIGHT_SHIFT
                && bins.freedSince() > control.limit() >> TIGHT_TRIGGER_SHIFT;
    }

    private boolean isMergeDue() {
        long footprint = footprint();
        boolean nearLimit = footprint > control.limit() >> TIGHT_SHIFT;
        int shift = nearLimit ? SPARED_NEAR_LIMIT_SHIFT : SPARED_SHIFT;
        return bins.freedSince() >= footprint - (footprint >> shift);
    }

    /** When neither the lists nor what is committed have it. */
    private long takeMore(long byteSize) {
        long block = FreeBins.NONE;
        if (isMergeDue()) {
            block = takeMerged(byteSize);
        }
        if (block == FreeBins.NONE && raiseEnd(byteSize)) {
            block = takeFromTop(byteSize);
        }
        return block != FreeBins.NONE ? block : takeMerged(byteSize);
    }

    private long takeMerged(long byteSize) {
        if (bins.freedSince() == 0) {
            return FreeBins.NONE;
        }
        consolidate(false);
        long block = takeOwn(byteSize, Long.MAX_VALUE);
        if (block == FreeBins.NONE) {
            block = takeLarger(byteSize);
        }
        return block != FreeBins.NONE ? block : takeFromTop(byteSize);
    }

    /** The front of a block out of a bin for larger sizes. */
    private long takeLarger(long byteSize) {
        int bin = bins.firstOccupied(FreeBins.binOf(byteSize) + 1);
        return bin < 0 ? FreeBins.NONE : bins.take(bin, byteSize, 1);
    }

    /** A block out of the bin for this size. */
    private long takeOwn(long byteSize, long tries) {
        return bins.take(FreeBins.binOf(byteSize), byteSize, tries);
    }

    private long takeFromTop(long byteSize) {
        long top = control.top();
        if (byteSize > control.end() - top) {
            return FreeBins.NONE;
        }
        control.top(top + byteSize);
        return top;
    }

    /** Commits more, so that a block of this size fits at the top; false if the limit forbids. */
    private boolean raiseEnd(long byteSize) {
        long before = committed();
        long top = control.top();
        if (top <= poolEnd && byteSize > bound(top) - top && byteSize <= bound(growth) - growth) {
            leavePool();
            top = growth;
        }
        if (byteSize > bound(top) - top) {
            return false;
        }
        raiseEndFor(top + byteSize);
        if (!largePages && control.end() - growth >= LARGE_PAGES) {
            VirtualMemory.preferLargePages(memory, growth, growthEnd);
            largePages = true;
        }
        Events.grew(this, byteSize, before, committed());
        return true;
    }

    /** Puts the end where it has to be for this top, or a step further than it is. */
    private void raiseEndFor(long top) {
        long step = Math.max(MIN_STEP, committed() >> STEP_SHIFT);
        putEnd(Math.min(bound(top), roundUpToStep(Math.max(top, control.end() + step))));
    }

    /** Whatever is handed out lies below the end, and a damaged link leads no further than here. */
    private void putEnd(long end) {
        control.end(end);
        bins.reachesTo(end);
        region.usedUpTo(end);
    }

    private static long roundUpToStep(long offset) {
        return (offset + MIN_STEP - 1) & -MIN_STEP;
    }

    /** How far the limit lets the top rise, in the extent that this offset is in. */
    private long bound(long offset) {
        long limit = control.limit() & -GRANULE;
        return offset <= poolEnd
                ? Math.min(poolEnd, pool + limit)
                : Math.min(growthEnd, growth + Math.max(0, limit - (poolEnd - pool)));
    }

    /** Goes on in the growth area; what is left of the pool becomes a free block. */
    private void leavePool() {
        long top = control.top();
        if (top < poolEnd) {
            bins.pushUncounted(top, poolEnd - top);
        }
        control.top(growth);
        control.end(growth);
    }

    @Override
    public long reallocate(long address, long oldByteSize, long newByteSize) {
        Blocks.requireSize("newByteSize", newByteSize);
        boolean shared = enter();
        try {
            long block = requireBlock(address, oldByteSize);
            if (newByteSize <= oldByteSize) {
                shrink(block, oldByteSize, newByteSize);
                return address;
            }
            if (newByteSize > maxByteSize) {
                return failed(oldByteSize, newByteSize);
            }
            return grow(block, oldByteSize, newByteSize);
        } finally {
            exit(shared);
        }
    }

    private void shrink(long block, long oldByteSize, long newByteSize) {
        long oldSize = roundUp(oldByteSize);
        long newSize = roundUp(newByteSize);
        if (newSize < oldSize) {
            give(block + newSize, oldSize - newSize);
        }
        if (control.shrunk(oldByteSize - newByteSize, oldSize - newSize) && newSize < oldSize) {
            trimIfWanted();
        }
    }

    private long grow(long block, long oldByteSize, long newByteSize) {
        long oldSize = roundUp(oldByteSize);
        long newSize = roundUp(newByteSize);
        if (newSize == oldSize || growAtTop(block, oldSize, newSize)) {
            control.grown(newByteSize - oldByteSize, newSize - oldSize, true);
            return base + block;
        }
        // Else the new block could be neither used nor given back.
        StackSpace.require(COPYING_CALLS);
        long moved = takeExact(newByteSize);
        if (moved == FreeBins.NONE) {
            moved = takeOther(newByteSize);
        }
        if (moved == FreeBins.NONE) {
            return failed(oldByteSize, newByteSize);
        }
        control.grown(newByteSize - oldByteSize, newSize - oldSize, false);
        OffHeap.copy(base + block, base + moved, oldByteSize);
        give(block, oldSize);
        return base + moved;
    }

    private boolean growAtTop(long block, long oldSize, long newSize) {
        if (block + oldSize != control.top()) {
            return false;
        }
        if (newSize > control.end() - block) {
            if (newSize > bound(block) - block) {
                return false;
            }
            long before = committed();
            raiseEndFor(block + newSize);
            Events.grew(this, newSize, before, committed());
        }
        control.top(block + newSize);
        return true;
    }

    @Override
    public void free(long address, long byteSize) {
        boolean shared = enter();
        try {
            long block = requireBlock(address, byteSize);
            long rounded = roundUp(byteSize);
            give(block, rounded);
            if (control.tookBack(byteSize, rounded)) {
                trimIfWanted();
            }
        } finally {
            exit(shared);
        }
    }

    private void give(long block, long byteSize) {
        if (block + byteSize == control.top()) {
            control.top(block);
        } else {
            bins.push(block, byteSize);
        }
    }

    /** So much was given back that a trim is due. It need not succeed: the next free asks again. */
    private void trimIfWanted() {
        if (!trimsByItself) {
            control.wantsTrim(false); // a new peak made it due
            return;
        }
        try {
            trimNow();
        } catch (OutOfMemoryError | StackOverflowError ignored) {
            // The block was given back, and all is as it was but for the pages.
        }
    }

    /** {@return whether this allocator {@linkplain #trim() trims} by itself; at first it does} */
    public boolean trimsByItself() {
        return trimsByItself;
    }

    /**
     * Says whether this allocator {@linkplain #trim() trims} by itself. Without that it keeps what
     * it has from the system, which is faster where as much is needed again soon, or where the
     * region is about to be closed.
     *
     * @param byItself whether it does
     * @throws IllegalStateException if the region is closed
     */
    public void trimsByItself(boolean byItself) {
        boolean shared = enter();
        try {
            trimsByItself = byItself;
            control.wantsTrim(byItself);
        } finally {
            exit(shared);
        }
    }

    /**
     * Merges free blocks, lowers the top and gives whole free pages back to the system. It happens
     * by itself when less than an eighth is used of what was used since the last time, and that
     * eighth is at least 128 KiB; and again with each eighth less, while what is left keeps more
     * than eight times its size in pages.
     */
    public void trim() {
        boolean shared = enter();
        try {
            trimNow();
        } finally {
            exit(shared);
        }
    }

    private void trimNow() {
        Events.@Nullable Begun event = Events.trimming(this);
        long end = control.end();
        long released = consolidate(true);
        long top = control.top();
        releaseBetween(top, end);
        region.releaseUnused(end);
        putEnd(Math.max(top, Math.min(bound(top), roundUpToStep(top))));
        control.trimmed(footprint() - released);
        region.releaseScratch();
        Events.trimmed(event, this);
    }

    /**
     * Merges free blocks that lie side by side, and those at the top with what is above it.
     *
     * @param release whether the pages of free runs go back to the system
     * @return how many bytes of free runs, below the top, went back
     */
    private long consolidate(boolean release) {
        Events.@Nullable Begun event = Events.consolidating(this);
        long before = footprint();
        int[] merged = {0}; // free blocks that are part of others now
        FreeMap.Visitor rebuild =
                (block, byteSize, free) -> {
                    if (block < growth && control.top() == growth) {
                        returnToPool();
                    }
                    if (free) {
                        giveMerged(block, byteSize);
                        merged[0]--;
                    }
                };
        try (FreeMap map = mapped(merged)) {
            // From here to the end of the rebuilding, what is free stands in the map alone: nothing
            // may fail, or need memory of Java's.
            StackSpace.require(MERGING_CALLS);
            bins.clear();
            // From the highest address down, so that each list starts at its lowest block.
            map.forEachDescending(rebuild);
        }
        control.countConsolidation(merged[0], before - footprint());
        Events.consolidated(event, this, merged[0]);
        return release ? releaseFree() : 0;
    }

    /** {@return a map of what is free; to be closed} It counts the blocks. */
    private FreeMap mapped(int[] count) {
        FreeMap map = new FreeMap(region, pool, control.top());
        mark(map, (bin, block, byteSize) -> count[0]++);
        return map;
    }

    /** Marks all free blocks, each after it was looked at. */
    private void mark(FreeMap map, FreeBins.Visitor look) {
        bins.forEach(
                (bin, block, byteSize) -> {
                    look.visit(bin, block, byteSize);
                    if (map.mark(block, byteSize)) {
                        throw broken("free blocks overlap", block, byteSize);
                    }
                });
    }

    /** The growth area is empty: the pool's end is the top again. */
    private void returnToPool() {
        control.top(poolEnd);
        control.end(poolEnd);
    }

    /** Gives pages of pool and growth area back to the system, not of what lies between them. */
    private void releaseBetween(long top, long end) {
        if (top <= poolEnd && end > poolEnd) {
            VirtualMemory.release(memory, top, poolEnd);
            VirtualMemory.release(memory, growth, end);
        } else {
            VirtualMemory.release(memory, top, end);
        }
    }

    private void giveMerged(long block, long byteSize) {
        if (block + byteSize == control.top()) {
            control.top(block);
        } else {
            bins.pushUncounted(block, byteSize);
        }
    }

    /** Gives the pages of free blocks back to the system. {@return how many bytes went back} */
    private long releaseFree() {
        long[] released = {0};
        bins.forEach(
                (bin, block, byteSize) -> {
                    if (byteSize >= MIN_RELEASE) {
                        long from = block + FreeBins.HEADER;
                        released[0] += VirtualMemory.release(memory, from, block + byteSize);
                    }
                });
        return released[0];
    }

    private long footprint() {
        return held(control.top());
    }

    private long committed() {
        return held(control.end());
    }

    /** The bytes of pool and growth area below an offset. */
    private long held(long offset) {
        return offset <= poolEnd ? offset - pool : poolEnd - pool + offset - growth;
    }

    @Override
    ControlBlock.Space space(ControlBlock image) {
        return new ControlBlock.Space(
                held(image.top()),
                held(image.end()),
                poolEnd - pool + growthEnd - growth,
                Math.max(0, image.limit() - image.usedBytes()));
    }

    @Override
    void checkBlocks() {
        long[] sum = {0};
        try (FreeMap map = new FreeMap(region, pool, control.top())) {
            mark(
                    map,
                    (bin, block, byteSize) -> {
                        checkFree(bin, block, byteSize);
                        sum[0] += byteSize;
                    });
        }
        if (sum[0] != footprint() - control.usedBytes()) {
            throw broken(
                    "free blocks are not what is not used",
                    sum[0],
                    footprint() - control.usedBytes());
        }
    }

    private void checkFree(int bin, long block, long byteSize) {
        if (block % GRANULE != 0 || !wasHandedOut(block, byteSize)) {
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
    void collect(Deque<Run> runs) {
        try (FreeMap map = mapped(new int[1])) {
            map.forEachDescending(
                    (block, byteSize, free) -> {
                        long end = block + byteSize;
                        // What lies between the pool and the growth area is no block.
                        addFirst(runs, Math.max(block, growth), end, free);
                        addFirst(runs, block, Math.min(end, poolEnd), free);
                    });
        }
        long top = control.top();
        long end = top <= poolEnd ? poolEnd : control.end();
        if (top < end) {
            runs.add(new Run(top, end - top, true));
        }
    }

    private static void addFirst(Deque<Run> runs, long from, long to, boolean free) {
        if (from < to) {
            runs.addFirst(new Run(from, to - from, free));
        }
    }
}
