package dev.moonpool.memory;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.sequenceLayout;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * The head of a region's data part: where the parts are, and the marks and counters of the
 * allocator. The C twin is {@code struct mp_control} in moonpool.h; a test holds the two against
 * each other.
 *
 * <pre>
 *     magic | version | code | data | pool | io | growth (offset, size each) | limit | allocator
 *     | top | end | live, peak | used, high, peak used, trim below | frees | grown | moved | shrunk
 *     | failures | consolidations | merged | recovered | requests by tag | bytes by tag
 * </pre>
 *
 * All fields are 8 bytes; offsets count from the start of the region.
 *
 * <ol>
 *   <li>top &lt;= end, both in the pool or both in the growth area
 *   <li>0 &lt;= live bytes &lt;= used bytes, the requested and the rounded size of the same blocks
 *   <li>peaks are brought up to date only when the bytes go down, so that an allocation need not
 *       touch them: the true peak is max(peak, present)
 *   <li>blocks = sum of requests by tag - frees
 * </ol>
 *
 * <p>The objects of this class are images: the fields that change are variables of Java's, which
 * its compiler keeps in registers, and go to the region and back as a whole. Where native code
 * works on the same control block, the image is {@linkplain #share() shared}: then each operation
 * loads it first and stores it in the end. Otherwise it is stored when somebody may look.
 */
final class ControlBlock {
    static final long MAGIC = 0x4c4f4f504e4f4f4dL; // "MOONPOOL" in a little-endian dump
    static final long VERSION = 3;

    static final StructLayout LAYOUT =
            MemoryLayout.structLayout(
                            JAVA_LONG.withName("magic"),
                            JAVA_LONG.withName("version"),
                            JAVA_LONG.withName("code_offset"),
                            JAVA_LONG.withName("code_size"),
                            JAVA_LONG.withName("data_offset"),
                            JAVA_LONG.withName("data_size"),
                            JAVA_LONG.withName("pool_offset"),
                            JAVA_LONG.withName("pool_size"),
                            JAVA_LONG.withName("io_offset"),
                            JAVA_LONG.withName("io_size"),
                            JAVA_LONG.withName("growth_offset"),
                            JAVA_LONG.withName("growth_size"),
                            JAVA_LONG.withName("limit"),
                            JAVA_LONG.withName("allocator"),
                            JAVA_LONG.withName("top"),
                            JAVA_LONG.withName("end"),
                            JAVA_LONG.withName("live_bytes"),
                            JAVA_LONG.withName("peak_bytes"),
                            JAVA_LONG.withName("used_bytes"),
                            JAVA_LONG.withName("high_used_bytes"),
                            JAVA_LONG.withName("peak_used_bytes"),
                            JAVA_LONG.withName("trim_below"),
                            JAVA_LONG.withName("frees"),
                            JAVA_LONG.withName("grown_in_place"),
                            JAVA_LONG.withName("moved"),
                            JAVA_LONG.withName("shrunk"),
                            JAVA_LONG.withName("failures"),
                            JAVA_LONG.withName("consolidations"),
                            JAVA_LONG.withName("merged_blocks"),
                            JAVA_LONG.withName("recovered_bytes"),
                            sequenceLayout(BlockAllocator.TAGS, JAVA_LONG).withName("tag_requests"),
                            sequenceLayout(BlockAllocator.TAGS, JAVA_LONG).withName("tag_bytes"))
                    .withName("mp_control");

    static final long BYTE_SIZE = LAYOUT.byteSize();

    /** Below this, used bytes are not worth a pass that gives pages back. */
    static final long MIN_TRIM_BELOW = 128 << 10;

    /** The part of the most that was used, since the last trim, that used bytes must fall below. */
    static final int TRIM_SHIFT = 3;

    /** Used bytes that are less than this part of the pages that they keep are sparse. */
    private static final int SPARSE_SHIFT = 3;

    /** The part of used bytes that must go before the next trim, where they are sparse. */
    private static final int SPARSE_TRIM_SHIFT = 3;

    private static final long MAGIC_NUMBER = offsetOf("magic");
    private static final long LIMIT = offsetOf("limit");
    private static final long ALLOCATOR = offsetOf("allocator");
    private static final long TOP = offsetOf("top");
    private static final long END = offsetOf("end");
    private static final long LIVE_BYTES = offsetOf("live_bytes");
    private static final long PEAK_BYTES = offsetOf("peak_bytes");
    private static final long USED_BYTES = offsetOf("used_bytes");
    private static final long HIGH_USED_BYTES = offsetOf("high_used_bytes");
    private static final long PEAK_USED_BYTES = offsetOf("peak_used_bytes");
    private static final long TRIM_BELOW = offsetOf("trim_below");
    private static final long FREES = offsetOf("frees");
    private static final long GROWN_IN_PLACE = offsetOf("grown_in_place");
    private static final long MOVED = offsetOf("moved");
    private static final long SHRUNK = offsetOf("shrunk");
    private static final long FAILURES = offsetOf("failures");
    private static final long CONSOLIDATIONS = offsetOf("consolidations");
    private static final long MERGED_BLOCKS = offsetOf("merged_blocks");
    private static final long RECOVERED_BYTES = offsetOf("recovered_bytes");
    private static final long TAG_REQUESTS = offsetOf("tag_requests");
    private static final long TAG_BYTES = offsetOf("tag_bytes");

    private final long address;
    private boolean shared;

    private long limit;
    private long end;
    private long top;

    // What a bump allocation takes is counting, so it writes as little as can be: requests of tag
    // 0, as most are outside of Lua, are no elements of the arrays below, and their bytes count as
    // live by themselves. Live are untaggedBytes + otherBytes.
    private long untaggedRequests;
    private long untaggedBytes;
    private long otherBytes; // of other tags, and by growing, less all that was given back
    private long usedBytes;
    private long peakBytes;
    private long highUsedBytes;
    private long peakUsedBytes;
    private long trimBelow;
    private long frees;
    private long grownInPlace;
    private long moved;
    private long shrunk;
    private long failures;
    private long consolidations;
    private long mergedBlocks;
    private long recoveredBytes;
    private final long[] tagRequests = new long[BlockAllocator.TAGS];
    private final long[] tagBytes = new long[BlockAllocator.TAGS];

    /** An image of the control block at an address; see {@link OffHeap} for who may use it. */
    ControlBlock(long address) {
        this.address = address;
        load();
    }

    private static long offsetOf(String field) {
        return LAYOUT.byteOffset(groupElement(field));
    }

    /** Writes the head of a new region; all other fields are zero already. */
    void initialize(RegionLayout layout) {
        set(MAGIC_NUMBER, MAGIC);
        set(offsetOf("version"), VERSION);
        set(offsetOf("code_offset"), layout.codeOffset());
        set(offsetOf("code_size"), layout.codeByteSize());
        set(offsetOf("data_offset"), layout.dataOffset());
        set(offsetOf("data_size"), layout.dataByteSize());
        set(offsetOf("pool_offset"), layout.poolOffset());
        set(offsetOf("pool_size"), layout.poolByteSize());
        set(offsetOf("io_offset"), layout.ioOffset());
        set(offsetOf("io_size"), layout.ioByteSize());
        set(offsetOf("growth_offset"), layout.growthOffset());
        set(offsetOf("growth_size"), layout.growthByteSize());
        limit = layout.poolByteSize() + layout.growthByteSize();
        top = layout.poolOffset();
        end = layout.poolOffset();
        store();
    }

    /** Makes an allocator the pool's one and only. */
    void claim(AllocatorKind kind) {
        long owner = get(ALLOCATOR);
        if (owner != 0) {
            throw new IllegalStateException(
                    "region has an allocator already: allocator=" + AllocatorKind.of(owner));
        }
        set(ALLOCATOR, kind.code());
    }

    /** From now on, native code reads and writes the control block too. */
    void share() {
        store();
        shared = true;
    }

    boolean isShared() {
        return shared;
    }

    private long get(long field) {
        return OffHeap.get(address + field);
    }

    private void set(long field, long value) {
        OffHeap.set(address + field, value);
    }

    /** Takes over what stands in the region. */
    void load() {
        limit = get(LIMIT);
        top = get(TOP);
        end = get(END);
        peakBytes = get(PEAK_BYTES);
        usedBytes = get(USED_BYTES);
        highUsedBytes = get(HIGH_USED_BYTES);
        peakUsedBytes = get(PEAK_USED_BYTES);
        trimBelow = get(TRIM_BELOW);
        frees = get(FREES);
        grownInPlace = get(GROWN_IN_PLACE);
        moved = get(MOVED);
        shrunk = get(SHRUNK);
        failures = get(FAILURES);
        consolidations = get(CONSOLIDATIONS);
        mergedBlocks = get(MERGED_BLOCKS);
        recoveredBytes = get(RECOVERED_BYTES);
        untaggedRequests = get(TAG_REQUESTS);
        untaggedBytes = get(TAG_BYTES);
        otherBytes = get(LIVE_BYTES) - untaggedBytes;
        for (int tag = 1; tag < BlockAllocator.TAGS; tag++) {
            tagRequests[tag] = get(TAG_REQUESTS + tag * (long) Long.BYTES);
            tagBytes[tag] = get(TAG_BYTES + tag * (long) Long.BYTES);
        }
    }

    /** Writes the image into the region. */
    void store() {
        set(LIMIT, limit);
        set(TOP, top);
        set(END, end);
        set(LIVE_BYTES, liveBytes());
        set(PEAK_BYTES, peakBytes);
        set(USED_BYTES, usedBytes);
        set(HIGH_USED_BYTES, highUsedBytes);
        set(PEAK_USED_BYTES, peakUsedBytes);
        set(TRIM_BELOW, trimBelow);
        set(FREES, frees);
        set(GROWN_IN_PLACE, grownInPlace);
        set(MOVED, moved);
        set(SHRUNK, shrunk);
        set(FAILURES, failures);
        set(CONSOLIDATIONS, consolidations);
        set(MERGED_BLOCKS, mergedBlocks);
        set(RECOVERED_BYTES, recoveredBytes);
        set(TAG_REQUESTS, untaggedRequests);
        set(TAG_BYTES, untaggedBytes);
        for (int tag = 1; tag < BlockAllocator.TAGS; tag++) {
            set(TAG_REQUESTS + tag * (long) Long.BYTES, tagRequests[tag]);
            set(TAG_BYTES + tag * (long) Long.BYTES, tagBytes[tag]);
        }
    }

    /** {@return how many bytes of pool and growth area blocks may lie in} */
    long limit() {
        return limit;
    }

    void limit(long byteSize) {
        limit = byteSize;
    }

    long top() {
        return top;
    }

    void top(long offset) {
        top = offset;
    }

    /** {@return how far the top may rise without further ado} */
    long end() {
        return end;
    }

    void end(long offset) {
        end = offset;
    }

    long liveBytes() {
        return untaggedBytes + otherBytes;
    }

    long usedBytes() {
        return usedBytes;
    }

    /** Counts a new block. */
    void handedOut(long byteSize, long rounded, int tag) {
        usedBytes += rounded;
        if (tag == 0) {
            untaggedRequests++;
            untaggedBytes += byteSize;
        } else {
            tagRequests[tag]++;
            tagBytes[tag] += byteSize;
            otherBytes += byteSize;
        }
    }

    /** Counts a block that is larger now. */
    void grown(long more, long moreRounded, boolean inPlace) {
        otherBytes += more;
        usedBytes += moreRounded;
        if (inPlace) {
            grownInPlace++;
        } else {
            moved++;
        }
    }

    /**
     * Counts a block that is smaller now, or as large as before.
     *
     * @return whether so much was given back that pages of it should go to the system
     */
    boolean shrunk(long less, long lessRounded) {
        shrunk++;
        return remove(less, lessRounded);
    }

    /**
     * Counts a block that was given back.
     *
     * @return whether so much was that pages of it should go to the system
     */
    boolean tookBack(long byteSize, long rounded) {
        frees++;
        return remove(byteSize, rounded);
    }

    /** Counts all blocks as given back. */
    void tookBackAll() {
        remove(liveBytes(), usedBytes);
        frees += blocks();
    }

    /** Takes bytes off. */
    private boolean remove(long byteSize, long rounded) {
        long live = liveBytes();
        long used = usedBytes;
        otherBytes -= byteSize;
        usedBytes = used - rounded;
        return (live > peakBytes
                        || used > highUsedBytes
                        || used - rounded < trimBelow
                        || byteSize > live)
                && removedFrom(live, used);
    }

    /**
     * When bytes were taken off what may have been a peak, or leave little. A caller that says it
     * gives back more than there is leaves none.
     */
    private boolean removedFrom(long live, long used) {
        peakBytes = Math.max(peakBytes, live);
        if (used > highUsedBytes) {
            highUsedBytes = used;
            trimBelow = trimBelow(used);
        }
        otherBytes = Math.max(otherBytes, -untaggedBytes);
        usedBytes = Math.max(0, usedBytes);
        return usedBytes < trimBelow;
    }

    private static long trimBelow(long high) {
        long below = high >> TRIM_SHIFT;
        return below < MIN_TRIM_BELOW ? 0 : below;
    }

    /**
     * Counts anew how much is used at most.
     *
     * @param keptBytes how much memory could not go back to the system, for want of whole free
     *     pages; where that is many times what is used, the next trim is due soon
     */
    void trimmed(long keptBytes) {
        peakUsedBytes = Math.max(peakUsedBytes, highUsedBytes);
        highUsedBytes = usedBytes;
        trimBelow = trimBelow(usedBytes);
        if (usedBytes >= MIN_TRIM_BELOW && keptBytes >> SPARSE_SHIFT > usedBytes) {
            trimBelow = usedBytes - (usedBytes >> SPARSE_TRIM_SHIFT);
        }
    }

    /**
     * Has a trim be due when little is left of the most that was used, or else not before that
     * rises.
     */
    void wantsTrim(boolean wanted) {
        trimBelow = wanted ? trimBelow(highUsedBytes) : 0;
    }

    void countFailure() {
        failures++;
    }

    void countConsolidation(long merged, long recovered) {
        consolidations++;
        mergedBlocks += merged;
        recoveredBytes += recovered;
    }

    private long blocksEver() {
        long sum = untaggedRequests;
        for (long requests : tagRequests) {
            sum += requests;
        }
        return sum;
    }

    /** {@return how many blocks are live} */
    long blocks() {
        return blocksEver() - frees;
    }

    /** Where the memory stands; all in bytes. */
    record Space(long footprint, long committed, long reserved, long remaining) {}

    AllocatorStatistics statistics(Space space) {
        List<AllocatorStatistics.Requests> byTag = new ArrayList<>();
        byTag.add(new AllocatorStatistics.Requests(untaggedRequests, untaggedBytes));
        for (int tag = 1; tag < BlockAllocator.TAGS; tag++) {
            byTag.add(new AllocatorStatistics.Requests(tagRequests[tag], tagBytes[tag]));
        }
        return new AllocatorStatistics(
                liveBytes(),
                Math.max(liveBytes(), peakBytes),
                usedBytes,
                Math.max(usedBytes, Math.max(highUsedBytes, peakUsedBytes)),
                blocks(),
                blocksEver() + grownInPlace + moved + failures,
                failures,
                grownInPlace,
                moved,
                shrunk,
                space.footprint(),
                space.committed(),
                space.reserved(),
                space.remaining(),
                consolidations,
                mergedBlocks,
                recoveredBytes,
                byTag);
    }

    /** {@return an image of what stands in the region now} */
    ControlBlock stored() {
        return new ControlBlock(address);
    }

    /**
     * {@return an image, only to read from, of a control block that others are at work on}
     *
     * @throws IllegalStateException if the region is closed
     */
    static ControlBlock copyOf(MemorySegment data) {
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment copy = scratch.allocate(LAYOUT).copyFrom(data.asSlice(0, BYTE_SIZE));
            return new ControlBlock(copy.address());
        }
    }

    /**
     * Verifies that what stands in the region is a control block.
     *
     * @throws IllegalStateException if it is not: something wrote into it, or it was taken away
     */
    void requireMagic() {
        long magic = get(MAGIC_NUMBER);
        if (magic != MAGIC) {
            throw new IllegalStateException(
                    "control block is damaged: magic=0x%x".formatted(magic));
        }
    }

    void check() {
        requireMagic();
        if (liveBytes() < 0 || blocks() < 0 || failures < 0) {
            throw new IllegalStateException(
                    "counters are damaged: liveBytes=%d, blocks=%d, failures=%d"
                            .formatted(liveBytes(), blocks(), failures));
        }
        if (liveBytes() > usedBytes) {
            throw new IllegalStateException(
                    "more is live than is used: liveBytes=%d, usedBytes=%d"
                            .formatted(liveBytes(), usedBytes));
        }
    }
}
