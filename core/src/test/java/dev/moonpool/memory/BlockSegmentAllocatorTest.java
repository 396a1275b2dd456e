package dev.moonpool.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BlockSegmentAllocatorTest {
    private static final long POOL = 1 << 20;

    @ParameterizedTest
    @EnumSource
    void segmentsAreZeroedAlignedAndAsLargeAsAskedFor(AllocatorKind kind) {
        try (var fixture = AllocatorFixture.of(kind, POOL)) {
            var memory = new BlockSegmentAllocator(fixture.allocator());
            for (long byteAlignment = 1; byteAlignment <= 4096; byteAlignment *= 2) {
                for (long byteSize : new long[] {0, 1, 8, 100, 5000}) {
                    MemorySegment segment = memory.allocate(byteSize, byteAlignment);
                    assertEquals(byteSize, segment.byteSize());
                    assertEquals(0, segment.address() % byteAlignment);
                    assertNotEquals(0, segment.address());
                    ArenaContract.assertZero(segment);
                    memory.free(segment.fill((byte) 0xAA));
                }
            }
            assertEquals("moon", memory.allocateFrom("moon").getString(0));
            fixture.allocator().check();
        }
    }

    @ParameterizedTest
    @EnumSource
    void everythingCanBeGivenBackInAnyOrder(AllocatorKind kind) {
        Seeds.each(20, random -> walk(kind, random));
    }

    private static void walk(AllocatorKind kind, Random random) {
        try (var fixture = AllocatorFixture.of(kind, POOL)) {
            BlockAllocator allocator = fixture.allocator();
            var memory = new BlockSegmentAllocator(allocator);
            List<MemorySegment> live = new ArrayList<>();
            for (int step = 0; step < 200; step++) {
                if (live.isEmpty() || random.nextInt(3) > 0) {
                    MemorySegment segment =
                            memory.allocate(random.nextInt(500), 1L << random.nextInt(10));
                    ArenaContract.assertZero(segment);
                    live.add(segment.fill((byte) segment.address()));
                } else {
                    MemorySegment segment = live.remove(random.nextInt(live.size()));
                    for (byte b : segment.toArray(JAVA_BYTE)) {
                        assertEquals((byte) segment.address(), b);
                    }
                    memory.free(segment);
                }
                allocator.check();
            }
            live.forEach(memory::free);
            assertEquals(0, allocator.statistics().liveBytes());
            assertEquals(0, allocator.statistics().blocks());
        }
    }

    @ParameterizedTest
    @EnumSource
    void rejectsWhatNoSegmentCanBe(AllocatorKind kind) {
        try (var fixture = AllocatorFixture.of(kind, POOL)) {
            var memory = new BlockSegmentAllocator(fixture.allocator());
            assertMessage("size is negative: byteSize=-1", () -> memory.allocate(-1));
            for (long byteAlignment : new long[] {0, -1, 3, Long.MIN_VALUE, Long.MAX_VALUE}) {
                assertMessage(
                        "alignment is no power of two: byteAlignment=" + byteAlignment,
                        () -> memory.allocate(8, byteAlignment));
            }
            MemorySegment elsewhere = MemorySegment.ofArray(new byte[8]);
            assertThrows(IllegalArgumentException.class, () -> memory.free(elsewhere));
            assertThrows(IllegalArgumentException.class, () -> memory.free(MemorySegment.NULL));
        }
    }

    private static void assertMessage(String message, Executable action) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, action).getMessage());
    }

    @ParameterizedTest
    @EnumSource
    void whatThereIsNoMemoryForIsAnErrorAndChangesNothing(AllocatorKind kind) {
        try (var fixture = AllocatorFixture.of(kind, POOL)) {
            var memory = new BlockSegmentAllocator(fixture.allocator());
            for (long byteSize : new long[] {1L << 62, Long.MAX_VALUE - 7, Long.MAX_VALUE}) {
                assertThrows(OutOfMemoryError.class, () -> memory.allocate(byteSize));
            }
            var failure = assertThrows(OutOfMemoryError.class, () -> memory.allocate(1, 1L << 62));
            assertEquals(
                    "allocator does not have the memory: byteSize=1, byteAlignment=" + (1L << 62),
                    failure.getMessage());
            assertEquals(0, fixture.allocator().statistics().liveBytes());
            assertEquals(8, memory.allocate(8).byteSize());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"POOL", "BUMP"})
    void segmentsLiveAsLongAsTheRegion(AllocatorKind kind) throws InterruptedException {
        try (var fixture = AllocatorFixture.of(kind, POOL)) {
            var memory = new BlockSegmentAllocator(fixture.allocator());
            MemorySegment segment = memory.allocate(8, 64);
            assertEquals(null, ArenaContract.inOtherThread(() -> segment.fill((byte) 1)));
            fixture.region().close();
            assertThrows(IllegalStateException.class, () -> segment.get(JAVA_BYTE, 0));
            assertThrows(IllegalStateException.class, () -> memory.allocate(8));
            assertThrows(IllegalStateException.class, () -> memory.allocate(8, 64));
            assertThrows(IllegalStateException.class, () -> memory.free(segment));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aBlockThatCannotBeViewedIsGivenBack(AllocatorKind kind) {
        try (var fixture = AllocatorFixture.of(kind, POOL)) {
            var scripted = new ScriptedAllocator(fixture.allocator());
            var memory = new BlockSegmentAllocator(scripted);
            scripted.beforeSegment =
                    () -> {
                        throw new IllegalArgumentException("no view");
                    };
            assertThrows(IllegalArgumentException.class, () -> memory.allocate(8, 64));
            assertEquals(0, scripted.statistics().blocks());
        }
    }

    @ParameterizedTest
    @EnumSource(names = "BUMP")
    void knowsNothingOfBeforeAReset(AllocatorKind kind) {
        try (var fixture = AllocatorFixture.of(kind, POOL)) {
            var bump = (BumpAllocator) fixture.allocator();
            var memory = new BlockSegmentAllocator(bump);
            MemorySegment before = memory.allocate(8, 4096);
            bump.reset();
            MemorySegment padded = memory.allocate(8, 4096);
            assertEquals(before.address(), padded.address());
            bump.reset();
            long lead = before.address() - fixture.region().pool().address();
            MemorySegment ignored = memory.allocate(lead == 0 ? 16 : lead, 16);
            MemorySegment plain = lead == 0 ? ignored : memory.allocate(16, 16);
            assertTrue(plain.byteSize() >= 16);
            memory.free(plain);
            bump.check();
        }
    }
}
