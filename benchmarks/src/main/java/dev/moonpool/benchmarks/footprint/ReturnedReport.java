package dev.moonpool.benchmarks.footprint;

import dev.moonpool.benchmarks.LuaSizes;
import dev.moonpool.lua.Lua;
import dev.moonpool.memory.PoolAllocator;
import dev.moonpool.memory.Region;
import dev.moonpool.memory.RegionLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * How much memory is back at the system when most of it was given back to the allocator: of a peak
 * of 256 MiB all but the oldest 1 MiB. Nobody asks for that, the allocator trims by itself; and
 * what is in physical memory is what the operating system says.
 */
public final class ReturnedReport {
    private static final long PEAK = 256 << 20;
    private static final long KEPT = 1 << 20;

    /** Strings and tables, until so many bytes are in use. */
    private static final String FILL =
            """
            (function(byte_size)
              local list = {}
              while collectgarbage("count") * 1024 < byte_size do
                local i = #list + 1
                list[i] = i % 3 == 0 and { i, i + 1 } or ("%d: %s"):format(i, ("x"):rep(i % 90))
              end
              return list
            end)(...)
            """;

    /** The collector halves its table of strings each time; nothing else is left to collect. */
    private static final String DROP =
            """
            rest = nil
            repeat
              local before = collectgarbage("count")
              collectgarbage()
            until collectgarbage("count") >= before
            """;

    /** What there was at one moment, in bytes. */
    private record Moment(long live, long resident) {
        static Moment of(PoolAllocator allocator) {
            return new Moment(
                    allocator.statistics().liveBytes(), allocator.region().residentByteSize());
        }
    }

    /** A peak, and what was left of it. */
    private record Returned(Moment peak, Moment left) {
        double percent() {
            return 100.0 * (peak.resident() - left.resident()) / peak.resident();
        }
    }

    /** A block of Lua's mix of sizes. */
    private record Block(long address, long byteSize) {}

    private ReturnedReport() {}

    /** Prints a Markdown table. */
    public static void report() {
        System.out.println("| freed | peak live | resident | live | resident | returned |");
        System.out.println("|---|---:|---:|---:|---:|---:|");
        row("blocks, oldest first", allocator -> blocks(allocator, _ -> {}));
        row("blocks, newest first", allocator -> blocks(allocator, Collections::reverse));
        row("blocks, in random order", allocator -> blocks(allocator, ReturnedReport::shuffle));
        row("strings and tables, by Lua", ReturnedReport::objects);
        System.out.println();
        System.out.println(
                "Bytes at the peak, and when all but the oldest 1 MiB is free; the goal is 95 %.");
    }

    private static void row(String title, Function<PoolAllocator, Returned> run) {
        try (Region region = Region.reserveUpTo(RegionLayout.REFERENCE)) {
            Returned returned = run.apply(new PoolAllocator(region));
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %d | %d | %d | %d | %.1f %% |%n",
                    title,
                    returned.peak().live(),
                    returned.peak().resident(),
                    returned.left().live(),
                    returned.left().resident(),
                    returned.percent());
        }
    }

    /** Blocks of Java's, written to once, and freed in the order that they are put into. */
    private static Returned blocks(PoolAllocator allocator, Consumer<List<Block>> order) {
        Random random = new Random(1);
        allocate(allocator, KEPT, random);
        List<Block> freed = allocate(allocator, PEAK, random);
        order.accept(freed);
        Moment peak = Moment.of(allocator);
        for (Block block : freed) {
            allocator.free(block.address(), block.byteSize());
        }
        return new Returned(peak, Moment.of(allocator));
    }

    /** Makes blocks until so many bytes are live. */
    private static List<Block> allocate(PoolAllocator allocator, long liveBytes, Random random) {
        List<Block> blocks = new ArrayList<>();
        long live = allocator.statistics().liveBytes();
        while (live < liveBytes) {
            long byteSize = LuaSizes.size(random);
            long address = allocator.allocate(byteSize);
            allocator.segment(address, byteSize).fill((byte) 1);
            blocks.add(new Block(address, byteSize));
            live += byteSize;
        }
        return blocks;
    }

    private static void shuffle(List<Block> blocks) {
        Collections.shuffle(blocks, new Random(2));
    }

    /** Objects of Lua's, which a full collection frees. */
    private static Returned objects(PoolAllocator allocator) {
        try (Lua lua = Lua.builder().allocator(_ -> allocator).build()) {
            lua.eval("kept = " + FILL, KEPT);
            lua.eval("rest = " + FILL, PEAK);
            Moment peak = Moment.of(allocator);
            lua.eval(DROP);
            return new Returned(peak, Moment.of(allocator));
        }
    }
}
