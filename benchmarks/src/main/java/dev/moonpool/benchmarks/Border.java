package dev.moonpool.benchmarks;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The way into C and back, and out of C into Java and back, with next to nothing done there. The
 * downcalls are to {@code labs}. The upcalls come from {@code lfind}, which calls its comparator
 * for each of {@value #ELEMENTS} elements, because it never says that one is the right one: the one
 * downcall around them does not count.
 */
@Table(value = "The border: one call there and back", baseline = "downcall")
public class Border extends NanosPerOperation {
    static final int ELEMENTS = 1000;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment elements = arena.allocate(JAVA_LONG, ELEMENTS);
    private final MemorySegment count = arena.allocateFrom(JAVA_LONG, ELEMENTS);
    private final MemorySegment comparator = comparator(arena);
    private long value = -1;

    @SuppressWarnings("restricted") // the upcall is what is measured
    private static MemorySegment comparator(Arena arena) {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            return Linker.nativeLinker()
                    .upcallStub(
                            lookup.findStatic(
                                    Border.class, "unequal", Libc.COMPARATOR.toMethodType()),
                            Libc.COMPARATOR,
                            arena);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    @SuppressWarnings("unused") // called by C
    private static int unequal(long key, long element) {
        return 1;
    }

    /** Frees the stub and the elements. */
    @TearDown
    public void close() {
        arena.close();
    }

    @Benchmark
    @Row("downcall")
    public long downcall() {
        return Libc.labs(value);
    }

    @Benchmark
    @Row("critical downcall")
    public long downcallCritical() {
        return Libc.labsCritical(value);
    }

    @Benchmark
    @OperationsPerInvocation(ELEMENTS)
    @Row("upcall")
    public long upcall() {
        return Libc.lfind(elements, elements, count, JAVA_LONG.byteSize(), comparator);
    }
}
