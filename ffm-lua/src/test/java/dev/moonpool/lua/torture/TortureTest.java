package dev.moonpool.lua.torture;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.moonpool.lua.ChildJvm;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * No sequence of public calls ends the JVM, or throws what is not documented. What is left out:
 * code that was damaged, and {@code debug} in trusted states on what is C's.
 *
 * <p>{@code -Dmoonpool.torture.seed=...} begins with that seed.
 */
class TortureTest {
    private static final long PATIENCE_SECONDS = 200; // behind the time that it takes

    @TempDir private Path folder;

    @Test
    void survivesForAMinute() {
        torture("Serial", 1, 1_000_000, 60);
    }

    @Tag("soak")
    @ParameterizedTest
    @ValueSource(strings = {"Serial", "G1"})
    void survivesTenMillionCallsOrTenMinutes(String collector) {
        torture(collector, System.currentTimeMillis(), 10_000_000, 600);
    }

    private void torture(String collector, long seed, long calls, long seconds) {
        List<String> options = List.of("-Xmx256m", "-XX:+Use" + collector + "GC", "-Xlog:disable");
        List<String> arguments =
                List.of(
                        String.valueOf(Long.getLong("moonpool.torture.seed", seed)),
                        String.valueOf(calls),
                        String.valueOf(seconds));
        ChildJvm.Outcome outcome =
                ChildJvm.run(folder, Torture.class, seconds + PATIENCE_SECONDS, options, arguments);
        String output = outcome.output();
        assertEquals(
                0, outcome.status(), () -> output.substring(Math.max(0, output.length() - 20_000)));
        System.out.println(output.substring(output.lastIndexOf("rounds=")).strip());
    }
}
