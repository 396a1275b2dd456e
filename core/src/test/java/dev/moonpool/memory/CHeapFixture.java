package dev.moonpool.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import org.junit.jupiter.api.AfterEach;

/** A heap on an allocator of some kind, and the blocks that a test has from it. */
abstract class CHeapFixture {
    static final long POOL = 1 << 20;

    final AllocatorKind kind;
    final AllocatorFixture fixture;
    final CHeap heap;
    final LiveBlocks blocks = new LiveBlocks(NativeMemory::at, new Random(1));

    CHeapFixture(AllocatorKind kind) {
        this.kind = kind;
        fixture = AllocatorFixture.of(kind, POOL);
        heap = new CHeap(fixture.allocator());
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    long malloc(long size) {
        long payload = heap.malloc(size);
        assertNotEquals(0, payload);
        blocks.add(payload, size);
        return payload;
    }

    long realloc(long payload, long size) {
        long moved = heap.realloc(payload, size);
        assertNotEquals(0, moved);
        blocks.resize(payload, moved, size);
        return moved;
    }

    void free(long payload) {
        blocks.remove(payload);
        heap.free(payload);
    }

    long liveBytes() {
        return heap.mallocStats().liveBytes();
    }

    /** Nothing takes the address, and nothing changes. */
    void requireNoBlock(long payload) {
        AllocatorStatistics before = heap.mallocStats();
        String name = "address=0x%x".formatted(payload);
        assertThrows(IllegalArgumentException.class, () -> heap.free(payload), name);
        assertThrows(IllegalArgumentException.class, () -> heap.realloc(payload, 8), name);
        assertThrows(IllegalArgumentException.class, () -> heap.realloc(payload, 0), name);
        assertThrows(IllegalArgumentException.class, () -> heap.usableSize(payload), name);
        assertEquals(before, heap.mallocStats(), name);
        blocks.verify();
    }
}
