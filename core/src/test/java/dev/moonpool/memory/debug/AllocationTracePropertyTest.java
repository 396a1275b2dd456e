package dev.moonpool.memory.debug;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What was written is what is read, and nothing but traces is read. */
class AllocationTracePropertyTest {

    /** A step of some program; what kind of record comes of it depends on the blocks it has. */
    private record Step(int kind, int block, long byteSize, int tag) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Long> sizes =
                Arbitraries.integers()
                        .between(0, 62)
                        .flatMap(bits -> Arbitraries.longs().between(1, (2L << bits) - 1));
        return Combinators.combine(
                        Arbitraries.integers().between(TraceFormat.ALLOCATE, TraceFormat.END - 1),
                        Arbitraries.integers().between(0, 1000),
                        sizes,
                        Arbitraries.integers().between(0, 15))
                .as(Step::new)
                .list()
                .ofMaxSize(200);
    }

    /** Writes a trace, and what must come out of it. */
    private static final class Program {
        final RecordedTrace expected = new RecordedTrace();
        private final ByteArrayOutputStream file = new ByteArrayOutputStream();
        private final TraceWriter writer = new TraceWriter(file);
        private final List<Integer> live = new ArrayList<>();
        private final List<Long> sizes = new ArrayList<>(); // by id

        void take(Step step) {
            switch (live.isEmpty() ? TraceFormat.ALLOCATE : step.kind()) {
                case TraceFormat.ALLOCATE -> {
                    live.add(sizes.size());
                    expected.allocate(sizes.size(), step.byteSize(), step.tag());
                    sizes.add(step.byteSize());
                    writer.write(TraceFormat.ALLOCATE, step.tag(), step.byteSize());
                }
                case TraceFormat.REALLOCATE -> {
                    int block = live.get(step.block() % live.size());
                    long old = sizes.set(block, step.byteSize());
                    expected.reallocate(block, old, step.byteSize());
                    writer.write(TraceFormat.REALLOCATE, distance(block), old, step.byteSize());
                }
                case TraceFormat.FREE -> {
                    int block = live.remove(step.block() % live.size());
                    expected.free(block, sizes.get(block));
                    writer.write(TraceFormat.FREE, distance(block), sizes.get(block));
                }
                case TraceFormat.FAILED_ALLOCATE -> {
                    expected.failedAllocate(step.byteSize(), step.tag());
                    writer.write(TraceFormat.FAILED_ALLOCATE, step.tag(), step.byteSize());
                }
                default -> {
                    int block = live.get(step.block() % live.size());
                    long old = sizes.get(block);
                    expected.failedReallocate(block, old, step.byteSize());
                    writer.write(
                            TraceFormat.FAILED_REALLOCATE, distance(block), old, step.byteSize());
                }
            }
        }

        private long distance(int block) {
            return sizes.size() - 1L - block;
        }

        byte[] bytes() throws IOException {
            writer.close();
            return file.toByteArray();
        }
    }

    private static byte[] written(Program program, List<Step> steps) throws IOException {
        steps.forEach(program::take);
        return program.bytes();
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void whatWasWrittenIsRead(@ForAll("steps") List<Step> steps) throws IOException {
        Program program = new Program();
        AllocationTrace trace = AllocationTrace.of(written(program, steps));
        assertEquals(program.expected.records, RecordedTrace.of(trace));
        assertEquals(steps.size(), trace.records());
        assertEquals(program.sizes.size(), trace.blocks());
    }

    @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
    void noPrefixIsATrace(@ForAll("steps") List<Step> steps) throws IOException {
        byte[] bytes = written(new Program(), steps);
        for (int length = 0; length < bytes.length; length++) {
            assertEquals(false, isTrace(Arrays.copyOf(bytes, length)), "length=" + length);
        }
    }

    /** Whatever is read can be walked over: a byte more or less makes nothing but another trace. */
    @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
    void aChangedByteIsAnotherTraceOrNone(@ForAll("steps") List<Step> steps, @ForAll byte change)
            throws IOException {
        byte[] bytes = written(new Program(), steps);
        for (int i = 0; i < bytes.length; i++) {
            byte before = bytes[i];
            bytes[i] = (byte) (before + change);
            if (isTrace(bytes)) {
                AllocationTrace trace = AllocationTrace.of(bytes);
                assertEquals(trace.records(), RecordedTrace.of(trace).size());
            }
            bytes[i] = before;
        }
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void anyBytesAreATraceOrAreRejected(@ForAll byte[] tail) {
        byte[] bytes = Arrays.copyOf(TraceFormat.MAGIC, TraceFormat.HEADER_SIZE + tail.length);
        bytes[TraceFormat.HEADER_SIZE - 1] = TraceFormat.VERSION;
        System.arraycopy(tail, 0, bytes, TraceFormat.HEADER_SIZE, tail.length);
        isTrace(bytes); // no other exception
    }

    private static boolean isTrace(byte[] bytes) {
        try {
            AllocationTrace.of(bytes);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
