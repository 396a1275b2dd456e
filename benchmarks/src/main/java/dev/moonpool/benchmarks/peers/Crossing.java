package dev.moonpool.benchmarks.peers;

import dev.moonpool.benchmarks.NanosPerOperation;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The ways between Java and Lua, with each library. Calls out of Lua, and entries of a table, are
 * measured {@value #OPERATIONS} at a time: the call into Lua around them hardly counts. Strings and
 * keys come in turn from {@value #TEXTS}, as no program uses one string for ever; in {@link
 * #strings} from {@value #MANY_TEXTS}, more than any library remembers.
 */
public class Crossing extends NanosPerOperation {
    static final String PEER = "peer";
    static final int OPERATIONS = Chunks.ENTRY_COUNT;
    static final int TEXTS = Chunks.FIELD_COUNT;
    static final int MANY_TEXTS = 4096;

    @Param public Peer peer = Peer.BASELINE;

    @SuppressWarnings("NullAway.Init") // JMH opens it
    private Binding binding;

    private final String[] texts = texts("twenty characters %02d", 10, TEXTS);
    private final String[] manyTexts = texts("twenty letters, %04d", 0, MANY_TEXTS);
    private final String[] keys = texts("field%d", 0, TEXTS);
    private final long[] integers = new long[OPERATIONS];
    private final String[] strings = new String[OPERATIONS];
    private final long[] values = new long[OPERATIONS];
    private long a = 1_000_003;
    private long b = 2_000_005;
    private int turn;

    private static String[] texts(String format, int first, int count) {
        return IntStream.range(first, first + count)
                .mapToObj(format::formatted)
                .toArray(String[]::new);
    }

    /** Opens a state. */
    @Setup
    public void open() {
        binding = peer.open();
    }

    /** Closes the state. */
    @TearDown
    public void close() {
        binding.close();
    }

    private int nextTurn() {
        return nextTurn(TEXTS);
    }

    private int nextTurn(int count) {
        turn = (turn + 1) % count;
        return turn;
    }

    @Benchmark
    public long add() {
        return binding.add(a, b);
    }

    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public long callback() {
        return binding.callback(OPERATIONS);
    }

    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public long method() {
        return binding.method(OPERATIONS);
    }

    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public long loop() {
        return binding.loop(OPERATIONS);
    }

    @Benchmark
    public String string() {
        return binding.string(texts[nextTurn()]);
    }

    @Benchmark
    public String strings() {
        return binding.string(manyTexts[nextTurn(MANY_TEXTS)]);
    }

    @Benchmark
    public long get() {
        return binding.get(keys[nextTurn()]);
    }

    @Benchmark
    public void set() {
        binding.set(keys[nextTurn()], a);
    }

    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public int iterateArray() {
        return binding.entries(integers, values);
    }

    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public int iterateMap() {
        return binding.entries(strings, values);
    }
}
