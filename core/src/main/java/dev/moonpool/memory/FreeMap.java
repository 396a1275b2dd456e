package dev.moonpool.memory;

/**
 * Scratch for a pass over a pool: one bit per granule, set where it is free. It shows free memory
 * in address order and without the boundaries between free blocks, which their lists do not.
 *
 * <p>It lies in the region's {@linkplain Region#scratch() scratch}, of which it takes 1/64 of what
 * it covers, until the next one is made. O(covered / 512) to make and to read. A large one is
 * memory only where something is free, and only as long as it is open.
 */
final class FreeMap implements AutoCloseable {
    private static final long GRANULE = FreeBins.GRANULE;

    /**
     * From this size in bytes on, a map is too much memory to be kept, and to be cleared by hand.
     */
    private static final long LARGE = 16 << 20;

    private final Region region;
    private final boolean isLarge;
    private final long bits; // the address of the first word
    private final long start;
    private final long end;

    /** Sees a run of granules that are all free, or all used. */
    interface Visitor {
        void visit(long block, long byteSize, boolean free);
    }

    /** A map of [start, end), all used. */
    FreeMap(Region region, long start, long end) {
        this.region = region;
        this.start = start;
        this.end = end;
        bits = region.scratch();
        long byteSize = byteSize(end - start);
        isLarge = byteSize >= LARGE;
        if (!(isLarge && region.clearScratch())) {
            OffHeap.clear(bits, byteSize);
        }
    }

    @Override
    public void close() {
        if (isLarge) {
            region.releaseScratch();
        }
    }

    /** {@return how much scratch a map of so many bytes takes} */
    static long byteSize(long covered) {
        return (covered / GRANULE / Long.SIZE + 1) * Long.BYTES;
    }

    /**
     * Sets the bits of a free block, which must lie in [start, end).
     *
     * @return whether one of them was set already
     */
    boolean mark(long block, long byteSize) {
        if (block < start || byteSize > end - block) {
            throw new IllegalStateException(
                    "free block is not in the pool: block=%d, byteSize=%d, start=%d, end=%d"
                            .formatted(block, byteSize, start, end));
        }
        long from = (block - start) / GRANULE;
        long to = from + byteSize / GRANULE; // exclusive
        boolean twice = false;
        while (from < to) {
            long inWord = from % Long.SIZE;
            long count = Math.min(Long.SIZE - inWord, to - from);
            long mask = (-1L >>> (Long.SIZE - count)) << inWord;
            long word = word(from / Long.SIZE);
            twice |= (word & mask) != 0;
            OffHeap.set(bits + from / Long.SIZE * Long.BYTES, word | mask);
            from += count;
        }
        return twice;
    }

    /** Shows all runs, the one at the highest address first. */
    void forEachDescending(Visitor visitor) {
        long high = (end - start) / GRANULE; // exclusive
        while (high > 0) {
            boolean free = isFree(high - 1);
            long low = startOfRun(high - 1, free);
            if (low >= high) { // the bits have changed between two looks
                throw new IllegalStateException("map of free blocks is damaged: granule=" + low);
            }
            visitor.visit(start + low * GRANULE, (high - low) * GRANULE, free);
            high = low;
        }
    }

    private boolean isFree(long granule) {
        return (word(granule / Long.SIZE) >>> (granule % Long.SIZE) & 1) != 0;
    }

    /** The lowest granule of the run that contains this one. */
    private long startOfRun(long granule, boolean free) {
        long index = granule / Long.SIZE;
        long above = Long.SIZE - 1 - granule % Long.SIZE;
        // Ones where the run ends; those above the granule shifted out.
        long differing = (free ? ~word(index) : word(index)) << above >>> above;
        while (differing == 0) {
            if (index-- == 0) {
                return 0;
            }
            differing = free ? ~word(index) : word(index);
        }
        return index * Long.SIZE + Long.SIZE - Long.numberOfLeadingZeros(differing);
    }

    private long word(long index) {
        return OffHeap.get(bits + index * Long.BYTES);
    }
}
