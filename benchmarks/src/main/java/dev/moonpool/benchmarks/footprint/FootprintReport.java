package dev.moonpool.benchmarks.footprint;

import dev.moonpool.benchmarks.programs.LuaProgram;
import dev.moonpool.lua.Lua;
import dev.moonpool.memory.PoolAllocator;
import dev.moonpool.memory.Region;
import dev.moonpool.memory.RegionLayout;
import dev.moonpool.memory.debug.TracingAllocator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * How much memory the requests of Lua programs take. Each program runs once, with the pool
 * allocator and a recorder, from the creation of its state to its end; the trace is then replayed
 * on each allocator.
 */
public final class FootprintReport {
    private static final double GOAL_OF_MEAN = 1.10;
    private static final double GOAL_OF_WORST = 1.20;

    /** The allocators: what of a footprint is theirs, over the peak of live bytes. */
    private static final List<Function<Footprint, OptionalDouble>> COLUMNS =
            List.of(
                    footprint -> OptionalDouble.of(footprint.ratio(footprint.pool())),
                    footprint -> OptionalDouble.of(footprint.ratio(footprint.committed())),
                    footprint -> OptionalDouble.of(footprint.ratio(footprint.bump())),
                    FootprintReport::libc);

    private FootprintReport() {}

    private static OptionalDouble libc(Footprint footprint) {
        return footprint.libc().isPresent()
                ? OptionalDouble.of(footprint.ratio(footprint.libc().getAsLong()))
                : OptionalDouble.empty();
    }

    /**
     * Prints a Markdown table.
     *
     * @throws IOException if a trace cannot be written or read
     * @throws InterruptedException if the thread is interrupted while it waits for glibc's turn
     */
    public static void report() throws IOException, InterruptedException {
        System.out.println(
                "| program | requests | merges | peak live | pool | committed | bump | glibc |");
        System.out.println("|---|---:|---:|---:|---:|---:|---:|---:|");
        List<Footprint> footprints = new ArrayList<>();
        for (LuaProgram program : LuaProgram.values()) {
            Footprint footprint = measure(program);
            footprints.add(footprint);
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %d | %d | %d | %s |%n",
                    program.title(),
                    footprint.requests(),
                    footprint.consolidations(),
                    footprint.peakBytes(),
                    cells(column -> column.apply(footprint)));
        }
        System.out.printf("| mean | | | | %s |%n", cells(column -> mean(footprints, column)));
        System.out.printf("| worst | | | | %s |%n", cells(column -> worst(footprints, column)));
        System.out.println(
                """

                Footprints are the largest there were, over the peak of live bytes as requested.
                Committed is what the pool had taken from its reservation by then; for glibc, which
                does not tell what its blocks lie in, what malloc had taken from the system. Merges
                are the pool's consolidations.
                """);
        goal("mean", mean(footprints, COLUMNS.getFirst()), GOAL_OF_MEAN);
        goal("worst", worst(footprints, COLUMNS.getFirst()), GOAL_OF_WORST);
    }

    private static Footprint measure(LuaProgram program) throws IOException, InterruptedException {
        Path trace = Files.createTempFile("moonpool-", ".trace");
        try {
            record(program, trace);
            return Footprint.of(trace);
        } finally {
            Files.delete(trace);
        }
    }

    /** The state's own region is not used for its blocks: this one outlives the state. */
    private static void record(LuaProgram program, Path trace) throws IOException {
        try (Region region = Region.reserveUpTo(RegionLayout.REFERENCE);
                TracingAllocator recorder = new TracingAllocator(new PoolAllocator(region), trace);
                Lua lua = Lua.builder().allocator(_ -> recorder).build()) {
            program.run(lua);
        }
    }

    private static String cells(
            Function<Function<Footprint, OptionalDouble>, OptionalDouble> cell) {
        return String.join(
                " | ", COLUMNS.stream().map(column -> number(cell.apply(column))).toList());
    }

    private static String number(OptionalDouble ratio) {
        return ratio.isPresent() ? String.format(Locale.ROOT, "%.3f", ratio.getAsDouble()) : "n/a";
    }

    private static OptionalDouble mean(
            List<Footprint> footprints, Function<Footprint, OptionalDouble> column) {
        DoubleSummaryStatistics summary = summary(footprints, column);
        return summary.getCount() == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of(summary.getAverage());
    }

    private static OptionalDouble worst(
            List<Footprint> footprints, Function<Footprint, OptionalDouble> column) {
        DoubleSummaryStatistics summary = summary(footprints, column);
        return summary.getCount() == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of(summary.getMax());
    }

    private static DoubleSummaryStatistics summary(
            List<Footprint> footprints, Function<Footprint, OptionalDouble> column) {
        return footprints.stream()
                .map(column)
                .flatMapToDouble(OptionalDouble::stream)
                .summaryStatistics();
    }

    private static void goal(String what, OptionalDouble ratio, double goal) {
        System.out.printf(
                Locale.ROOT,
                "- pool, %s: %s; the goal is at most %.2f%n",
                what,
                number(ratio),
                goal);
    }
}
