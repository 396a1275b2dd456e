package dev.moonpool.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.moonpool.benchmarks.peers.Task;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

class MeasuredTest {
    private static List<Measured> allBenchmarks() {
        PrintStream nowhere =
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        return BenchmarkList.defaultList()
                .getAll(
                        OutputFormatFactory.createFormatInstance(nowhere, VerboseMode.SILENT),
                        List.of())
                .stream()
                .map(BenchmarkListEntry::getUsername)
                .filter(benchmark -> Task.of(benchmark).isEmpty())
                .map(benchmark -> Measured.of(benchmark, 1, 0))
                .toList();
    }

    @Test
    void everyBenchmarkIsARowAndEveryTableHasOneBaseline() {
        List<Measured> all = allBenchmarks();
        Set<String> tables = all.stream().map(Measured::table).collect(Collectors.toSet());
        List<String> baselines =
                all.stream().filter(Measured::isBaseline).map(Measured::table).toList();
        assertEquals(tables.size(), baselines.size());
        assertEquals(tables, new TreeSet<>(baselines));
    }

    @Test
    void theRatiosAreOfBenchmarksThatExist() {
        String text = Markdown.of(allBenchmarks());
        assertEquals(11, text.lines().filter(line -> line.startsWith("- ")).count());
    }

    @Test
    void refusesWhatIsNoRow() {
        assertThrows(
                IllegalArgumentException.class, () -> Measured.of("java.lang.Object.wait", 1, 0));
        assertThrows(IllegalArgumentException.class, () -> Measured.of("no.Such.method", 1, 0));
    }
}
