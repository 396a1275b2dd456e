package dev.moonpool.benchmarks.footprint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.moonpool.memory.PoolAllocator;
import dev.moonpool.memory.Region;
import dev.moonpool.memory.RegionLayout;
import dev.moonpool.memory.debug.TracingAllocator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FootprintTest {
    @TempDir Path folder;

    private Path record(Consumer<TracingAllocator> requests) throws IOException {
        Path file = folder.resolve("trace");
        try (Region region = Region.reserve(RegionLayout.REFERENCE);
                TracingAllocator recorder = new TracingAllocator(new PoolAllocator(region), file)) {
            requests.accept(recorder);
        }
        return file;
    }

    /** At the peak, half of the first thousand blocks are gone. */
    private static void twoThousandBlocks(TracingAllocator allocator) {
        long[] blocks = new long[2000];
        for (int i = 0; i < 1000; i++) {
            blocks[i] = allocator.allocate(100);
        }
        for (int i = 0; i < 1000; i += 2) {
            allocator.free(blocks[i], 100);
        }
        for (int i = 1000; i < 2000; i++) {
            blocks[i] = allocator.allocate(200);
        }
    }

    @Test
    void isWhatEachAllocatorTookAtMost() throws Exception {
        Footprint footprint = Footprint.of(record(FootprintTest::twoThousandBlocks));
        assertEquals(2000, footprint.requests());
        assertEquals(500 * 100 + 1000 * 200, footprint.peakBytes());
        assertEquals(1000 * 104 + 1000 * 200, footprint.pool());
        assertTrue(footprint.committed() >= footprint.pool());
        assertEquals(1000 * 112 + 1000 * 208, footprint.bump());
        assertEquals((double) footprint.pool() / 250_000, footprint.ratio(footprint.pool()));
    }

    @Test
    void ofLibcIsWhatItTookFromTheSystem() throws Exception {
        OptionalLong libc = LibcReplay.footprintOf(record(FootprintTest::twoThousandBlocks));
        assumeTrue(libc.isPresent(), "libc is not glibc");
        long least = 1000 * 112 + 1000 * 208;
        assertTrue(
                libc.getAsLong() >= least && libc.getAsLong() < least + 200_000,
                () -> "taken: " + libc);
    }

    @Test
    void ofLibcCountsLargeBlocksAtTheirPeak() throws Exception {
        Path trace =
                record(
                        allocator -> {
                            long block = allocator.allocate(1 << 20);
                            block = allocator.reallocate(block, 1 << 20, 8 << 20);
                            allocator.free(block, 8 << 20);
                        });
        OptionalLong libc = LibcReplay.footprintOf(trace);
        assumeTrue(libc.isPresent(), "libc is not glibc");
        assertTrue(
                libc.getAsLong() >= 8 << 20 && libc.getAsLong() < 10 << 20, () -> "taken: " + libc);
    }

    @Test
    void aFileThatIsNoTraceIsRefused() throws Exception {
        Path trace = record(FootprintTest::twoThousandBlocks);
        assumeTrue(LibcReplay.footprintOf(trace).isPresent(), "libc is not glibc");
        byte[] bytes = Files.readAllBytes(trace);
        bytes[0]++;
        Files.write(trace, bytes);
        IOException refusal = assertThrows(IOException.class, () -> LibcReplay.footprintOf(trace));
        assertTrue(
                String.valueOf(refusal.getMessage())
                        .endsWith("replay-libc: the file is no trace of this version"));
    }
}
