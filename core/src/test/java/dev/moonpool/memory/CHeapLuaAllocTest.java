package dev.moonpool.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The protocol of lua_Alloc: it never throws, and what becomes smaller succeeds. */
class CHeapLuaAllocTest {
    private static final long BLOCK = 0x1000;

    /** Allocators that fail in every way there is. */
    static Stream<BrokenAllocator> broken() {
        return Stream.concat(
                Stream.of(BrokenAllocator.endless()),
                Stream.<LongSupplier>of(
                                () -> {
                                    throw new IllegalStateException("closed");
                                },
                                () -> {
                                    throw new OutOfMemoryError("of Java's heap");
                                },
                                () -> {
                                    throw new AssertionError("a bug");
                                })
                        .map(BrokenAllocator::new));
    }

    @ParameterizedTest
    @MethodSource("broken")
    void whatTheAllocatorThrowsIsNullAndIsRemembered(BrokenAllocator allocator) {
        CHeap heap = new CHeap(allocator);
        assertNull(heap.lastRejection());
        assertEquals(0, heap.luaAlloc(0, 5, 16));
        assertEquals(0, heap.luaAlloc(BLOCK, 16, 17));
        assertEquals(0, heap.luaAlloc(BLOCK, 16, 0));
        assertEquals(3, heap.rejections());
        var expected = assertThrows(Throwable.class, () -> allocator.allocate(1)).getClass();
        assertInstanceOf(expected, heap.lastRejection());
    }

    @ParameterizedTest
    @MethodSource("broken")
    void aShrinkSucceedsWhateverTheAllocatorThrows(BrokenAllocator allocator) {
        requireShrinks(new CHeap(allocator));
    }

    @Test
    void aShrinkSucceedsWhenTheAllocatorHasNoMemory() {
        CHeap heap = new CHeap(new BrokenAllocator(() -> 0));
        requireShrinks(heap);
        assertEquals(0, heap.luaAlloc(BLOCK, 16, 17));
        assertEquals(0, heap.rejections());
    }

    private static void requireShrinks(CHeap heap) {
        assertEquals(BLOCK, heap.luaAlloc(BLOCK, 16, 16));
        assertEquals(BLOCK, heap.luaAlloc(BLOCK, 16, 1));
        assertEquals(BLOCK, heap.luaAlloc(BLOCK, -1, Long.MAX_VALUE)); // sizes are unsigned
        assertEquals(BLOCK, heap.luaAlloc(BLOCK, -1, -2));
    }

    @ParameterizedTest
    @EnumSource(AllocatorKind.class)
    void argumentsThatNoLuaPassesAreRejectedOnly(AllocatorKind kind) {
        try (var fixture = AllocatorFixture.of(kind, 4096)) {
            CHeap heap = new CHeap(fixture.allocator());
            long block = heap.luaAlloc(0, 0, 32);
            AllocatorStatistics before = heap.mallocStats();
            long[][] calls = {
                {block, 0, 8},
                {block, 1 << 20, 0},
                {block, -1, 0},
                {block, Long.MIN_VALUE, 8},
                {block + 1, 32, 0},
                {block - 16, 32, 64},
                {1, 1, 1},
                {-1, 1, 0},
                {-16, -1, -1},
                {fixture.region().address(), 32, 0},
                {Long.MIN_VALUE, Long.MAX_VALUE, 1},
            };
            for (int i = 0; i < calls.length; i++) {
                heap.luaAlloc(calls[i][0], calls[i][1], calls[i][2]);
                assertEquals(i + 1, heap.rejections());
                assertEquals(before, heap.mallocStats());
            }
            assertInstanceOf(IllegalArgumentException.class, heap.lastRejection());
        }
    }

    @ParameterizedTest
    @EnumSource(AllocatorKind.class)
    void sizesThatNoMemoryHasAreNullAndNoRejection(AllocatorKind kind) {
        try (var fixture = AllocatorFixture.of(kind, 4096)) {
            CHeap heap = new CHeap(fixture.allocator());
            long block = heap.luaAlloc(0, 0, 32);
            for (long size : new long[] {-1, -16, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 62}) {
                assertEquals(0, heap.luaAlloc(0, 4, size));
                assertEquals(0, heap.luaAlloc(block, 32, size));
            }
            assertEquals(0, heap.luaAlloc(block, 32, 0));
            assertEquals(0, heap.luaAlloc(0, 0, 0));
            assertEquals(0, heap.rejections());
            assertEquals(0, heap.mallocStats().liveBytes());
            assertEquals(10, heap.mallocStats().failures());
        }
    }

    @ParameterizedTest
    @EnumSource(AllocatorKind.class)
    void survivesRandomWalks(AllocatorKind kind) {
        Seeds.each(
                20,
                random -> {
                    try (var fixture = AllocatorFixture.of(kind, 8192)) {
                        CHeap heap = new CHeap(fixture.allocator());
                        walk(heap, new LiveBlocks(NativeMemory::at, random), random);
                        fixture.allocator().check();
                        assertEquals(0, heap.mallocStats().liveBytes());
                        assertEquals(0, heap.rejections());
                    }
                });
    }

    private static void walk(CHeap heap, LiveBlocks live, Random random) {
        Seeds.steps(
                300,
                () -> {
                    if (live.isEmpty() || random.nextInt(3) == 0) {
                        enter(heap, live, 1L + random.nextInt(100));
                    } else {
                        resize(heap, live, live.any(), random.nextInt(100));
                    }
                    live.verify();
                });
        live.addresses().forEach(block -> resize(heap, live, block, 0));
    }

    private static void enter(CHeap heap, LiveBlocks live, long size) {
        long block = heap.luaAlloc(0, 4, size);
        if (block != 0) {
            live.add(block, size);
        }
    }

    private static void resize(CHeap heap, LiveBlocks live, long block, long size) {
        long oldSize = live.sizeOf(block);
        long moved = heap.luaAlloc(block, oldSize, size);
        if (size == 0) {
            assertEquals(0, moved);
            live.remove(block);
        } else if (size <= oldSize) {
            assertNotEquals(0, moved, "Lua relies on a block becoming smaller");
        }
        if (moved != 0) {
            live.resize(block, moved, size);
        }
    }
}
