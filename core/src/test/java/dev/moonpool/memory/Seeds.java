package dev.moonpool.memory;

import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.function.Executable;

/** Runs random tests so that a failure says what repeats it. */
public final class Seeds {
    private Seeds() {}

    /** Runs the test with the seeds 0 to {@code count - 1}. */
    public static void each(int count, Consumer<Random> test) {
        for (int seed = 0; seed < count; seed++) {
            Random random = new Random(seed);
            named("seed=" + seed, () -> test.accept(random));
        }
    }

    /** Takes the steps 0 to {@code count - 1}. */
    public static void steps(int count, Runnable step) {
        for (int i = 0; i < count; i++) {
            named("step=" + i, step::run);
        }
    }

    /** Puts a name in front of what a failure says. */
    static void named(String name, Executable part) {
        try {
            part.execute();
        } catch (Throwable e) {
            throw new AssertionError(name + ": " + e.getMessage(), e);
        }
    }
}
