package dev.moonpool.memory;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A C library with allocation functions of its own shape, living in a region. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "its long has 4 bytes")
class ZlibTest {
    private static final int Z_OK = 0;
    private static final int Z_STREAM_END = 1;
    private static final int Z_FINISH = 4;
    private static final int Z_MEM_ERROR = -4;

    private static final StructLayout Z_STREAM =
            MemoryLayout.structLayout(
                    ADDRESS.withName("next_in"),
                    JAVA_INT.withName("avail_in"),
                    MemoryLayout.paddingLayout(4),
                    JAVA_LONG.withName("total_in"),
                    ADDRESS.withName("next_out"),
                    JAVA_INT.withName("avail_out"),
                    MemoryLayout.paddingLayout(4),
                    JAVA_LONG.withName("total_out"),
                    ADDRESS.withName("msg"),
                    ADDRESS.withName("state"),
                    ADDRESS.withName("zalloc"),
                    ADDRESS.withName("zfree"),
                    ADDRESS.withName("opaque"),
                    JAVA_INT.withName("data_type"),
                    MemoryLayout.paddingLayout(4),
                    JAVA_LONG.withName("adler"),
                    JAVA_LONG.withName("reserved"));

    private final Arena arena = Arena.ofConfined();
    private final CLibrary zlib =
            CLibrary.ofSystem(arena, System.mapLibraryName("z"), "libz.so.1", "libz.1.dylib");

    @AfterEach
    void close() {
        arena.close();
    }

    /** zlib's alloc_func and free_func on a heap. */
    private record Allocation(CUpcalls upcalls) {
        @SuppressWarnings({"UnusedMethod", "UnusedVariable"}) // C calls it
        long zalloc(long opaque, int items, int size) {
            return upcalls.calloc(Integer.toUnsignedLong(items), Integer.toUnsignedLong(size));
        }

        @SuppressWarnings({"UnusedMethod", "UnusedVariable"}) // C calls it
        void zfree(long opaque, long address) {
            upcalls.free(address);
        }
    }

    @Test
    void compressesAndDecompressesInsideARegion() {
        byte[] text = new byte[100_000];
        Random random = new Random(1);
        for (int i = 0; i < text.length; i++) {
            text[i] = (byte) ('a' + random.nextInt(4));
        }
        try (var fixture = AllocatorFixture.of(AllocatorKind.BUMP, 1 << 20)) {
            CHeap heap = new CHeap(fixture.allocator());
            byte[] packed = new Stream(heap).run("deflate", text, text.length);
            assertTrue(packed.length < text.length / 2);
            assertArrayEquals(text, new Stream(heap).run("inflate", packed, text.length));
            assertEquals(0, heap.mallocStats().liveBytes());
            assertEquals(0, heap.rejections());
            assertTrue(heap.mallocStats().peakBytes() > 100_000);
        }
    }

    @Test
    void saysThatAPoolIsTooSmall() {
        for (long poolByteSize : new long[] {16, 1 << 12, 1 << 16, 1 << 17}) {
            try (var fixture = AllocatorFixture.of(AllocatorKind.BUMP, poolByteSize)) {
                CHeap heap = new CHeap(fixture.allocator());
                assertEquals(Z_MEM_ERROR, new Stream(heap).open("deflate"));
                assertEquals(0, heap.mallocStats().liveBytes());
                assertEquals(0, heap.rejections());
            }
        }
    }

    /** A z_stream whose memory comes from a heap. */
    private final class Stream {
        private final MemorySegment stream = arena.allocate(Z_STREAM);

        Stream(CHeap heap) {
            var allocation = new Allocation(new CUpcalls(heap));
            set("zalloc", CLibrary.pointerTo(allocation, "zalloc", arena));
            set("zfree", CLibrary.pointerTo(allocation, "zfree", arena));
        }

        int open(String direction) {
            MemorySegment version = arena.allocateFrom("1"); // zlib looks at the first digit
            int size = (int) Z_STREAM.byteSize();
            return direction.equals("deflate")
                    ? zlib.callInt("deflateInit_", stream, 6, version, size)
                    : zlib.callInt("inflateInit_", stream, version, size);
        }

        byte[] run(String direction, byte[] input, int room) {
            assertEquals(Z_OK, open(direction));
            MemorySegment output = arena.allocate(room);
            set("next_in", arena.allocateFrom(JAVA_BYTE, input));
            stream.set(JAVA_INT, offsetOf("avail_in"), input.length);
            set("next_out", output);
            stream.set(JAVA_INT, offsetOf("avail_out"), room);
            assertEquals(Z_STREAM_END, zlib.callInt(direction, stream, Z_FINISH));
            assertEquals(Z_OK, zlib.callInt(direction + "End", stream));
            long written = stream.get(JAVA_LONG, offsetOf("total_out"));
            return output.asSlice(0, written).toArray(JAVA_BYTE);
        }

        private void set(String field, MemorySegment pointer) {
            stream.set(ADDRESS, offsetOf(field), pointer);
        }
    }

    private static long offsetOf(String field) {
        return Z_STREAM.byteOffset(groupElement(field));
    }
}
