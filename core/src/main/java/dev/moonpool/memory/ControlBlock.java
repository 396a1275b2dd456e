package dev.moonpool.memory;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/**
 * The head of a region's data part: where the parts are, and all state of the allocator. Nothing
 * about a pool is kept anywhere else. The C twin is {@code struct mp_control} in moonpool.h; a test
 * holds the two against each other.
 *
 * <pre>
 *     magic | version | code | data | pool | io (offset, size each) | allocator | top
 *     | live bytes | peak bytes | requests | failures
 * </pre>
 *
 * All fields are 8 bytes; offsets count from the start of the region.
 *
 * <ol>
 *   <li>pool offset &lt;= top &lt;= pool offset + pool size
 *   <li>0 &lt;= live bytes, 0 &lt;= failures &lt;= requests
 *   <li>peak bytes is brought up to date only before live bytes go down, so that an allocation need
 *       not touch it: the true peak is max(peak bytes, live bytes)
 * </ol>
 */
final class ControlBlock {
    static final long MAGIC = 0x4c4f4f504e4f4f4dL; // "MOONPOOL" in a little-endian dump
    static final long VERSION = 1;

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
                            JAVA_LONG.withName("allocator"),
                            JAVA_LONG.withName("top"),
                            JAVA_LONG.withName("live_bytes"),
                            JAVA_LONG.withName("peak_bytes"),
                            JAVA_LONG.withName("requests"),
                            JAVA_LONG.withName("failures"))
                    .withName("mp_control");

    static final long BYTE_SIZE = LAYOUT.byteSize();

    private static final long ALLOCATOR = offsetOf("allocator");
    private static final long TOP = offsetOf("top");
    private static final long LIVE_BYTES = offsetOf("live_bytes");
    private static final long PEAK_BYTES = offsetOf("peak_bytes");
    private static final long REQUESTS = offsetOf("requests");
    private static final long FAILURES = offsetOf("failures");

    private final MemorySegment segment;

    ControlBlock(MemorySegment data) {
        segment = data.asSlice(0, LAYOUT);
    }

    private static long offsetOf(String field) {
        return LAYOUT.byteOffset(groupElement(field));
    }

    /** Writes the head of a new region; all other fields are zero already. */
    void initialize(RegionLayout layout) {
        set("magic", MAGIC);
        set("version", VERSION);
        set("code_offset", layout.codeOffset());
        set("code_size", layout.codeByteSize());
        set("data_offset", layout.dataOffset());
        set("data_size", layout.dataByteSize());
        set("pool_offset", layout.poolOffset());
        set("pool_size", layout.poolByteSize());
        set("io_offset", layout.ioOffset());
        set("io_size", layout.ioByteSize());
        top(layout.poolOffset());
    }

    private void set(String field, long value) {
        segment.set(JAVA_LONG, offsetOf(field), value);
    }

    /** Makes an allocator the pool's one and only. */
    void claim(AllocatorKind kind) {
        long owner = segment.get(JAVA_LONG, ALLOCATOR);
        if (owner != 0) {
            throw new IllegalStateException(
                    "region has an allocator already: allocator=" + AllocatorKind.of(owner));
        }
        segment.set(JAVA_LONG, ALLOCATOR, kind.code());
    }

    long top() {
        return segment.get(JAVA_LONG, TOP);
    }

    void top(long offset) {
        segment.set(JAVA_LONG, TOP, offset);
    }

    long liveBytes() {
        return segment.get(JAVA_LONG, LIVE_BYTES);
    }

    void countRequest() {
        segment.set(JAVA_LONG, REQUESTS, segment.get(JAVA_LONG, REQUESTS) + 1);
    }

    void countFailure() {
        segment.set(JAVA_LONG, FAILURES, segment.get(JAVA_LONG, FAILURES) + 1);
    }

    void addLive(long byteSize) {
        segment.set(JAVA_LONG, LIVE_BYTES, liveBytes() + byteSize);
    }

    /** Takes bytes off; a caller that says it gives back more than there is leaves none. */
    void removeLive(long byteSize) {
        long live = liveBytes();
        if (live > segment.get(JAVA_LONG, PEAK_BYTES)) {
            segment.set(JAVA_LONG, PEAK_BYTES, live);
        }
        segment.set(JAVA_LONG, LIVE_BYTES, Math.max(0, live - byteSize));
    }

    AllocatorStatistics statistics(long usedBytes, long remainingBytes) {
        long live = liveBytes();
        return new AllocatorStatistics(
                live,
                Math.max(live, segment.get(JAVA_LONG, PEAK_BYTES)),
                usedBytes,
                remainingBytes,
                segment.get(JAVA_LONG, REQUESTS),
                segment.get(JAVA_LONG, FAILURES));
    }

    void check() {
        long magic = segment.get(JAVA_LONG, 0);
        if (magic != MAGIC) {
            throw new IllegalStateException(
                    "control block is damaged: magic=0x%x".formatted(magic));
        }
        long live = liveBytes();
        long requests = segment.get(JAVA_LONG, REQUESTS);
        long failures = segment.get(JAVA_LONG, FAILURES);
        if (live < 0 || failures < 0 || failures > requests) {
            throw new IllegalStateException(
                    "counters are damaged: liveBytes=%d, requests=%d, failures=%d"
                            .formatted(live, requests, failures));
        }
    }
}
