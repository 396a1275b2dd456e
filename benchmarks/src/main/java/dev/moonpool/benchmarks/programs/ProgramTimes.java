package dev.moonpool.benchmarks.programs;

import dev.moonpool.lua.Lua;
import dev.moonpool.memory.PoolAllocator;
import dev.moonpool.memory.SystemAllocator;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How long Lua programs take with the pool allocator, compared with libc's malloc, which C calls
 * with no Java in between. Each round runs a program once with each, so that whatever else the
 * machine does hits all of them; what counts is the median of the rounds' ratios.
 */
public final class ProgramTimes {
    private static final int WARM_UP_ROUNDS = 3;

    /** A way to serve a state's requests. */
    private enum Way {
        SYSTEM,
        NATIVE,
        UPCALL;

        Lua open() {
            return switch (this) {
                case SYSTEM -> Lua.builder().allocator(SystemAllocator::new).build();
                case NATIVE -> Lua.builder().allocator(PoolAllocator::new).build();
                case UPCALL -> Lua.builder().allocator(PoolAllocator::new).direct(false).build();
            };
        }
    }

    private ProgramTimes() {}

    /**
     * Prints a Markdown table.
     *
     * @param rounds how often each program is run with each allocator, after some to warm up
     */
    public static void report(int rounds) {
        System.out.println("| program | libc, ms | pool, native | pool, upcall |");
        System.out.println("|---|---:|---:|---:|");
        List<Double> direct = new ArrayList<>();
        List<Double> upcall = new ArrayList<>();
        for (LuaProgram program : LuaProgram.values()) {
            Map<Way, List<Long>> nanos = measure(program, rounds);
            direct.add(medianRatio(nanos, Way.NATIVE));
            upcall.add(medianRatio(nanos, Way.UPCALL));
            double baseline = median(timesOf(nanos, Way.SYSTEM).stream().map(Long::doubleValue));
            row(program.title(), baseline / 1e6, direct.getLast(), upcall.getLast());
        }
        System.out.printf(
                Locale.ROOT,
                "| geometric mean | | %.3f | %.3f |%n",
                geometricMean(direct),
                geometricMean(upcall));
        System.out.println();
        System.out.println("Ratios of time; the goals are 0.75 and 1.25.");
    }

    private static void row(String title, double millis, double direct, double upcall) {
        System.out.printf(
                Locale.ROOT, "| %s | %.1f | %.3f | %.3f |%n", title, millis, direct, upcall);
    }

    /** Nanoseconds of each round. */
    private static Map<Way, List<Long>> measure(LuaProgram program, int rounds) {
        Map<Way, List<Long>> nanos = new EnumMap<>(Way.class);
        List<Way> ways = new ArrayList<>(List.of(Way.values()));
        List<?> checksum = List.of();
        for (int round = -WARM_UP_ROUNDS; round < rounds; round++) {
            for (Way way : ways) {
                long start = System.nanoTime();
                List<?> result;
                try (Lua lua = way.open()) {
                    result = program.run(lua);
                }
                long taken = System.nanoTime() - start;
                if (round >= 0) {
                    nanos.computeIfAbsent(way, _ -> new ArrayList<>()).add(taken);
                }
                if (!checksum.isEmpty() && !checksum.equals(result)) {
                    throw new IllegalStateException(
                            "%s gave different results: %s, %s"
                                    .formatted(program, checksum, result));
                }
                checksum = List.copyOf(result);
            }
            Collections.rotate(ways, 1);
        }
        return nanos;
    }

    private static List<Long> timesOf(Map<Way, List<Long>> nanos, Way way) {
        return nanos.getOrDefault(way, List.of());
    }

    /** Compares what ran in the same round. */
    private static double medianRatio(Map<Way, List<Long>> nanos, Way way) {
        List<Long> times = timesOf(nanos, way);
        List<Long> baseline = timesOf(nanos, Way.SYSTEM);
        return median(
                IntStream.range(0, times.size())
                        .mapToObj(round -> (double) times.get(round) / baseline.get(round)));
    }

    private static double median(Stream<Double> values) {
        List<Double> sorted = values.sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1
                ? sorted.get(middle)
                : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    private static double geometricMean(List<Double> ratios) {
        return Math.exp(ratios.stream().mapToDouble(Math::log).average().orElseThrow());
    }
}
