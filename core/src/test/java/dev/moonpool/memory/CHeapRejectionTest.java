package dev.moonpool.memory;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is no block of the heap is told from what is one, and changes nothing. */
@ParameterizedClass
@EnumSource(AllocatorKind.class)
class CHeapRejectionTest extends CHeapFixture {

    CHeapRejectionTest(AllocatorKind kind) {
        super(kind);
    }

    @Test
    void whatWasFreedIsNoBlock() {
        long payload = heap.malloc(64);
        heap.free(payload);
        requireNoBlock(payload);
    }

    @ParameterizedTest
    @ValueSource(longs = {32, 64, 4096})
    void whatWasFreedIsNoAlignedBlock(long alignment) {
        malloc(8);
        long payload = heap.alignedAlloc(alignment, 100);
        heap.free(payload);
        requireNoBlock(payload);
    }

    @Test
    void anAddressWithinABlockIsNoBlock() {
        long payload = heap.calloc(1, 200); // random contents might look like a header
        for (int distance = 1; distance < 200; distance++) {
            requireNoBlock(payload + distance);
        }
        requireNoBlock(payload - 1);
        requireNoBlock(payload - 8);
        requireNoBlock(payload - 16);
    }

    @Test
    void anAddressWithinAnAlignedBlockIsNoBlock() {
        long payload = heap.alignedAlloc(256, 200);
        NativeMemory.at(payload, 200).fill((byte) 0);
        for (int distance = 16; distance < 200; distance += 16) {
            requireNoBlock(payload + distance);
            requireNoBlock(payload - distance);
        }
    }

    @Test
    void anAddressOutsideOfThePoolIsNoBlock() {
        malloc(200);
        Region region = fixture.region();
        long[] foreign = {
            1,
            8,
            15,
            16,
            24,
            -1,
            -16,
            Long.MIN_VALUE,
            Long.MIN_VALUE + 16,
            Long.MAX_VALUE - 15,
            region.address(),
            region.data().address() + 16,
            region.pool().address() - 16,
            region.pool().address(),
            region.io().address(),
            region.address() + (1L << 40)
        };
        for (long address : foreign) {
            requireNoBlock(address);
        }
        assertThrows(IllegalArgumentException.class, () -> heap.usableSize(0));
    }

    @Test
    void aBlockWhoseHeaderWasOverwrittenIsNoBlock() {
        long payload = malloc(64);
        MemorySegment header = NativeMemory.at(payload - 8, 8);
        long sealed = header.get(JAVA_LONG, 0);
        for (int bit = 48; bit < Long.SIZE; bit++) { // the seal's; a changed size has another
            header.set(JAVA_LONG, 0, sealed ^ (1L << bit));
            requireNoBlock(payload);
        }
        header.set(JAVA_LONG, 0, 0);
        requireNoBlock(payload);
        header.set(JAVA_LONG, 0, sealed);
        assertEquals(64, heap.usableSize(payload));
    }

    @Test
    void negativeSizesAreRejected() {
        long payload = malloc(16);
        for (long size : new long[] {-1, -16, Long.MIN_VALUE}) {
            requireNegative(size, () -> heap.malloc(size));
            requireNegative(size, () -> heap.calloc(size, 1));
            requireNegative(size, () -> heap.calloc(1, size));
            requireNegative(size, () -> heap.realloc(payload, size));
            requireNegative(size, () -> heap.realloc(0, size));
            requireNegative(size, () -> heap.alignedAlloc(8, size));
            requireNegative(size, () -> heap.alignedAlloc(64, size));
        }
        blocks.verify();
    }

    private void requireNegative(long size, Executable call) {
        AllocatorStatistics before = heap.mallocStats();
        var rejection = assertThrows(IllegalArgumentException.class, call);
        assertEquals("size is negative: size=" + size, rejection.getMessage());
        assertEquals(before, heap.mallocStats());
    }

    @Test
    void everyUseAfterTheRegionIsClosedIsRefused() {
        try (var closed = AllocatorFixture.of(kind, POOL)) {
            CHeap late = new CHeap(closed.allocator());
            late.malloc(16);
            closed.region().close();
            assertThrows(IllegalStateException.class, () -> late.malloc(16));
            assertThrows(IllegalStateException.class, () -> late.alignedAlloc(64, 16));
            assertThrows(IllegalStateException.class, late::mallocStats);
            assertDoesNotThrow(() -> late.luaAlloc(0, 0, 16));
        }
    }
}
