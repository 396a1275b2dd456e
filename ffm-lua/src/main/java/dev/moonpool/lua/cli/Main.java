package dev.moonpool.lua.cli;

import dev.moonpool.memory.BlockAllocator;
import dev.moonpool.memory.BumpAllocator;
import dev.moonpool.memory.PoolAllocator;
import dev.moonpool.memory.Region;
import dev.moonpool.memory.RegionLayout;
import dev.moonpool.memory.SystemAllocator;
import dev.moonpool.memory.debug.CheckedAllocator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** The options of the command, and its exit code: 0, or 1 for every error. */
@Command(
        name = Main.NAME,
        sortOptions = false,
        customSynopsis = Main.NAME + " [options] [script [args]]",
        description = "Runs Lua inside memory that Java owns.")
public final class Main implements Callable<Integer> {
    static final String NAME = "moonpool";

    /** Address space enough for all memory that a machine has. */
    private static final long UNLIMITED = 1L << 40;

    /** What a new state with all libraries and the table {@code arg} takes, in bytes. */
    private static final long LEAST = 28 << 10;

    private static final Set<String> WITH_VALUE =
            Set.of("--allocator", "--pool", "--max-memory", "--via", "--fail-at", "--record");

    /** Where the memory comes from. */
    private enum Allocator {
        bump,
        pool,
        system,
        checked;

        BlockAllocator on(Region region) {
            return switch (this) {
                case bump -> new BumpAllocator(region);
                case pool -> new PoolAllocator(region);
                case system -> new SystemAllocator(region);
                case checked -> new CheckedAllocator(new PoolAllocator(region));
            };
        }

        /** Whether it goes on beyond its pool. */
        boolean grows() {
            return this == pool || this == checked;
        }
    }

    /** The way that requests for memory take. */
    private enum Via {
        NATIVE,
        UPCALL
    }

    /** What -e, -l and -W ask for, in the order given. */
    private final List<Action> actions = new ArrayList<>();

    @Option(names = "-i", description = "enter interactive mode after running the script")
    private boolean interactive;

    @Option(names = "-v", description = "show version information")
    private boolean version;

    @Option(names = "-E", description = "ignore environment variables")
    private boolean ignoreEnvironment;

    @Option(
            names = "--allocator",
            paramLabel = "NAME",
            description =
                    "pool (default), which reuses memory; bump, which does not; system: libc's;"
                            + " or checked: a pool that finds out damage, misuse and leaks")
    private Allocator allocator = Allocator.pool;

    @Option(
            names = "--via",
            paramLabel = "WAY",
            description =
                    "native (default): C serves what needs no decision; upcall: Java serves all")
    private Via via = Via.NATIVE;

    @Option(
            names = "--pool",
            paramLabel = "SIZE",
            converter = ByteSize.class,
            description =
                    "size of the pool, such as 64M; 512K unless given; --allocator pool grows beyond")
    private @Nullable Long pool;

    @Option(
            names = "--max-memory",
            paramLabel = "SIZE",
            converter = ByteSize.class,
            description =
                    "the most that --allocator pool or checked takes, such as 1G; all that the system has, unless given")
    private @Nullable Long maxMemory;

    @Option(
            names = "--fail-at",
            paramLabel = "N",
            converter = RequestNumber.class,
            description = "refuse the state's request N for memory, counted from 1 on")
    private @Nullable Long failAt;

    @Option(
            names = "--record",
            paramLabel = "FILE",
            description = "record all requests for memory in FILE, for AllocationTrace to replay")
    private @Nullable Path record;

    @Option(
            names = "--stats",
            arity = "0..1",
            paramLabel = "FORMAT",
            preprocessor = StatisticsFormat.Attached.class,
            description =
                    "show the allocator's statistics on stderr at the end; =json as a line of JSON")
    private StatisticsFormat stats = StatisticsFormat.NONE;

    @SuppressWarnings("UnusedVariable") // picocli acts on it
    @Option(names = "--help", usageHelp = true, description = "show this help")
    private boolean help;

    @Parameters(arity = "0..*", hidden = true)
    private List<String> operands = new ArrayList<>();

    private final String[] arguments;

    private Main(String[] arguments) {
        this.arguments = arguments;
    }

    @Option(names = "-e", paramLabel = "STAT", description = "execute string STAT")
    void execute(String source) {
        actions.add(new Action.Execute(source));
    }

    @Option(
            names = "-l",
            paramLabel = "[G=]MOD",
            description = "require library MOD into global MOD, or G")
    void require(String module) {
        actions.add(new Action.Require(module));
    }

    @Option(names = "-W", description = "turn warnings on")
    void warnings(boolean on) {
        actions.add(new Action.Warnings());
    }

    /**
     * Runs the command and ends the process.
     *
     * @param arguments as the shell gives them
     */
    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    private static int run(String[] arguments) {
        Main main = new Main(arguments);
        CommandLine commandLine =
                new CommandLine(main)
                        .setStopAtPositional(true)
                        .setExpandAtFiles(false)
                        .setOverwrittenOptionsAllowed(true)
                        .setPosixClusteredShortOptionsAllowed(false)
                        .setCaseInsensitiveEnumValuesAllowed(true)
                        .setParameterExceptionHandler(Main::reject)
                        .setExecutionExceptionHandler(Main::reject);
        try {
            return commandLine.execute(separated(arguments));
        } catch (OutOfMemoryError | LinkageError e) {
            return Console.error(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Takes {@code -eSTAT} and {@code -lMOD} apart, as Lua does whatever follows the letter: a
     * blank or an equals sign too.
     */
    private static String[] separated(String[] arguments) {
        List<String> separated = new ArrayList<>();
        int i = 0;
        while (i < arguments.length && isOption(arguments[i])) {
            String option = arguments[i++];
            boolean takesText = option.startsWith("-e") || option.startsWith("-l");
            if (takesText && option.length() > 2) {
                separated.add(option.substring(0, 2));
                separated.add(option.substring(2));
            } else {
                separated.add(option);
                if ((takesText || WITH_VALUE.contains(option)) && i < arguments.length) {
                    separated.add(arguments[i++]);
                }
            }
        }
        separated.addAll(List.of(arguments).subList(i, arguments.length));
        return separated.toArray(String[]::new);
    }

    /** A script's name, standard input and the end of the options are none. */
    private static boolean isOption(String argument) {
        return argument.length() > 1 && argument.startsWith("-") && !argument.equals("--");
    }

    private static int reject(ParameterException e, String[] ignored) {
        return Console.error(String.valueOf(e.getMessage()));
    }

    private static int reject(
            Exception e, CommandLine commandLine, CommandLine.@Nullable ParseResult ignored) {
        return Console.error(String.valueOf(e.getMessage()));
    }

    private RegionLayout layout() {
        if (pool != null && allocator == Allocator.checked) {
            throw new IllegalArgumentException(
                    "--pool is not for --allocator checked; there is --max-memory");
        }
        RegionLayout layout =
                pool == null
                        ? RegionLayout.REFERENCE
                        : RegionLayout.REFERENCE.withPoolByteSize(pool);
        if (maxMemory != null) {
            if (!allocator.grows()) {
                throw new IllegalArgumentException(
                        "--max-memory is a limit of --allocator pool; with %s, there is --pool"
                                .formatted(allocator));
            }
            if (maxMemory < LEAST) {
                throw new IllegalArgumentException(
                        "--max-memory is less than a new state takes: byteSize=%d, least=%d"
                                .formatted(maxMemory, LEAST));
            }
            return layout.withMaxPoolByteSize(maxMemory);
        }
        return layout.withGrowthByteSize(allocator.grows() ? UNLIMITED : 0);
    }

    @Override
    public Integer call() {
        MemorySource memory = new MemorySource(allocator::on, failAt, record);
        return new Interpreter(layout(), memory, via == Via.NATIVE, ignoreEnvironment, stats)
                .run(
                        new Script(List.of(arguments), operands),
                        actions,
                        version || interactive,
                        interactive);
    }
}
