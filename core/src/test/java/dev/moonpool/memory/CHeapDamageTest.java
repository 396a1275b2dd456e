package dev.moonpool.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.moonpool.memory.debug.CheckedAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A heap on an allocator that turns a block down: each call that comes upon it says the same. */
class CHeapDamageTest {
    private final Region region = Region.reserve(RegionLayout.REFERENCE);
    private final CheckedAllocator checked = new CheckedAllocator(new PoolAllocator(region));
    private final CHeap heap = new CHeap(checked);

    @AfterEach
    void close() {
        region.close();
    }

    /** Writes behind the end of a block. */
    private void damage(long payload, long size) {
        long offset = payload + size - region.pool().address();
        for (int i = 0; i < 100; i++) {
            region.pool().set(JAVA_BYTE, offset + i, (byte) 9);
        }
    }

    private static String messageOf(Runnable call) {
        return String.valueOf(assertThrows(IllegalStateException.class, call::run).getMessage());
    }

    @Test
    void freeingSaysItEachTime() {
        long block = heap.malloc(40);
        damage(block, 40);
        assertEquals(messageOf(() -> heap.free(block)), messageOf(() -> heap.free(block)));
        assertEquals(40, heap.usableSize(block));
        assertEquals(1, checked.liveBlocks().size());
    }

    @Test
    void freeingAnAlignedBlockSaysItEachTime() {
        long block = heap.alignedAlloc(64, 40);
        damage(block, 40);
        assertEquals(messageOf(() -> heap.free(block)), messageOf(() -> heap.free(block)));
        assertEquals(40, heap.usableSize(block));
    }

    @Test
    void movingAnAlignedBlockLeavesNoCopy() {
        long block = heap.alignedAlloc(64, 40);
        damage(block, 40);
        messageOf(() -> heap.realloc(block, 80));
        assertEquals(1, checked.liveBlocks().size());
        assertEquals(40, heap.usableSize(block));
    }

    @Test
    void anAddressThatIsNoBlocksIsNamedAsItWasGiven() {
        assertEquals(
                "no block of this heap, or freed already: address=0x10",
                assertThrows(IllegalArgumentException.class, () -> heap.free(16)).getMessage());
    }
}
