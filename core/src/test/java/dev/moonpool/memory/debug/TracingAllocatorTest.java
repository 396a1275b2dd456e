package dev.moonpool.memory.debug;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.moonpool.memory.AllocatorFixture;
import dev.moonpool.memory.AllocatorModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TracingAllocatorTest {
    private final AllocatorFixture fixture = AllocatorFixture.pool(4096);
    private final Path file;

    TracingAllocatorTest(@TempDir Path directory) {
        file = directory.resolve("trace");
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void recordsEveryCallInOrder() throws IOException {
        try (var traced = new TracingAllocator(fixture.base(), file)) {
            long first = traced.allocate(100, 3);
            long second = traced.allocate(50);
            assertEquals(0, traced.allocate(5000, 15));
            first = traced.reallocate(first, 100, 200);
            assertEquals(0, traced.reallocate(first, 200, 1L << 60));
            second = traced.reallocate(second, 50, 1);
            traced.free(first, 200);
            traced.free(traced.allocate(7), 7);
            traced.free(second, 1);
        }
        AllocationTrace trace = AllocationTrace.read(file);
        assertEquals(
                List.of(
                        "allocate 0: 100, 3",
                        "allocate 1: 50, 0",
                        "failed allocate: 5000, 15",
                        "reallocate 0: 100, 200",
                        "failed reallocate 0: 200, " + (1L << 60),
                        "reallocate 1: 50, 1",
                        "free 0: 200",
                        "allocate 2: 7, 0",
                        "free 2: 7",
                        "free 1: 1"),
                RecordedTrace.of(trace));
        assertEquals(10, trace.records());
        assertEquals(3, trace.blocks());
    }

    @Test
    void anEmptyTraceIsOneToo() throws IOException {
        new TracingAllocator(fixture.base(), file).close();
        AllocationTrace trace = AllocationTrace.read(file);
        assertEquals(0, trace.records());
        assertEquals(List.of(), RecordedTrace.of(trace));
        assertEquals(7, trace.byteSize());
    }

    @Test
    void rejectedCallsAreNotRecorded() throws IOException {
        try (var traced = new TracingAllocator(fixture.base(), file)) {
            long block = traced.allocate(16);
            assertThrows(IllegalArgumentException.class, () -> traced.allocate(0));
            assertThrows(IllegalArgumentException.class, () -> traced.free(block + 1, 16));
            assertThrows(IllegalArgumentException.class, () -> traced.reallocate(block, 16, 0));
        }
        assertEquals(List.of("allocate 0: 16, 0"), RecordedTrace.of(AllocationTrace.read(file)));
    }

    @Test
    void blocksOlderThanTheRecordingAreLeftOut() throws IOException {
        long older = fixture.base().allocate(16);
        long oldest = fixture.base().allocate(16);
        try (var traced = new TracingAllocator(fixture.base(), file)) {
            older = traced.reallocate(older, 16, 100);
            traced.free(older, 100);
            traced.allocate(32);
            traced.free(oldest, 16);
        }
        assertEquals(List.of("allocate 0: 32, 0"), RecordedTrace.of(AllocationTrace.read(file)));
    }

    @Test
    void whatComesAfterCloseIsNotRecorded() throws IOException {
        var traced = new TracingAllocator(fixture.base(), file);
        long block = traced.allocate(16);
        traced.close();
        traced.close();
        block = traced.reallocate(block, 16, 32);
        traced.free(block, 32);
        assertNotEquals(0, traced.allocate(1));
        assertEquals(0, traced.allocate(1 << 20));
        assertEquals(List.of("allocate 0: 16, 0"), RecordedTrace.of(AllocationTrace.read(file)));
        assertEquals(1, fixture.base().statistics().blocks());
    }

    @Test
    void aRecordOfARandomWalkTakesThreeBytes() throws IOException {
        try (var traced = new TracingAllocator(fixture.base(), file)) {
            var model = new AllocatorModel(traced, new Random(1));
            for (int step = 0; step < 20_000; step++) { // more than a buffer
                model.step(100);
            }
        }
        AllocationTrace trace = AllocationTrace.read(file);
        assertEquals(20_000, trace.records());
        assertTrue(trace.byteSize() < 70_000, () -> "byteSize=" + trace.byteSize());
        assertTrue(trace.byteSize() > 40_000, () -> "byteSize=" + trace.byteSize());
    }

    @Test
    void aFileThatCannotBeOpenedIsSaidAtOnce() {
        Path nowhere = file.resolve("nowhere");
        assertThrows(IOException.class, () -> new TracingAllocator(fixture.base(), nowhere));
    }

    @Test
    void aFileThatCannotBeWrittenIsSaidAtClose() throws IOException {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full));
        var traced = new TracingAllocator(fixture.base(), full);
        for (int i = 0; i < 100_000; i++) {
            traced.free(traced.allocate(16), 16);
        }
        assertThrows(IOException.class, traced::close);
        traced.close();
        assertNotEquals(0, traced.allocate(16));
    }
}
