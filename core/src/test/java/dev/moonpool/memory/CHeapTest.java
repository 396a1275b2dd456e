package dev.moonpool.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a C programmer expects of the heap, on every allocator. */
@ParameterizedClass
@EnumSource(AllocatorKind.class)
class CHeapTest extends CHeapFixture {

    CHeapTest(AllocatorKind kind) {
        super(kind);
    }

    // ------------------------------------------------------------------- malloc and free

    @Test
    void mallocAlignsToSixteenBytes() {
        for (long size = 0; size < 70; size++) {
            assertEquals(0, malloc(size) % 16);
        }
        blocks.verify();
    }

    @Test
    void mallocOfNothingGivesABlockOfItsOwn() {
        Set<Long> payloads = new HashSet<>();
        for (int i = 0; i < 10; i++) {
            assertTrue(payloads.add(malloc(0)));
        }
        payloads.forEach(this::free);
        assertEquals(0, liveBytes());
    }

    @Test
    void mallocAnswersNullToWhatNoMemoryHas() {
        for (long size : new long[] {Long.MAX_VALUE, Long.MAX_VALUE - 16, 1L << 62, 1L << 47}) {
            assertEquals(0, heap.malloc(size), () -> "size=" + size);
            assertEquals(0, heap.calloc(1, size), () -> "size=" + size);
            assertEquals(0, heap.alignedAlloc(64, size), () -> "size=" + size);
        }
        assertEquals(0, liveBytes());
    }

    @Test
    void freeOfNullDoesNothing() {
        AllocatorStatistics before = heap.mallocStats();
        heap.free(0);
        assertEquals(before, heap.mallocStats());
    }

    @Test
    void usableSizeIsWhatWasAskedFor() {
        for (long size : new long[] {0, 1, 15, 16, 17, 1000}) {
            assertEquals(size, heap.usableSize(malloc(size)));
        }
    }

    @Test
    void statisticsAreTheAllocators() {
        long payload = malloc(100);
        assertEquals(fixture.allocator().statistics(), heap.mallocStats());
        assertEquals(heap.mallocStats().remainingBytes(), heap.mallocRemaining());
        free(payload);
        assertEquals(0, liveBytes());
        assertEquals(0, heap.rejections());
    }

    // ------------------------------------------------------------------------- calloc

    @Test
    void callocZeroesMemoryThatIsDirty() {
        fixture.region().pool().fill((byte) 0xff);
        for (int i = 0; i < 20; i++) {
            free(malloc(200));
            long payload = heap.calloc(10, 20);
            assertEquals(-1, NativeMemory.at(payload, 200).mismatch(zeros(200)));
            blocks.add(payload, 200);
        }
        blocks.verify();
    }

    private static MemorySegment zeros(int size) {
        return MemorySegment.ofArray(new byte[size]);
    }

    @Test
    void callocRefusesProductsThatOverflow() {
        long[][] products = {
            {Long.MAX_VALUE, 2},
            {2, Long.MAX_VALUE},
            {Long.MAX_VALUE, Long.MAX_VALUE},
            {1L << 32, 1L << 32}, // wraps to 0
            {(1L << 32) + 1, 1L << 32},
            {1L << 62, 2}, // wraps to a negative number
            {1L << 62, 4}, // wraps to 0
            {(1L << 60) + 1, 16}, // wraps to 16
        };
        for (long[] product : products) {
            assertEquals(0, heap.calloc(product[0], product[1]));
        }
        assertEquals(products.length, heap.mallocStats().failures());
        assertEquals(0, liveBytes());
    }

    @Test
    void callocOfNothingGivesABlockOfItsOwn() {
        long payload = heap.calloc(0, 8);
        assertNotEquals(payload, heap.calloc(Long.MAX_VALUE, 0));
        assertEquals(0, heap.usableSize(payload));
    }

    // ------------------------------------------------------------------------ realloc

    @Test
    void reallocOfNullIsMalloc() {
        long payload = heap.realloc(0, 40);
        assertEquals(40, heap.usableSize(payload));
        assertEquals(0, heap.usableSize(heap.realloc(0, 0)));
    }

    @Test
    void reallocToNothingFrees() {
        long payload = heap.malloc(40);
        assertEquals(0, heap.realloc(payload, 0));
        assertEquals(0, liveBytes());
        requireNoBlock(payload);
    }

    @Test
    void reallocKeepsTheContents() {
        long payload = malloc(20);
        for (long size : new long[] {21, 200, 2000, 1999, 100, 1, 50_000}) {
            malloc(30);
            payload = realloc(payload, size);
            assertEquals(size, heap.usableSize(payload));
            blocks.verify();
        }
    }

    @Test
    void aRefusedReallocLeavesTheBlockAsItWas() {
        long payload = malloc(100);
        for (long size : new long[] {1L << 47, Long.MAX_VALUE - 16, Long.MAX_VALUE}) {
            assertEquals(0, heap.realloc(payload, size));
            assertEquals(100, heap.usableSize(payload));
        }
        blocks.verify();
        free(payload);
        assertEquals(0, liveBytes());
    }

    @Test
    void theOldAddressOfABlockThatMovedIsNoBlock() {
        long payload = malloc(100);
        malloc(100);
        long moved = realloc(payload, POOL / 2);
        assumeTrue(moved != payload, "libc had the room behind it");
        requireNoBlock(payload);
        blocks.verify();
    }

    // ----------------------------------------------------------------------- alignment

    @Test
    void alignedAllocAlignsToEveryPowerOfTwo() {
        for (long alignment = 1; alignment <= 1 << 16; alignment *= 2) {
            long payload = heap.alignedAlloc(alignment, 100);
            assertEquals(0, payload % Math.max(alignment, 16));
            assertEquals(100, heap.usableSize(payload));
            blocks.add(payload, 100);
        }
        blocks.verify();
        blocks.addresses().forEach(this::free);
        assertEquals(0, liveBytes());
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, 3, 24, 48, 1L << 31, 1L << 62, Long.MIN_VALUE, Long.MAX_VALUE})
    void alignedAllocRejectsWhatIsNoAlignment(long alignment) {
        var rejection =
                assertThrows(
                        IllegalArgumentException.class, () -> heap.alignedAlloc(alignment, 16));
        assertEquals(
                "alignment is no power of two up to 2^30: alignment=" + alignment,
                rejection.getMessage());
    }

    @Test
    void reallocKeepsTheContentsOfAnAlignedBlock() {
        for (long size : new long[] {10, 100, 300, 5000}) {
            long payload = heap.alignedAlloc(256, 200);
            blocks.add(payload, 200);
            assertEquals(size, heap.usableSize(realloc(payload, size)));
            blocks.verify();
        }
        blocks.addresses().forEach(this::free);
        assertEquals(0, liveBytes());
    }

    @Test
    void aRefusedReallocLeavesAnAlignedBlockAsItWas() {
        long payload = heap.alignedAlloc(256, 200);
        blocks.add(payload, 200);
        assertEquals(0, heap.realloc(payload, Long.MAX_VALUE));
        assertEquals(200, heap.usableSize(payload));
        blocks.verify();
        free(payload);
        assertEquals(0, liveBytes());
    }
}
