package dev.moonpool.benchmarks;

import dev.moonpool.benchmarks.footprint.FootprintReport;
import dev.moonpool.benchmarks.footprint.ReturnedReport;
import dev.moonpool.benchmarks.peers.Figure;
import dev.moonpool.benchmarks.peers.PeerTable;
import dev.moonpool.benchmarks.programs.ProgramTimes;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Runs the benchmarks in one go and prints their figures as Markdown tables. */
public final class Report {
    private static final String USAGE =
            """
            Usage: ./benchmark [--quick] [JMH options] [regexp of class and method]...
                   ./benchmark programs [ROUNDS]
                   ./benchmark footprint
                   ./benchmark returned

            Runs the benchmarks, all of them if none is named, and prints a Markdown table
            for each group at the end.

              --quick   One fork, few and short iterations: half a minute, rough figures.
              -v SILENT Only the tables.
              peers     A regexp, too: Java and Lua calling each other, with luajava and with LuaJ;
                        four minutes.
              programs  Lua programs instead, in turn with libc's malloc and with the pool
                        allocator; a minute or two. ROUNDS is 10 unless given.
              footprint The memory that Lua programs take with the pool allocator, with the bump
                        allocator and with glibc's malloc, over what they need at their peak.
              returned  The memory that goes back to the system after a peak of 256 MiB.

            Everything else is JMH's:
            """;

    private Report() {}

    /**
     * The command.
     *
     * @param arguments JMH's options, or {@code --quick}, or {@code --help}
     */
    public static void main(String[] arguments) throws Exception {
        List<String> options = new ArrayList<>(List.of(arguments));
        switch (options.isEmpty() ? "" : options.getFirst()) {
            case "programs" ->
                    ProgramTimes.report(options.size() > 1 ? Integer.parseInt(options.get(1)) : 10);
            case "footprint" -> FootprintReport.report();
            case "returned" -> ReturnedReport.report();
            default -> benchmark(options);
        }
    }

    private static void benchmark(List<String> options) throws Exception {
        boolean isQuick = options.remove("--quick");
        if (options.remove("--help")) {
            options.add("-h");
        }
        String[] jmhArguments = options.toArray(String[]::new);
        try {
            CommandLineOptions commandLine = new CommandLineOptions(jmhArguments);
            if (commandLine.shouldHelp()) {
                System.out.println(USAGE);
            }
            if (isQuestion(commandLine)) {
                org.openjdk.jmh.Main.main(jmhArguments);
            } else {
                print(run(commandLine, isQuick));
            }
        } catch (NoBenchmarksException e) {
            System.err.println("benchmark: no benchmark matches; ./benchmark -l lists them");
            System.exit(1);
        } catch (CommandLineOptionException | RunnerException e) {
            System.err.println("benchmark: " + e.getMessage());
            System.exit(1);
        }
    }

    /** Whether JMH is to tell something and run nothing. */
    private static boolean isQuestion(CommandLineOptions commandLine) {
        return commandLine.shouldHelp()
                || commandLine.shouldList()
                || commandLine.shouldListWithParams()
                || commandLine.shouldListProfilers()
                || commandLine.shouldListResultFormats();
    }

    private static void print(List<RunResult> results) {
        List<Measured> rows = new ArrayList<>();
        List<Figure> cells = new ArrayList<>();
        for (RunResult result : results) {
            Figure.of(result).ifPresentOrElse(cells::add, () -> rows.add(Measured.of(result)));
        }
        if (!rows.isEmpty()) {
            System.out.println(Markdown.of(rows));
        }
        if (!cells.isEmpty()) {
            System.out.println(PeerTable.of(cells));
        }
    }

    private static List<RunResult> run(CommandLineOptions commandLine, boolean isQuick)
            throws RunnerException {
        ChainedOptionsBuilder options = new OptionsBuilder().parent(commandLine);
        options.shouldFailOnError(true);
        if (Mimalloc.find().isEmpty()) {
            System.err.println("benchmark: mimalloc is not installed; its rows are left out");
            commandLine.getExcludes().forEach(options::exclude); // else ours would replace them
            options.exclude("\\.mimalloc");
        }
        if (isQuick) {
            TimeValue time = TimeValue.milliseconds(100);
            options.forks(1).warmupIterations(5).warmupTime(time);
            options.measurementIterations(3).measurementTime(time);
        }
        List<RunResult> results = new ArrayList<>(new Runner(options.build()).run());
        results.removeIf(result -> !result.getPrimaryResult().getScoreUnit().equals(Measured.UNIT));
        return results;
    }
}
