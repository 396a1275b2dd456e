package dev.moonpool.memory.debug;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.moonpool.memory.AllocatorFixture;
import dev.moonpool.memory.AllocatorModel;
import dev.moonpool.memory.AllocatorStatistics;
import dev.moonpool.memory.BlockAllocator;
import dev.moonpool.memory.Seeds;
import dev.moonpool.memory.debug.FaultInjectingAllocator.Plan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplayTest {
    private final Path file;

    ReplayTest(@TempDir Path directory) {
        file = directory.resolve("trace");
    }

    private AllocationTrace record(BlockAllocator allocator, Consumer<BlockAllocator> program) {
        try {
            try (var traced = new TracingAllocator(allocator, file)) {
                program.accept(traced);
            }
            return AllocationTrace.read(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void walk(BlockAllocator allocator, Random random, int maxByteSize) {
        var model = new AllocatorModel(allocator, random);
        for (int step = 0; step < 1000; step++) {
            model.step(maxByteSize);
        }
    }

    /** In the smaller pools many requests fail. */
    @ParameterizedTest
    @ValueSource(ints = {256, 4096, 65_536})
    void aFreshPoolGivesTheSameAddresses(int poolByteSize) {
        Seeds.each(
                10,
                random -> {
                    try (var first = AllocatorFixture.pool(poolByteSize);
                            var second = AllocatorFixture.pool(poolByteSize)) {
                        var then = new AddressLog(first.base(), first.region().address());
                        var now = new AddressLog(second.base(), second.region().address());
                        AllocationTrace trace =
                                record(then, traced -> walk(traced, random, 1 + poolByteSize / 20));
                        Replay replay = trace.replay(now);
                        second.base().check();
                        assertEquals(then.answers(), now.answers());
                        AllocatorStatistics expected = first.base().statistics();
                        assertEquals(expected, second.base().statistics());
                        assertEquals(expected.requests(), replay.requests());
                        assertEquals(expected.failures(), replay.failures());
                        assertEquals(expected.liveBytes(), replay.liveBytes());
                        assertEquals(expected.peakBytes(), replay.peakBytes());
                        assertEquals(0, replay.skipped());
                    }
                });
    }

    private AllocationTrace largeTrace() {
        try (var recorded = AllocatorFixture.pool(1 << 20)) {
            return record(recorded.base(), traced -> walk(traced, new Random(1), 1000));
        }
    }

    @Test
    void anyAllocatorCanBeAsked() {
        AllocationTrace trace = largeTrace();
        try (var bump = AllocatorFixture.bump(1 << 20);
                var system = AllocatorFixture.system()) {
            for (AllocatorFixture fixture : List.of(bump, system)) {
                var checked = new CheckedAllocator(fixture.base(), 0);
                Replay replay = trace.replay(checked, checked::check);
                AllocatorStatistics statistics = checked.statistics();
                assertEquals(statistics.requests(), replay.requests());
                assertEquals(statistics.failures(), replay.failures());
                assertEquals(statistics.peakBytes(), replay.peakBytes());
                assertEquals(0, replay.failures());
                assertNotEquals(0, replay.liveBytes());
                replay.freeAll();
                replay.freeAll();
                assertEquals(0, replay.liveBytes());
                assertEquals(List.of(), checked.liveBlocks());
            }
        }
    }

    @Test
    void anObserverSeesTheAllocatorAfterEachRecord() {
        AllocationTrace trace = largeTrace();
        try (var pool = AllocatorFixture.pool(1 << 20)) {
            BlockAllocator allocator = pool.base();
            long[] seen = new long[2];
            Replay replay =
                    trace.replay(
                            allocator,
                            () -> {
                                AllocatorStatistics now = allocator.statistics();
                                seen[0]++;
                                seen[1] = Math.max(seen[1], now.liveBytes());
                            });
            assertEquals(trace.records(), seen[0]);
            assertEquals(replay.peakBytes(), seen[1]);
        }
    }

    @Test
    void anAllocatorThatRunsOutIsAskedOnlyAboutBlocksThatAreThere() {
        AllocationTrace trace = largeTrace();
        for (long poolByteSize : new long[] {16, 512, 8192}) {
            try (var small = AllocatorFixture.pool(poolByteSize)) {
                var checked = new CheckedAllocator(small.base(), 0);
                Replay replay = trace.replay(checked, checked::check);
                assertTrue(replay.failures() > 0 && replay.skipped() > 0);
                assertEquals(checked.statistics().requests(), replay.requests());
                assertEquals(checked.statistics().failures(), replay.failures());
                assertEquals(checked.statistics().liveBytes(), replay.liveBytes());
                replay.freeAll();
                assertEquals(List.of(), checked.liveBlocks());
            }
        }
    }

    @Test
    void whatFailedThenIsUndoneWhereItIsServedNow() {
        AllocationTrace trace;
        try (var recorded = AllocatorFixture.pool(1 << 20)) {
            var faulty = new FaultInjectingAllocator(recorded.base(), Plan.failingEvery(3));
            trace = record(faulty, traced -> walk(traced, new Random(1), 1000));
            try (var pool = AllocatorFixture.pool(1 << 20)) {
                var checked = new CheckedAllocator(pool.base(), 0);
                Replay replay = trace.replay(checked, checked::check);
                assertEquals(0, replay.failures());
                assertEquals(faulty.requests(), replay.requests());
                assertEquals(recorded.base().statistics().liveBytes(), replay.liveBytes());
                assertEquals(recorded.base().statistics().blocks(), checked.statistics().blocks());
            }
        }
    }
}
