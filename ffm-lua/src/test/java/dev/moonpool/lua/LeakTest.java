package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Nothing is left behind by whatever passes between Java and Lua: after ten times as many cycles
 * the process has at most a tenth more memory, and the state and Java's tables hold the same.
 *
 * <p>Each row has a JVM of its own, whose heap has its size from the beginning.
 */
class LeakTest {
    private static final long PATIENCE_SECONDS = 900;

    /** What the code that the JVM compiles late may add. */
    private static final double MOST_GROWTH = 1.1;

    @TempDir private Path folder;

    @ParameterizedTest
    @EnumSource
    void leavesNothingBehindInAHundredThousandCycles(LeakProgram.Row row) {
        verify(row, 10_000);
    }

    @Tag("soak")
    @ParameterizedTest
    @EnumSource
    void leavesNothingBehindInAMillionCycles(LeakProgram.Row row) {
        verify(row, 100_000);
    }

    private void verify(LeakProgram.Row row, int cycles) {
        assumeTrue(Files.exists(Path.of("/proc/self/status")), "tells how much memory a process has");
        int first = row == LeakProgram.Row.STATE ? cycles / 20 : cycles;
        ChildJvm.Outcome outcome =
                ChildJvm.run(
                        folder,
                        LeakProgram.class,
                        PATIENCE_SECONDS,
                        List.of(
                                "-Xms64m",
                                "-Xmx64m",
                                "-XX:+AlwaysPreTouch",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1"),
                        List.of(row.name(), String.valueOf(first), String.valueOf(10 * first)));
        assertEquals(0, outcome.status(), outcome.output());
        String[] found = outcome.output().strip().split(" ", -1);
        String text =
                "%-14s %,9d cycles: %,d KiB resident, %s bytes live, %s of Java's; %,9d: %,d, %s, %s"
                        .formatted(
                                row, first, Long.parseLong(found[0]), found[1], found[2],
                                10 * first, Long.parseLong(found[3]), found[4], found[5]);
        System.out.println(text);
        assertTrue(Long.parseLong(found[3]) <= Long.parseLong(found[0]) * MOST_GROWTH, text);
        assertEquals(found[1], found[4], text);
        assertEquals(found[2], found[5], text);
    }
}
