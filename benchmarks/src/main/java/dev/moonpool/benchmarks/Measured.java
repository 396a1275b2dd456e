package dev.moonpool.benchmarks;

import java.lang.reflect.Method;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/**
 * A benchmark's figure.
 *
 * @param table the title of its table
 * @param row what stands in front of its row
 * @param isBaseline whether the table's other rows are compared with it
 * @param method the name of its class and method, {@code Allocate.bump}
 * @param nanos nanoseconds per operation
 * @param error half of the 99.9 % confidence interval, in nanoseconds; NaN if there is none
 */
record Measured(
        String table, String row, boolean isBaseline, String method, double nanos, double error) {

    /** The only unit that the tables know. */
    static final String UNIT = "ns/op";

    /**
     * {@return a result of JMH, with the names that its class and method have in the report}
     *
     * @throws IllegalArgumentException if there is no such benchmark, or it has no such names
     */
    static Measured of(RunResult run) {
        Result<?> result = run.getPrimaryResult();
        return of(run.getParams().getBenchmark(), result.getScore(), result.getScoreError());
    }

    static Measured of(String benchmark, double nanos, double error) {
        int dot = benchmark.lastIndexOf('.');
        String name = benchmark.substring(dot + 1);
        Class<?> type = typeOf(benchmark.substring(0, dot));
        Table table = type.getAnnotation(Table.class);
        for (Method method : type.getMethods()) {
            Row row = method.getAnnotation(Row.class);
            if (table != null && row != null && method.getName().equals(name)) {
                return new Measured(
                        table.value(),
                        row.value(),
                        table.baseline().equals(name),
                        type.getSimpleName() + "." + name,
                        nanos,
                        error);
            }
        }
        throw new IllegalArgumentException("not a row of a table: benchmark=" + benchmark);
    }

    private static Class<?> typeOf(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new IllegalArgumentException("no such class of benchmarks: name=" + name, e);
        }
    }
}
