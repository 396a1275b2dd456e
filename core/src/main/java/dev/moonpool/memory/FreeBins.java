package dev.moonpool.memory;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.sequenceLayout;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.StructLayout;
import java.util.Arrays;

/**
 * The free blocks of a pool, in segregated lists: one list per size up to 2 KiB, then eight per
 * doubling. The tables lie behind the control block in the data part, the links in the free blocks
 * themselves:
 *
 * <pre>
 *     freed since | occupied: a bit per bin | head of each bin
 *
 *     free block up to 2 KiB    | next |
 *     larger one                | next | size |
 * </pre>
 *
 * Blocks are offsets from the start of the region, and sizes count bytes; both are multiples of the
 * granule of 8 bytes.
 *
 * <ol>
 *   <li>a block of at most 2 KiB in bin b has (b + 1) * 8 bytes; of larger bins, each block is
 *       smaller than every block of the next bin
 *   <li>lists end with the offset of these tables, where no block lies
 *   <li>a bin whose bit is not set has 0 as its head. One that runs empty keeps its bit until a
 *       search meets it: if the last pop cleared it, then each push to a list that had run empty
 *       would be a mispredicted branch
 * </ol>
 *
 * Push and pop are O(1). The source of the idea is Wilson et al., Dynamic Storage Allocation: A
 * Survey and Critical Review, 1995, "segregated fits". The C twin is {@code struct mp_bins} in
 * moonpool.h.
 */
final class FreeBins {
    private static final int LOG_GRANULE = 3;
    static final long GRANULE = 1 << LOG_GRANULE;

    private static final int EXACT = 256;

    /** The largest size that has a list of its own. */
    static final long MAX_EXACT = EXACT * GRANULE;

    private static final int LOG_EXACT = 8;
    private static final int LOG_PER_DOUBLING = 3;
    private static final int MAX_LOG =
            Long.numberOfTrailingZeros(RegionLayout.MAX_BYTE_SIZE / GRANULE);

    /** Rounded up to whole words of bits. */
    static final int BINS = (binOfGranules(1L << MAX_LOG) / Long.SIZE + 1) * Long.SIZE;

    private static final int WORDS = BINS / Long.SIZE;
    static final long NONE = 0;

    /** How many lists are walked at a time. */
    private static final int SIDE_BY_SIDE = 8;

    /** What the links take of a free block, at most. */
    static final long HEADER = 2 * Long.BYTES;

    static final StructLayout LAYOUT =
            structLayout(
                            JAVA_LONG.withName("freed_since"),
                            sequenceLayout(WORDS, JAVA_LONG).withName("occupied"),
                            sequenceLayout(BINS, JAVA_LONG).withName("heads"))
                    .withName("mp_bins");

    private static final long FREED_SINCE = LAYOUT.byteOffset(groupElement("freed_since"));
    private static final long OCCUPIED = LAYOUT.byteOffset(groupElement("occupied"));
    private static final long HEADS = LAYOUT.byteOffset(groupElement("heads"));

    private final long base; // of the region: block offsets count from it
    private final long pool; // the extents, as offsets
    private final long poolEnd;
    private final long growth;
    private long growthEnd; // how far memory was ever committed: no block lies behind it
    private final long tables; // their address
    private final long exactHeads; // what to add to an exact size, so that it is its head's address
    private final long last; // what lists end with
    private final long[] occupied = new long[WORDS]; // an image, as the control block's counters
    private long freedSince; // too

    /** Sees a free block. */
    interface Visitor {
        void visit(int bin, long block, long byteSize);
    }

    /** The tables at an address; see {@link OffHeap} for who may use them. */
    FreeBins(Region region, long tables) {
        base = region.address();
        pool = region.layout().poolOffset();
        poolEnd = region.layout().ioOffset();
        growth = region.layout().growthOffset();
        growthEnd = growth;
        this.tables = tables;
        exactHeads = tables + HEADS - GRANULE;
        last = tables - base;
    }

    /** Says that blocks may lie below an offset from now on. */
    void reachesTo(long end) {
        growthEnd = Math.max(growthEnd, end);
    }

    /** Takes over what stands in the region. */
    void load() {
        freedSince = OffHeap.get(tables + FREED_SINCE);
        for (int word = 0; word < WORDS; word++) {
            occupied[word] = OffHeap.get(tables + OCCUPIED + (long) word * Long.BYTES);
        }
    }

    /** Writes what is not there already into the region. */
    void store() {
        OffHeap.set(tables + FREED_SINCE, freedSince);
        for (int word = 0; word < WORDS; word++) {
            OffHeap.set(tables + OCCUPIED + (long) word * Long.BYTES, occupied[word]);
        }
    }

    /** {@return the bin of a block of this size} */
    static int binOf(long byteSize) {
        return binOfGranules(byteSize >>> LOG_GRANULE);
    }

    private static int binOfGranules(long granules) {
        if (granules <= EXACT) {
            return (int) granules - 1;
        }
        int log = Long.SIZE - 1 - Long.numberOfLeadingZeros(granules);
        int eighth = (int) (granules >>> (log - LOG_PER_DOUBLING)) & ((1 << LOG_PER_DOUBLING) - 1);
        return EXACT + ((log - LOG_EXACT) << LOG_PER_DOUBLING) + eighth;
    }

    static boolean isExact(int bin) {
        return bin < EXACT;
    }

    /** {@return the bytes pushed since {@link #clear()}} */
    long freedSince() {
        return freedSince;
    }

    /** {@return the size of a block that is in the bin, and that {@link #next} has looked at} */
    long sizeOf(int bin, long block) {
        if (isExact(bin)) {
            return (bin + 1) * GRANULE;
        }
        long size = OffHeap.get(base + block + Long.BYTES);
        if (size <= MAX_EXACT || size % GRANULE != 0 || !lies(block, size) || binOf(size) != bin) {
            throw new IllegalStateException(
                    "size of a free block is damaged: block=%d, byteSize=%d"
                            .formatted(block, size));
        }
        return size;
    }

    /** Puts in a block that was given back. */
    void push(long block, long byteSize) {
        pushUncounted(block, byteSize);
        freedSince += byteSize;
    }

    /** Puts in a block that was free before. */
    void pushUncounted(long block, long byteSize) {
        if (byteSize <= MAX_EXACT) {
            link(exactHeads + byteSize, block, byteSize);
        } else {
            OffHeap.set(base + block + Long.BYTES, byteSize);
            link(headOf(binOf(byteSize)), block, byteSize);
        }
    }

    /** Makes a block the first of the list whose head is at this address. */
    private void link(long headAddress, long block, long byteSize) {
        long head = OffHeap.get(headAddress);
        if (head == NONE) {
            begin(headAddress, block, binOf(byteSize));
            return;
        }
        OffHeap.set(base + block, head);
        OffHeap.set(headAddress, block);
    }

    /** Makes a block the only one of its list. The mark comes last, as it needs no stack. */
    private void begin(long headAddress, long block, int bin) {
        OffHeap.set(base + block, last);
        OffHeap.set(headAddress, block);
        occupied[bin >>> 6] |= 1L << bin;
    }

    /**
     * Takes the latest block of just this size out of its list.
     *
     * @param byteSize the size, at most 2 KiB. A granule is as long as a head, so that it is at the
     *     same time where the head lies
     * @return the block, or 0 if there is none
     */
    long popExact(long byteSize) {
        long headAddress = exactHeads + byteSize;
        long block = OffHeap.get(headAddress);
        if (!isBlock(block, byteSize)) {
            return requireNone(block);
        }
        OffHeap.set(headAddress, OffHeap.get(base + block));
        return block;
    }

    /** For a head that is no block: the list is empty, or the head is damaged. */
    private long requireNone(long head) {
        if (!isEnd(head)) {
            throw damaged(head);
        }
        return NONE;
    }

    /** Whether a head says that its list is empty. */
    private boolean isEnd(long head) {
        return head == NONE || head == last;
    }

    /**
     * Takes the front of a block that is large enough out of a bin; the rest goes to its own list.
     *
     * @param tries how many blocks to look at
     * @return the block, or 0
     */
    long take(int bin, long byteSize, long tries) {
        long link = headOf(bin); // the address of what leads to the block
        long block = OffHeap.get(link);
        if (block == NONE) {
            return NONE;
        }
        for (long i = 0; block != last && i < tries; i++) {
            long next = next(bin, block);
            long size = sizeOf(bin, block);
            if (size >= byteSize) {
                takeFront(link, block, next, size, byteSize);
                return block;
            }
            link = base + block;
            block = next;
        }
        return NONE;
    }

    /**
     * What lists show changes in the end only, by calls that take no more stack than those before
     * them: a stack that is used up leaves the block where it is.
     */
    private void takeFront(long link, long block, long next, long size, long byteSize) {
        long rest = block + byteSize;
        long restSize = size - byteSize;
        if (restSize == 0) {
            OffHeap.set(link, next);
            return;
        }
        int bin = binOf(restSize);
        long restLink = headOf(bin);
        long head = OffHeap.get(restLink);
        long restNext = head == NONE ? last : head == block ? next : head;
        OffHeap.set(base + rest, restNext);
        if (!isExact(bin)) {
            OffHeap.set(base + rest + Long.BYTES, restSize);
        }
        OffHeap.set(link, next);
        OffHeap.set(restLink, rest);
        occupied[bin >>> 6] |= 1L << bin;
    }

    /** {@return the first bin from {@code bin} on that is not empty, or -1} */
    int firstOccupied(int bin) {
        for (int word = bin >>> 6; word < WORDS; word++) {
            long bits = occupied[word];
            if (word == bin >>> 6) {
                bits &= -1L << bin;
            }
            for (; bits != 0; bits &= bits - 1) {
                int found = (word << 6) + Long.numberOfTrailingZeros(bits);
                if (!isEnd(head(found))) {
                    return found;
                }
                OffHeap.set(headOf(found), NONE);
                occupied[word] &= ~(1L << found);
            }
        }
        return -1;
    }

    /**
     * Shows every free block. It walks several lists side by side: a link is seldom in a cache, and
     * while one is waited for, those of the other lists are on their way. For that, their reading
     * comes before all else: a processor looks ahead for some hundred instructions.
     */
    void forEach(Visitor visitor) {
        int[] bins = new int[SIDE_BY_SIDE];
        long[] blocks = new long[SIDE_BY_SIDE];
        long[] links = new long[SIDE_BY_SIDE];
        int lists = 0;
        int bin = firstOccupied(0);
        while (lists > 0 || bin >= 0) {
            for (; lists < SIDE_BY_SIDE && bin >= 0; bin = firstOccupied(bin + 1)) {
                bins[lists] = bin;
                blocks[lists++] = head(bin);
            }
            for (int i = 0; i < lists; i++) {
                links[i] = next(bins[i], blocks[i]);
            }
            for (int i = lists - 1; i >= 0; i--) {
                visitor.visit(bins[i], blocks[i], sizeOf(bins[i], blocks[i]));
                blocks[i] = links[i];
                if (blocks[i] == last) {
                    lists--;
                    bins[i] = bins[lists];
                    blocks[i] = blocks[lists];
                }
            }
        }
    }

    /** Forgets all blocks. */
    void clear() {
        OffHeap.clear(tables, LAYOUT.byteSize());
        Arrays.fill(occupied, 0);
        freedSince = 0;
    }

    /**
     * The link in a free block of this bin. Whoever wrote into a block that he had given back may
     * have damaged what led here: then this finds out, before anything is read or written that is
     * no block's.
     */
    private long next(int bin, long block) {
        if (!isBlock(block, isExact(bin) ? (bin + 1) * GRANULE : HEADER)) {
            throw damaged(block);
        }
        return OffHeap.get(base + block);
    }

    private boolean isBlock(long block, long byteSize) {
        return (block & (GRANULE - 1)) == 0 && lies(block, byteSize);
    }

    private boolean lies(long block, long byteSize) {
        return (block >= pool && block <= poolEnd - byteSize)
                || (block >= growth && block <= growthEnd - byteSize);
    }

    private static IllegalStateException damaged(long block) {
        return new IllegalStateException(
                "link of a free block is damaged: block=%d".formatted(block));
    }

    private long head(int bin) {
        return OffHeap.get(headOf(bin));
    }

    private long headOf(int bin) {
        return tables + HEADS + (long) bin * Long.BYTES;
    }
}
