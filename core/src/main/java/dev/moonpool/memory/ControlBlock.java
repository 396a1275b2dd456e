package dev.moonpool.memory;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.sequenceLayout;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * The head of a region's data part: where the parts are, and all state of the allocator. Nothing
 * about a pool is kept anywhere else. The C twin is {@code struct mp_control} in moonpool.h; a test
 * holds the two against each other.
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
 *   <li>peaks are brought up to date only before the bytes go down, so that an allocation need not
 *       touch them: the true peak is max(peak, present)
 *   <li>blocks = sum of requests by tag - frees
 * </ol>
 */
final class ControlBlock {
    static final long MAGIC = 0x4c4f4f504e4f4f4dL; // "MOONPOOL" in a little-endian dump
    static final long VERSION = 2;

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
    static final long MIN_TRIM_BELOW = 256 << 10;

    /** The part of the most that was used, since the last trim, that used bytes must fall below. */
    static final int TRIM_SHIFT = 2;

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

    /** The control block at an address; see {@link OffHeap} for who may use it. */
    ControlBlock(long address) {
        this.address = address;
    }

    private static long offsetOf(String field) {
        return LAYOUT.byteOffset(groupElement(field));
    }

    /** Writes the head of a new region; all other fields are zero already. */
    void initialize(RegionLayout layout) {
        set(offsetOf("magic"), MAGIC);
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
        limit(layout.poolByteSize() + layout.growthByteSize());
        top(layout.poolOffset());
        end(layout.poolOffset());
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

    private long get(long field) {
        return OffHeap.get(address + field);
    }

    private void set(long field, long value) {
        OffHeap.set(address + field, value);
    }

    private void add(long field, long more) {
        OffHeap.add(address + field, more);
    }

    /** {@return how many bytes of pool and growth area blocks may lie in} */
    long limit() {
        return get(LIMIT);
    }

    void limit(long byteSize) {
        set(LIMIT, byteSize);
    }

    long top() {
        return get(TOP);
    }

    void top(long offset) {
        set(TOP, offset);
    }

    /** {@return how far the top may rise without further ado} */
    long end() {
        return get(END);
    }

    void end(long offset) {
        set(END, offset);
    }

    long liveBytes() {
        return get(LIVE_BYTES);
    }

    long usedBytes() {
        return get(USED_BYTES);
    }

    /** Counts a new block. */
    void handedOut(long byteSize, long rounded, int tag) {
        add(LIVE_BYTES, byteSize);
        add(USED_BYTES, rounded);
        add(TAG_REQUESTS + tag * (long) Long.BYTES, 1);
        add(TAG_BYTES + tag * (long) Long.BYTES, byteSize);
    }

    /** Counts a block that is larger now. */
    void grown(long more, long moreRounded, boolean inPlace) {
        add(LIVE_BYTES, more);
        add(USED_BYTES, moreRounded);
        add(inPlace ? GROWN_IN_PLACE : MOVED, 1);
    }

    /** Counts a block that is smaller now, or as large as before. */
    void shrunk(long less, long lessRounded) {
        remove(less, lessRounded);
        add(SHRUNK, 1);
    }

    /** Counts a block that was given back. */
    void tookBack(long byteSize, long rounded) {
        remove(byteSize, rounded);
        add(FREES, 1);
    }

    /** Counts all blocks as given back. */
    void tookBackAll() {
        remove(liveBytes(), usedBytes());
        add(FREES, blocks());
    }

    /** Takes bytes off; a caller that says it gives back more than there is leaves none. */
    private void remove(long byteSize, long rounded) {
        long live = liveBytes();
        if (live > get(PEAK_BYTES)) {
            set(PEAK_BYTES, live);
        }
        set(LIVE_BYTES, Math.max(0, live - byteSize));
        long used = usedBytes();
        if (used > get(HIGH_USED_BYTES)) {
            set(HIGH_USED_BYTES, used);
            long below = used >> TRIM_SHIFT;
            set(TRIM_BELOW, below < MIN_TRIM_BELOW ? 0 : below);
        }
        set(USED_BYTES, Math.max(0, used - rounded));
    }

    /** {@return whether so much was given back that pages of it should go to the system} */
    boolean isTrimDue() {
        return usedBytes() < get(TRIM_BELOW);
    }

    /** Counts anew how much is used at most. */
    void trimmed() {
        set(PEAK_USED_BYTES, Math.max(get(PEAK_USED_BYTES), get(HIGH_USED_BYTES)));
        set(HIGH_USED_BYTES, usedBytes());
        set(TRIM_BELOW, usedBytes() >> TRIM_SHIFT < MIN_TRIM_BELOW ? 0 : usedBytes() >> TRIM_SHIFT);
    }

    void countFailure() {
        add(FAILURES, 1);
    }

    void countConsolidation(long mergedBlocks, long recoveredBytes) {
        add(CONSOLIDATIONS, 1);
        add(MERGED_BLOCKS, mergedBlocks);
        add(RECOVERED_BYTES, recoveredBytes);
    }

    private long blocksEver() {
        long sum = 0;
        for (int tag = 0; tag < BlockAllocator.TAGS; tag++) {
            sum += get(TAG_REQUESTS + tag * (long) Long.BYTES);
        }
        return sum;
    }

    /** {@return how many blocks are live} */
    long blocks() {
        return blocksEver() - get(FREES);
    }

    /** Where the memory stands; all in bytes. */
    record Space(long footprint, long committed, long reserved, long remaining) {}

    AllocatorStatistics statistics(Space space) {
        List<AllocatorStatistics.Requests> byTag = new ArrayList<>();
        for (int tag = 0; tag < BlockAllocator.TAGS; tag++) {
            byTag.add(
                    new AllocatorStatistics.Requests(
                            get(TAG_REQUESTS + tag * (long) Long.BYTES),
                            get(TAG_BYTES + tag * (long) Long.BYTES)));
        }
        long live = liveBytes();
        long used = usedBytes();
        return new AllocatorStatistics(
                live,
                Math.max(live, get(PEAK_BYTES)),
                used,
                Math.max(used, Math.max(get(HIGH_USED_BYTES), get(PEAK_USED_BYTES))),
                blocks(),
                blocksEver() + get(GROWN_IN_PLACE) + get(MOVED) + get(FAILURES),
                get(FAILURES),
                get(GROWN_IN_PLACE),
                get(MOVED),
                get(SHRUNK),
                space.footprint(),
                space.committed(),
                space.reserved(),
                space.remaining(),
                get(CONSOLIDATIONS),
                get(MERGED_BLOCKS),
                get(RECOVERED_BYTES),
                byTag);
    }

    void check() {
        long magic = get(0);
        if (magic != MAGIC) {
            throw new IllegalStateException(
                    "control block is damaged: magic=0x%x".formatted(magic));
        }
        long live = liveBytes();
        long used = usedBytes();
        long blocks = blocks();
        long failures = get(FAILURES);
        if (live < 0 || blocks < 0 || failures < 0) {
            throw new IllegalStateException(
                    "counters are damaged: liveBytes=%d, blocks=%d, failures=%d"
                            .formatted(live, blocks, failures));
        }
        if (live > used) {
            throw new IllegalStateException(
                    "more is live than is used: liveBytes=%d, usedBytes=%d".formatted(live, used));
        }
    }
}
