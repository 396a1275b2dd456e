package dev.moonpool.benchmarks.peers;

import java.util.Arrays;
import java.util.Optional;

/** The benchmarks of {@link Crossing}, in the order of the report's rows. */
public enum Task {
    ADD("add", "Java calls add(long, long)"),
    CALLBACK("callback", "Lua calls a Java function, long to long"),
    METHOD("method", "Lua calls a method of a Java object"),
    LOOP("loop", "Lua's own loop, a part of the two rows above"),
    STRING("string", "Java calls a function, string to string"),
    STRINGS("strings", "the same with 4,096 strings in turn"),
    GET("get", "get a field by its name"),
    SET("set", "set a field by its name"),
    ITERATE_ARRAY("iterateArray", "iterate 1,000 entries with integers as keys, each"),
    ITERATE_MAP("iterateMap", "iterate 1,000 entries with strings as keys, each");

    private final String benchmark;
    private final String title;

    Task(String method, String title) {
        this.benchmark = Crossing.class.getName() + "." + method;
        this.title = title;
    }

    /** {@return the task of a benchmark, if it is one of {@link Crossing}'s} */
    public static Optional<Task> of(String benchmark) {
        return Arrays.stream(values()).filter(task -> task.benchmark.equals(benchmark)).findFirst();
    }

    /** {@return what one operation is} */
    String title() {
        return title;
    }
}
