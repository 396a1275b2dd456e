package dev.moonpool.memory;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@link Arena#ofConfined()} promises, to be run against it and against ours. */
abstract class ArenaContract {
    static final long[] SIZES = {0, 1, 7, 8, 9, 31, 32, 63, 64, 65, 256, 1000, 1024, 5000, 70_000};

    abstract Arena open();

    static void assertZero(MemorySegment segment) {
        for (long i = 0; i < segment.byteSize(); i++) {
            assertEquals(0, segment.get(JAVA_BYTE, i), "not zero");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096})
    void everySizeIsZeroedAlignedAndAsLargeAsAskedFor(long byteAlignment) {
        try (Arena arena = open()) {
            for (long byteSize : SIZES) {
                MemorySegment segment = arena.allocate(byteSize, byteAlignment);
                assertEquals(byteSize, segment.byteSize());
                assertEquals(0, segment.address() % byteAlignment);
                assertNotEquals(0, segment.address());
                assertTrue(segment.isNative());
                assertFalse(segment.isReadOnly());
                assertZero(segment);
                segment.fill((byte) 0xAA);
            }
        }
    }

    @Test
    void memoryThatWasUsedBeforeIsZeroed() {
        for (int round = 0; round < 5; round++) {
            try (Arena arena = open()) {
                for (long byteSize : SIZES) {
                    MemorySegment segment = arena.allocate(byteSize);
                    assertZero(segment);
                    segment.fill((byte) 0xAA);
                }
            }
        }
    }

    @Test
    void segmentsDoNotOverlapAndKeepTheirContents() {
        Seeds.each(
                20,
                random -> {
                    try (Arena arena = open()) {
                        List<MemorySegment> segments = new ArrayList<>();
                        for (int i = 0; i < 100; i++) {
                            long byteSize = random.nextInt(1 << random.nextInt(12));
                            long byteAlignment = 1L << random.nextInt(9);
                            segments.add(arena.allocate(byteSize, byteAlignment).fill((byte) i));
                        }
                        for (int i = 0; i < segments.size(); i++) {
                            for (byte b : segments.get(i).toArray(JAVA_BYTE)) {
                                assertEquals((byte) i, b);
                            }
                        }
                    }
                });
    }

    @Test
    void emptySegmentsHaveAddressesOfTheirOwn() {
        try (Arena arena = open()) {
            long first = arena.allocate(0).address();
            long second = arena.allocate(0).address();
            long third = arena.allocate(1).address();
            assertNotEquals(first, second);
            assertNotEquals(second, third);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, -8, 3, 6, 12, Long.MIN_VALUE, Long.MAX_VALUE})
    void rejectsAnAlignmentThatIsNoPowerOfTwo(long byteAlignment) {
        try (Arena arena = open()) {
            assertThrows(IllegalArgumentException.class, () -> arena.allocate(8, byteAlignment));
            assertThrows(IllegalArgumentException.class, () -> arena.allocate(0, byteAlignment));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, -8, Long.MIN_VALUE})
    void rejectsANegativeSize(long byteSize) {
        try (Arena arena = open()) {
            assertThrows(IllegalArgumentException.class, () -> arena.allocate(byteSize));
            assertThrows(IllegalArgumentException.class, () -> arena.allocate(byteSize, 8));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MAX_VALUE, Long.MAX_VALUE - 7, Long.MAX_VALUE - 8, 1L << 62})
    void whatNoMachineHasIsOutOfMemoryAndTheArenaGoesOn(long byteSize) {
        try (Arena arena = open()) {
            MemorySegment before = arena.allocateFrom("before");
            assertThrows(OutOfMemoryError.class, () -> arena.allocate(byteSize));
            assertThrows(OutOfMemoryError.class, () -> arena.allocate(byteSize, 1));
            assertZero(arena.allocate(100));
            assertEquals("before", before.getString(0));
        }
    }

    @Test
    void takesStringsArraysAndLayouts() {
        try (Arena arena = open()) {
            MemorySegment text = arena.allocateFrom("moon \ud83c\udf1a");
            assertEquals("moon \ud83c\udf1a", text.getString(0));
            assertEquals(10, text.byteSize());
            assertEquals("", arena.allocateFrom("").getString(0));
            MemorySegment wide = arena.allocateFrom("wide", StandardCharsets.UTF_16LE);
            assertEquals("wide", wide.getString(0, StandardCharsets.UTF_16LE));
            int[] ints = {1, 2, 3, 4, 5};
            assertArrayEquals(ints, arena.allocateFrom(JAVA_INT, ints).toArray(JAVA_INT));
            MemorySegment longs = arena.allocate(JAVA_LONG, 1000);
            assertEquals(8000, longs.byteSize());
            assertEquals(0, longs.address() % 8);
            assertThrows(IllegalArgumentException.class, () -> arena.allocate(JAVA_LONG, -1));
        }
    }

    @Test
    void accessIsCheckedAgainstTheBounds() {
        try (Arena arena = open()) {
            arena.allocate(8);
            MemorySegment segment = arena.allocate(16);
            arena.allocate(8);
            for (long offset : new long[] {-1, 16, 1 << 20, Long.MAX_VALUE}) {
                assertThrows(IndexOutOfBoundsException.class, () -> segment.get(JAVA_BYTE, offset));
            }
            assertThrows(IndexOutOfBoundsException.class, () -> segment.get(JAVA_LONG, 9));
            assertThrows(IndexOutOfBoundsException.class, () -> segment.asSlice(8, 9));
            assertThrows(IndexOutOfBoundsException.class, () -> segment.asSlice(17));
            assertEquals(0, segment.asSlice(16).byteSize());
            MemorySegment empty = arena.allocate(0);
            assertThrows(IndexOutOfBoundsException.class, () -> empty.get(JAVA_BYTE, 0));
        }
    }

    @Test
    void segmentsHaveTheScopeAndDieWithIt() {
        Arena arena = open();
        MemorySegment segment = arena.allocate(16);
        MemorySegment empty = arena.allocate(0);
        MemorySegment slice = segment.asSlice(8);
        assertEquals(arena.scope(), segment.scope());
        assertTrue(arena.scope().isAlive());
        arena.close();
        assertFalse(arena.scope().isAlive());
        assertFalse(segment.scope().isAlive());
        assertAlreadyClosed(() -> segment.get(JAVA_BYTE, 0));
        assertAlreadyClosed(() -> slice.set(JAVA_BYTE, 0, (byte) 1));
        assertAlreadyClosed(() -> segment.fill((byte) 1));
        assertAlreadyClosed(() -> empty.fill((byte) 1));
    }

    private static void assertAlreadyClosed(Executable use) {
        var refusal = assertThrows(IllegalStateException.class, use);
        assertEquals("Already closed", refusal.getMessage());
    }

    @Test
    void cannotBeUsedWhenItIsClosed() {
        Arena used = open();
        used.allocate(8);
        for (Arena arena : List.of(open(), used)) {
            arena.close();
            for (long byteSize : SIZES) {
                assertAlreadyClosed(() -> arena.allocate(byteSize));
            }
            assertAlreadyClosed(() -> arena.allocateFrom("late"));
            assertAlreadyClosed(arena::close);
            assertAlreadyClosed(arena::close);
            assertThrows(IllegalArgumentException.class, () -> arena.allocate(-1));
        }
    }

    @Test
    void belongsToTheThreadThatOpenedIt() throws InterruptedException {
        Arena unused = open();
        Arena used = open();
        MemorySegment segment = used.allocateFrom("mine");
        for (Arena arena : List.of(unused, used)) {
            for (long byteSize : SIZES) {
                assertWrongThread(inOtherThread(() -> arena.allocate(byteSize)));
            }
            assertWrongThread(inOtherThread(arena::close));
        }
        assertWrongThread(inOtherThread(() -> segment.get(JAVA_BYTE, 0)));
        assertFalse(segment.isAccessibleBy(new Thread()));
        assertTrue(segment.isAccessibleBy(Thread.currentThread()));
        assertEquals("mine", segment.getString(0));
        assertZero(used.allocate(100));
        unused.close();
        used.close();
        assertWrongThread(inOtherThread(() -> used.allocate(1)));
        assertWrongThread(inOtherThread(used::close));
    }

    private static void assertWrongThread(@Nullable Throwable failure) {
        assertNotNull(failure);
        assertEquals(WrongThreadException.class, failure.getClass());
    }

    /** {@return what the action threw in a thread of its own} */
    static @Nullable Throwable inOtherThread(Executable action) throws InterruptedException {
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        Thread thread =
                new Thread(
                        () -> {
                            try {
                                action.execute();
                            } catch (Throwable e) {
                                failure.set(e);
                            }
                        });
        thread.start();
        thread.join();
        return failure.get();
    }

    @Test
    void actionsOfItsScopeRunAtTheClose() {
        List<String> ran = new ArrayList<>();
        Arena arena = open();
        Foreign.withAction(arena, () -> ran.add("first"));
        Foreign.withAction(arena, () -> ran.add("second"));
        assertEquals(List.of(), ran);
        arena.close();
        assertEquals(2, ran.size());
    }

    @Test
    void isClosedThoughAnActionThrows() {
        Arena arena = open();
        MemorySegment segment = arena.allocate(8);
        RuntimeException failure = new IllegalArgumentException("of the action");
        Foreign.withAction(
                arena,
                () -> {
                    throw failure;
                });
        assertSame(failure, assertThrows(RuntimeException.class, arena::close));
        assertAlreadyClosed(() -> segment.get(JAVA_BYTE, 0));
        assertAlreadyClosed(arena::close);
    }

    @Test
    void anActionCanNeitherCloseNorUseItAgain() {
        Arena arena = open();
        arena.allocate(8);
        List<Class<?>> refusals = new ArrayList<>();
        Foreign.withAction(
                arena,
                () -> {
                    refusals.add(assertThrows(Throwable.class, arena::close).getClass());
                    refusals.add(assertThrows(Throwable.class, () -> arena.allocate(8)).getClass());
                });
        arena.close();
        assertEquals(List.of(IllegalStateException.class, IllegalStateException.class), refusals);
    }

    @Test
    void isNotClosedWhileNativeCodeHasASegment() throws Throwable {
        Arena arena = open();
        MemorySegment segment = arena.allocate(16);
        AtomicReference<@Nullable Throwable> refusal = new AtomicReference<>();
        Foreign.duringACall(
                segment,
                () -> refusal.set(assertThrows(IllegalStateException.class, arena::close)));
        assertNotNull(refusal.get());
        segment.set(JAVA_LONG, 0, 42);
        assertEquals(42, segment.get(JAVA_LONG, 0));
        arena.close();
        assertAlreadyClosed(arena::close);
    }

    @Test
    void severalAreIndependent() {
        Seeds.each(
                20,
                random -> {
                    List<Arena> arenas = new ArrayList<>();
                    List<MemorySegment> segments = new ArrayList<>();
                    for (int step = 0; step < 300; step++) {
                        int choice = arenas.isEmpty() ? 0 : random.nextInt(6);
                        int at = arenas.isEmpty() ? 0 : random.nextInt(arenas.size());
                        if (choice == 0) {
                            arenas.add(open());
                            segments.add(arenas.getLast().allocate(8));
                        } else if (choice == 1) {
                            arenas.remove(at).close();
                            MemorySegment segment = segments.remove(at);
                            assertAlreadyClosed(() -> segment.get(JAVA_BYTE, 0));
                        } else {
                            verifyFilled(segments.get(at));
                            MemorySegment segment =
                                    arenas.get(at).allocate(1 + random.nextInt(700));
                            assertZero(segment);
                            segments.set(at, segment.fill((byte) step));
                        }
                    }
                    segments.forEach(ArenaContract::verifyFilled);
                    arenas.forEach(Arena::close);
                });
    }

    private static void verifyFilled(MemorySegment segment) {
        for (long i = 1; i < segment.byteSize(); i++) {
            assertEquals(segment.get(JAVA_BYTE, 0), segment.get(JAVA_BYTE, i));
        }
    }

    /** What only restricted methods can do to an arena. */
    @SuppressWarnings("restricted") // it is users who do this
    static final class Foreign {
        private Foreign() {}

        static void withAction(Arena arena, Runnable action) {
            MemorySegment ignored =
                    MemorySegment.ofAddress(8).reinterpret(8, arena, segment -> action.run());
        }

        /** Runs the action from a C function that was given the segment: qsort's comparator. */
        static void duringACall(MemorySegment segment, Runnable action) throws Throwable {
            Linker linker = Linker.nativeLinker();
            var compare = FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG);
            var qsort =
                    linker.downcallHandle(
                            linker.defaultLookup().findOrThrow("qsort"),
                            FunctionDescriptor.ofVoid(ADDRESS, JAVA_LONG, JAVA_LONG, ADDRESS));
            var target =
                    MethodHandles.lookup()
                            .findStatic(
                                    Foreign.class,
                                    "compare",
                                    MethodType.methodType(
                                            int.class, Runnable.class, long.class, long.class))
                            .bindTo(action);
            try (Arena stubs = Arena.ofConfined()) {
                qsort.invokeExact(segment, 2L, 8L, linker.upcallStub(target, compare, stubs));
            }
        }

        @SuppressWarnings("unused") // called by C
        private static int compare(Runnable action, long left, long right) {
            action.run();
            return 0;
        }
    }
}
