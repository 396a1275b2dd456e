package dev.moonpool.memory.debug;

import static dev.moonpool.memory.BlockAllocator.TAGS;

import dev.moonpool.memory.AllocatorStatistics;
import dev.moonpool.memory.AllocatorStatistics.Requests;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The counters as the caller of a decorator sees them, where that makes other requests of the
 * allocator underneath. Sizes are in bytes, as requested.
 */
final class CallerCounters {
    private final long[] everCount = new long[TAGS];
    private final long[] everBytes = new long[TAGS];
    private final long[] liveCount = new long[TAGS];
    private final long[] liveBytes = new long[TAGS];
    private long live;
    private long peak;
    private long failures;
    private long grownInPlace;
    private long moved;
    private long shrunk;

    void handedOut(long byteSize, int tag) {
        everCount[tag]++;
        everBytes[tag] += byteSize;
        liveCount[tag]++;
        changeLive(byteSize, tag);
    }

    void grown(long more, int tag, boolean inPlace) {
        grownInPlace += inPlace ? 1 : 0;
        moved += inPlace ? 0 : 1;
        changeLive(more, tag);
    }

    void shrunk(long less, int tag) {
        shrunk++;
        changeLive(-less, tag);
    }

    void tookBack(long byteSize, int tag) {
        liveCount[tag]--;
        changeLive(-byteSize, tag);
    }

    void failed() {
        failures++;
    }

    private void changeLive(long change, int tag) {
        liveBytes[tag] += change;
        live += change;
        peak = Math.max(peak, live);
    }

    long liveBytes() {
        return live;
    }

    long requests() {
        return sum(everCount) + grownInPlace + moved + failures;
    }

    List<Requests> liveByTag() {
        return byTag(liveCount, liveBytes);
    }

    private static List<Requests> byTag(long[] counts, long[] byteSizes) {
        return IntStream.range(0, TAGS)
                .mapToObj(tag -> new Requests(counts[tag], byteSizes[tag]))
                .toList();
    }

    private static long sum(long[] values) {
        long sum = 0;
        for (long value : values) {
            sum += value;
        }
        return sum;
    }

    /** {@return the requests as counted here, and the memory as the allocator underneath says} */
    AllocatorStatistics over(AllocatorStatistics memory) {
        return new AllocatorStatistics(
                live,
                peak,
                memory.usedBytes(),
                memory.peakUsedBytes(),
                sum(liveCount),
                requests(),
                failures,
                grownInPlace,
                moved,
                shrunk,
                memory.footprintBytes(),
                memory.committedBytes(),
                memory.reservedBytes(),
                memory.remainingBytes(),
                memory.consolidations(),
                memory.mergedBlocks(),
                memory.recoveredBytes(),
                byTag(everCount, everBytes));
    }
}
