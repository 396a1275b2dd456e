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
 * the process has at most a tenth more memory, the state as many blocks as before, and Lua knows as
 * much of Java's. The state's bytes may be more, as its stacks and tables have the room that the
 * most took that were there at a time.
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
        assumeTrue(
                Files.exists(Path.of("/proc/self/status")), "tells how much memory a process has");
        int first = row == LeakProgram.Row.STATE ? cycles / 20 : cycles;
        ChildJvm.Outcome outcome =
                ChildJvm.run(
                        folder,
                        LeakProgram.class,
                        PATIENCE_SECONDS,
                        List.of(
                                "-Xms48m",
                                "-Xmx48m",
                                "-Xmn2m", // so that Java often finds out what it has no use for
                                "-XX:+AlwaysPreTouch",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1"),
                        List.of(row.name(), String.valueOf(first), String.valueOf(10 * first)));
        assertEquals(0, outcome.status(), outcome.output());
        String[] found = outcome.output().strip().split(" ", -1);
        long residentBefore = Long.parseLong(found[0]);
        long resident = Long.parseLong(found[4]);
        String text =
                String.join(
                        "\n",
                        line(row, first, found, 0),
                        line(row, 10 * first, found, found.length / 2));
        System.out.println(text);
        assertTrue(resident <= residentBefore * MOST_GROWTH, text);
        assertEquals(found[2], found[6], text);
        assertEquals(found[3], found[7], text);
    }

    private static String line(LeakProgram.Row row, int cycles, String[] found, int at) {
        return "%-13s %,9d cycles: %,7d KiB resident, %,7d bytes live, %s blocks, %s of Java's"
                .formatted(
                        row,
                        cycles,
                        Long.parseLong(found[at]),
                        Long.parseLong(found[at + 1]),
                        found[at + 2],
                        found[at + 3]);
    }
}
