package dev.moonpool.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an arena on an allocator does besides what the JDK's does. */
class BlockArenaTest {
    private static final long POOL = 256 << 10;

    private final AllocatorFixture fixture = AllocatorFixture.of(AllocatorKind.POOL, POOL);
    private final ScriptedAllocator allocator = new ScriptedAllocator(fixture.allocator());

    /** Whatever a test did: all arenas closed means all memory back, and a region that closes. */
    @AfterEach
    void nothingIsLeft() {
        allocator.check();
        assertEquals(0, allocator.statistics().liveBytes());
        assertEquals(0, allocator.statistics().blocks());
        fixture.close();
    }

    private static IllegalStateException assertIllegal(Executable action) {
        return assertThrows(IllegalStateException.class, action);
    }

    @Test
    void openingTakesNoMemoryYet() {
        try (Arena _ = allocator.openArena()) {
            assertEquals(0, allocator.statistics().liveBytes());
        }
    }

    @Test
    void smallSegmentsShareAChunk() {
        try (Arena arena = allocator.openArena()) {
            for (int i = 0; i < 16; i++) {
                arena.allocate(64);
            }
            assertEquals(1, allocator.statistics().blocks());
        }
    }

    @Test
    void chunksDoubleSoThatManySegmentsTakeFewOfThem() {
        try (Arena arena = allocator.openArena()) {
            for (int i = 0; i < 1000; i++) {
                arena.allocate(100);
            }
            assertEquals(7, allocator.statistics().blocks());
        }
    }

    @Test
    void aLargeSegmentLeavesTheRestOfTheChunkInUse() {
        try (Arena arena = allocator.openArena()) {
            MemorySegment first = arena.allocate(8);
            arena.allocate(100_000);
            assertEquals(first.address() + 8, arena.allocate(8).address());
        }
    }

    @Test
    void theRegionStaysOpenAsLongAsAnArenaIs() {
        Region region = fixture.region();
        BlockArena first = allocator.openArena();
        BlockArena second = first.openArena();
        Arena third = allocator.openArena();
        first.close();
        assertIllegal(region::close);
        third.close();
        var refusal = assertIllegal(region::close);
        assertEquals(
                "region is in use, so there can be no close: retained=1", refusal.getMessage());
        second.close();
    }

    @Test
    void cannotBeOpenedOnAClosedRegion() {
        try (var closed = AllocatorFixture.of(AllocatorKind.POOL, POOL)) {
            closed.region().close();
            assertIllegal(closed.allocator()::openArena);
        }
    }

    @Test
    void isDeadOnAClosedRegion() {
        try (var other = AllocatorFixture.of(AllocatorKind.POOL, POOL)) {
            BlockArena arena = other.allocator().openArena();
            MemorySegment segment = arena.allocate(8);
            arena.close();
            other.region().close();
            assertIllegal(() -> segment.get(JAVA_BYTE, 0));
            assertIllegal(() -> arena.allocate(8));
            assertIllegal(arena::openArena);
            assertIllegal(arena::close);
        }
    }

    @Test
    void aRegionIsClosedByAnotherThreadOnlyBetweenArenas() throws InterruptedException {
        try (var other = AllocatorFixture.of(AllocatorKind.POOL, POOL)) {
            Thread closer = new Thread(() -> closeWhenPossible(other.region()));
            closer.start();
            var refusal =
                    assertIllegal(
                            () -> {
                                while (true) {
                                    try (Arena arena = other.allocator().openArena()) {
                                        ArenaContract.assertZero(arena.allocate(64));
                                    }
                                }
                            });
            assertEquals("region is closed", refusal.getMessage());
            closer.join();
        }
    }

    private static void closeWhenPossible(Region region) {
        while (true) {
            try {
                region.close();
                return;
            } catch (IllegalStateException e) {
                Thread.onSpinWait(); // an arena is open
            }
        }
    }

    @Test
    void aBumpAllocatorIsNotResetUnderIt() {
        try (var other = AllocatorFixture.of(AllocatorKind.BUMP, POOL)) {
            var bump = (BumpAllocator) other.allocator();
            try (Arena arena = bump.openArena()) {
                arena.allocate(8);
                assertIllegal(bump::reset);
            }
            bump.reset();
        }
    }

    @Test
    void opensOthersOnlyInItsThreadAndUntilItIsClosed() throws InterruptedException {
        BlockArena arena = allocator.openArena();
        assertInstanceOf(WrongThreadException.class, ArenaContract.inOtherThread(arena::openArena));
        arena.close();
        assertIllegal(arena::openArena);
    }

    @Test
    void theReserveIsOneChunkAndEndsWithTheLastArena() {
        BlockArena outer = allocator.openArena();
        BlockArena last = outer.openArena();
        for (int round = 0; round < 10; round++) {
            try (BlockArena middle = outer.openArena();
                    Arena inner = middle.openArena()) {
                middle.allocate(100);
                inner.allocate(5000);
                inner.allocate(100);
            }
            assertEquals(ChunkSource.FIRST, allocator.statistics().liveBytes());
        }
        outer.close();
        assertEquals(1, allocator.statistics().blocks());
        last.close();
        assertEquals(0, allocator.statistics().blocks());
    }

    @Test
    void arenasOpenedFromOneAnotherAreClosedInAnyOrder() {
        Seeds.each(
                50,
                random -> {
                    List<BlockArena> open = new ArrayList<>(List.of(allocator.openArena()));
                    List<MemorySegment> segments = new ArrayList<>(List.of(MemorySegment.NULL));
                    for (int step = 0; step < 100 && !open.isEmpty(); step++) {
                        int at = random.nextInt(open.size());
                        switch (random.nextInt(4)) {
                            case 0 -> {
                                open.add(open.get(at).openArena());
                                segments.add(MemorySegment.NULL);
                            }
                            case 1 -> {
                                open.remove(at).close();
                                MemorySegment segment = segments.remove(at);
                                assertEquals(segment.byteSize() == 0, segment.scope().isAlive());
                            }
                            default -> {
                                MemorySegment segment =
                                        open.get(at).allocate(1 + random.nextInt(999));
                                ArenaContract.assertZero(segment);
                                segments.set(at, segment.fill((byte) step));
                            }
                        }
                        allocator.check();
                    }
                    open.forEach(Arena::close);
                    assertEquals(0, allocator.statistics().liveBytes());
                });
    }

    @Test
    void theAllocatorServesOthersInBetween() {
        Seeds.each(
                20,
                random -> {
                    var model = new AllocatorModel(fixture.allocator(), random);
                    List<Arena> open = new ArrayList<>();
                    for (int step = 0; step < 300; step++) {
                        int choice = random.nextInt(8);
                        if (choice == 0) {
                            open.add(allocator.openArena());
                        } else if (choice == 1 && !open.isEmpty()) {
                            open.remove(random.nextInt(open.size())).close();
                        } else if (choice < 5 && !open.isEmpty()) {
                            tryToFill(open.get(random.nextInt(open.size())), random.nextInt(3000));
                        } else {
                            model.step(2000);
                        }
                        allocator.check();
                        model.blocks().verify();
                    }
                    open.forEach(Arena::close);
                    model.freeAll();
                    assertEquals(0, allocator.statistics().liveBytes());
                });
    }

    private static void tryToFill(Arena arena, long byteSize) {
        try {
            arena.allocate(byteSize, 64).fill((byte) 0xAA);
        } catch (OutOfMemoryError e) {
            assertTrue(String.valueOf(e.getMessage()).startsWith("allocator does not have"));
        }
    }

    @Test
    void exhaustionIsAnErrorThatNamesTheRequestAndLeavesTheArenaInUse() {
        try (Arena arena = allocator.openArena()) {
            MemorySegment text = arena.allocateFrom("before");
            var failure = assertThrows(OutOfMemoryError.class, () -> arena.allocate(POOL, 64));
            assertEquals(
                    "allocator does not have the memory: byteSize=262144, byteAlignment=64",
                    failure.getMessage());
            assertThrows(OutOfMemoryError.class, () -> arena.allocate(1, 1L << 62));
            assertEquals("before", text.getString(0));
            arena.allocate(100);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {16, 48, 64, 256, 1024, 2000})
    void aTinyPoolIsUsedToItsEnd(long poolByteSize) {
        try (var tiny = AllocatorFixture.of(AllocatorKind.POOL, poolByteSize)) {
            long allocated = 0;
            try (Arena arena = tiny.allocator().openArena()) {
                for (; ; allocated += 16) {
                    arena.allocate(16);
                }
            } catch (OutOfMemoryError e) {
                assertEquals(poolByteSize & -16, allocated);
            }
            assertEquals(0, tiny.allocator().statistics().liveBytes());
            tiny.allocator().check();
        }
    }

    @Test
    void everyFailureOfTheAllocatorLeavesAllInOrder() {
        for (int failing = 0; failing < 20; failing++) {
            int[] countdown = {failing};
            allocator.beforeAllocate = () -> countdown[0]-- != 0;
            try (BlockArena outer = allocator.openArena()) {
                for (int i = 0; i < 50; i++) {
                    try (Arena arena = outer.openArena()) {
                        tryToFill(arena, 100L * i);
                        tryToFill(outer, 100);
                    }
                }
            }
            allocator.check();
            assertEquals(0, allocator.statistics().liveBytes(), "failing=" + failing);
        }
    }

    @Test
    void aBlockThatCannotBeViewedIsGivenBack() {
        RuntimeException failure = new IllegalArgumentException("no view");
        try (Arena arena = allocator.openArena()) {
            allocator.beforeSegment =
                    () -> {
                        throw failure;
                    };
            assertSame(failure, assertThrows(RuntimeException.class, () -> arena.allocate(8)));
            assertEquals(0, allocator.statistics().liveBytes());
            allocator.beforeSegment = () -> {};
            arena.allocate(8);
        }
    }

    @Test
    void anAllocatorThatClosesTheArenaGetsItsBlockBack() {
        BlockArena outer = allocator.openArena();
        BlockArena arena = outer.openArena();
        allocator.beforeAllocate =
                () -> {
                    arena.close();
                    return true;
                };
        assertIllegal(() -> arena.allocate(8));
        assertEquals(0, allocator.statistics().liveBytes());
        outer.close();
    }

    @Test
    void anAllocatorThatUsesTheArenaGetsAChunkOfItsOwn() {
        try (Arena arena = allocator.openArena()) {
            MemorySegment[] inner = {MemorySegment.NULL};
            allocator.beforeAllocate =
                    () -> {
                        allocator.beforeAllocate = () -> true;
                        inner[0] = arena.allocate(100).fill((byte) 1);
                        return true;
                    };
            MemorySegment outer = arena.allocate(100).fill((byte) 2);
            assertEquals(1, inner[0].get(JAVA_BYTE, 99));
            assertEquals(2, outer.get(JAVA_BYTE, 0));
            ArenaContract.assertZero(arena.allocate(900));
        }
    }

    @Test
    void anAllocatorThatTakesNothingBackIsReportedAndTheRestIsDone() {
        BlockArena arena = allocator.openArena();
        MemorySegment segment = arena.allocate(5000);
        arena.allocate(100_000);
        arena.allocate(8);
        RuntimeException failure = new IllegalArgumentException("not now");
        long[] refused = {0, 0};
        allocator.beforeFree =
                (address, byteSize) -> {
                    if (refused[0] == 0) {
                        refused[0] = address;
                        refused[1] = byteSize;
                        throw failure;
                    }
                };
        var refusal = assertIllegal(arena::close);
        assertEquals("allocator does not take a chunk back", refusal.getMessage());
        assertSame(failure, refusal.getCause());
        assertIllegal(() -> segment.get(JAVA_BYTE, 0));
        assertEquals(1, allocator.statistics().blocks());
        fixture.allocator().free(refused[0], refused[1]);
    }

    @Test
    void memoryComesBackWhenAnActionThrows() {
        BlockArena arena = allocator.openArena();
        arena.allocate(5000);
        ArenaContract.Foreign.withAction(
                arena,
                () -> {
                    throw new IllegalArgumentException("of the action");
                });
        assertThrows(IllegalArgumentException.class, arena::close);
        assertEquals(0, allocator.statistics().blocks());
    }
}
