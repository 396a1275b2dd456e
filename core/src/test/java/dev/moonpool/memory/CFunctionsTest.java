package dev.moonpool.memory;

import static java.lang.foreign.MemorySegment.NULL;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The heap as C uses it: through function pointers, with nobody to catch an exception. */
@ParameterizedClass
@EnumSource(AllocatorKind.class)
class CFunctionsTest {
    private static final long STEPS = 3000;
    private static final long LARGE = 1 << 26; // the walks never want as much

    private final AllocatorKind kind;
    private final Arena arena = Arena.ofConfined();
    private final AllocatorFixture fixture;
    private final CHeap heap;
    private final CFunctions functions;
    private final CLibrary client = CLibrary.at(NativeBuild.library("moonpool-heap-client"), arena);

    CFunctionsTest(AllocatorKind kind) {
        this.kind = kind;
        fixture = AllocatorFixture.of(kind, 1 << 16);
        heap = new CHeap(fixture.allocator());
        functions = heap.functions(arena);
    }

    @AfterEach
    void close() {
        fixture.close();
        arena.close();
    }

    // ------------------------------------------------------------- a C program's random walks

    /** A walk of heap_client.h: 0, or {@code step << 8 | code} if it found a fault. */
    @FunctionalInterface
    private interface ClientWalk {
        long run(CFunctions functions, long seed);
    }

    @ParameterizedTest
    @ValueSource(longs = {16, 1 << 12, 1 << 16, LARGE})
    void aCProgramFindsNoFault(long poolByteSize) {
        requireNoFault(
                poolByteSize,
                (f, seed) -> {
                    MemorySegment table =
                            CLibrary.pointers(
                                    arena,
                                    f.malloc(),
                                    f.calloc(),
                                    f.realloc(),
                                    f.free(),
                                    f.alignedAlloc());
                    return client.call("heap_client_walk", table, seed, STEPS);
                });
    }

    @ParameterizedTest
    @ValueSource(longs = {16, 1 << 12, 1 << 16, LARGE})
    void aCallerOfLuaAllocFindsNoFault(long poolByteSize) {
        requireNoFault(
                poolByteSize,
                (f, seed) -> client.call("heap_client_lua_walk", f.luaAlloc(), NULL, seed, STEPS));
    }

    private void requireNoFault(long poolByteSize, ClientWalk walk) {
        for (long seed = 0; seed < 8; seed++) {
            long walkSeed = seed;
            Seeds.named("seed=" + seed, () -> requireNoFault(poolByteSize, walk, walkSeed));
        }
    }

    private void requireNoFault(long poolByteSize, ClientWalk walk, long seed) {
        try (var walked = AllocatorFixture.of(kind, poolByteSize)) {
            CHeap walkedHeap = new CHeap(walked.allocator());
            long fault = walk.run(walkedHeap.functions(arena), seed);
            assertEquals(0, fault, () -> "step=%d, code=%d".formatted(fault >> 8, fault & 0xff));
            AllocatorStatistics statistics = walkedHeap.mallocStats();
            assertEquals(0, statistics.liveBytes());
            assertEquals(0, walkedHeap.rejections(), () -> "" + walkedHeap.lastRejection());
            long refused = client.call("heap_client_refused");
            assertTrue(refused <= statistics.failures());
            if (poolByteSize == LARGE) {
                assertEquals(0, refused);
                assertTrue(statistics.peakBytes() > 0);
            }
            walked.allocator().check();
        }
    }

    // ------------------------------------------------------------------------ single calls

    @Test
    void pointersAreThoseOfTheReferenceToo() {
        assertEquals(functions.malloc(), functions.luaMalloc());
        assertEquals(functions.realloc(), functions.luaRealloc());
        assertEquals(functions.free(), functions.luaFree());
    }

    @Test
    void eachFunctionHasAPointerOfItsOwn() {
        assertEquals(
                8,
                Set.of(
                                functions.malloc(),
                                functions.calloc(),
                                functions.realloc(),
                                functions.free(),
                                functions.alignedAlloc(),
                                functions.mallocStats(),
                                functions.mallocRemaining(),
                                functions.luaAlloc())
                        .size());
    }

    @Test
    void countersReachC() {
        long payload = CLibrary.call(functions.malloc(), 1000L);
        assertTrue(payload != 0);
        assertEquals(heap.mallocStats().usedBytes(), CLibrary.call(functions.mallocStats()));
        assertEquals(heap.mallocRemaining(), CLibrary.call(functions.mallocRemaining()));
        CLibrary.call(functions.free(), payload);
        assertEquals(0, heap.mallocStats().liveBytes());
    }

    @Test
    void pointersThatAreNoBlockAreRejectedAndCAnswered() {
        long payload = CLibrary.call(functions.malloc(), 100L);
        long[] foreign = {payload + 8, payload + 4, 1, -1, fixture.region().address()};
        AllocatorStatistics before = heap.mallocStats();
        for (long address : foreign) {
            CLibrary.call(functions.free(), address);
            assertEquals(0, CLibrary.call(functions.realloc(), address, 8L));
            assertEquals(0, CLibrary.call(functions.realloc(), address, 0L));
        }
        assertEquals(3L * foreign.length, heap.rejections());
        assertInstanceOf(IllegalArgumentException.class, heap.lastRejection());
        assertEquals(before, heap.mallocStats());
    }

    @Test
    void aSecondFreeIsRejected() {
        long payload = CLibrary.call(functions.malloc(), 100L);
        CLibrary.call(functions.free(), payload);
        CLibrary.call(functions.free(), payload);
        assertEquals(1, heap.rejections());
        assertEquals(0, heap.mallocStats().liveBytes());
    }

    @Test
    void alignmentsThatAreNoneAreRejected() {
        for (long alignment : new long[] {0, 3, -1, Long.MIN_VALUE, 1L << 31}) {
            assertEquals(0, CLibrary.call(functions.alignedAlloc(), alignment, 8L));
        }
        assertEquals(5, heap.rejections());
    }

    @Test
    void sizesThatNoMemoryHasAreNullAndNoRejection() {
        for (long size : new long[] {-1, -16, Long.MIN_VALUE, Long.MAX_VALUE}) { // unsigned in C
            assertEquals(0, CLibrary.call(functions.malloc(), size));
            assertEquals(0, CLibrary.call(functions.calloc(), size, 1L));
            assertEquals(0, CLibrary.call(functions.calloc(), size, size));
            assertEquals(0, CLibrary.call(functions.realloc(), 0L, size));
            assertEquals(0, CLibrary.call(functions.alignedAlloc(), 64L, size));
            assertEquals(0, CLibrary.call(functions.luaAlloc(), 0L, 0L, 0L, size));
        }
        assertEquals(0, heap.rejections());
    }

    @Test
    void aRegionThatIsClosedAnswersNull() {
        long payload = CLibrary.call(functions.malloc(), 100L);
        fixture.region().close();
        assertNotEquals(0, payload);
        requireAllFail(functions);
        assertInstanceOf(IllegalStateException.class, heap.lastRejection());
    }

    @Test
    void anAllocatorThatUsesUpTheStackAnswersNull() {
        CHeap endless = new CHeap(BrokenAllocator.endless());
        requireAllFail(endless.functions(arena));
        assertInstanceOf(StackOverflowError.class, endless.lastRejection());
        assertEquals(7, endless.rejections());
    }

    private static void requireAllFail(CFunctions f) {
        assertEquals(0, CLibrary.call(f.malloc(), 16L));
        assertEquals(0, CLibrary.call(f.calloc(), 4L, 4L));
        assertEquals(0, CLibrary.call(f.realloc(), 0L, 16L));
        assertEquals(0, CLibrary.call(f.alignedAlloc(), 64L, 16L));
        assertEquals(0, CLibrary.call(f.luaAlloc(), 0L, 0L, 0L, 16L));
        assertEquals(0, CLibrary.call(f.mallocStats()));
        assertEquals(0, CLibrary.call(f.mallocRemaining()));
        CLibrary.call(f.free(), 0L);
    }
}
