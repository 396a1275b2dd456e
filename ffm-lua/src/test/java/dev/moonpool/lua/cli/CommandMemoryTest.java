package dev.moonpool.lua.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.moonpool.memory.AllocatorStatistics;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where the command's memory comes from, and what it says about it. */
class CommandMemoryTest {
    private static final List<String> KEYS =
            Stream.concat(
                            Arrays.stream(AllocatorStatistics.class.getRecordComponents())
                                    .filter(component -> component.getType() == long.class)
                                    .map(RecordComponent::getName),
                            Stream.of("freeBytes", "largestFreeRun"))
                    .toList();

    @TempDir private Path folder;
    private Command moonpool;

    @BeforeEach
    void inAFolderOfItsOwn() {
        moonpool = Command.in(folder);
    }

    @Test
    void theReferencesPoolRunsOutCleanly() {
        Outcome outcome =
                moonpool.run(
                        "--stats=json",
                        "--allocator",
                        "bump",
                        "-e",
                        "local t={} for i=1,1e7 do t[i]={} end");
        assertEquals(1, outcome.code());
        assertEquals(List.of("moonpool: not enough memory"), outcome.errorLines().subList(0, 1));
        assertTrue(outcome.statistic("failures") > 0);
        assertTrue(outcome.statistic("peakBytes") <= 512 << 10);
        assertTrue(outcome.statistic("usedBytes") <= 512 << 10);
    }

    @Test
    void aLargerPoolIsThereIfAskedFor() {
        Outcome outcome =
                moonpool.run(
                        "--stats=json",
                        "--allocator",
                        "bump",
                        "--pool",
                        "8G",
                        "-e",
                        "x = ('x'):rep(1 << 20) print(#x)");
        assertEquals("1048576\n", outcome.out());
        assertEquals(0, outcome.statistic("failures"));
        assertEquals(
                8L << 30, outcome.statistic("usedBytes") + outcome.statistic("remainingBytes"));
    }

    @Test
    void withoutALimitThereIsWhatTheSystemHas() {
        Outcome outcome = moonpool.run("--stats=json", "-e", "print(#('x'):rep(64 << 20))");
        assertEquals("67108864\n", outcome.out());
        assertEquals(0, outcome.statistic("failures"));
        assertTrue(outcome.statistic("committedBytes") > 128 << 20);
    }

    @ParameterizedTest
    @CsvSource({"native", "upcall"})
    void aLimitHoldsAndIsCaught(String via) {
        Outcome outcome =
                moonpool.run(
                        "--stats=json",
                        "--via",
                        via,
                        "--max-memory",
                        "1M",
                        "-e",
                        "print(pcall(string.rep, 'x', 1 << 20)) print(#('x'):rep(1 << 18))");
        assertEquals("false\tnot enough memory\n262144\n", outcome.out());
        assertTrue(outcome.statistic("failures") > 0);
        assertEquals(1 << 20, outcome.statistic("reservedBytes"));
        assertTrue(outcome.statistic("peakUsedBytes") <= 1 << 20);
    }

    @ParameterizedTest
    @CsvSource({
        "0, '--max-memory is less than a new state takes: byteSize=0, least=28672'",
        "1, '--max-memory is less than a new state takes: byteSize=1, least=28672'",
        "28671, '--max-memory is less than a new state takes: byteSize=28671, least=28672'",
        "100T, 'size of pool and growth area is not from 16 up to 2^46: byteSize=109951162777600'",
    })
    void aLimitThatCannotBeIsALine(String size, String message) {
        moonpool.run("--max-memory", size, "-e", "").assertFailsWithALine(message);
    }

    @Test
    void theLeastLimitIsEnoughForAState() {
        moonpool.run("--max-memory", "28K", "-e", "print(1)").assertPrints("1\n");
    }

    @Test
    void aLimitIsForThePoolAllocator() {
        moonpool.run("--allocator", "bump", "--max-memory", "1M", "-e", "print('not reached')")
                .assertFailsWithALine(
                        "--max-memory is a limit of --allocator pool; with bump, there is --pool");
    }

    @Test
    void theSystemsAllocatorReclaims() {
        Outcome outcome =
                moonpool.run(
                        "--allocator",
                        "system",
                        "--stats=json",
                        "-e",
                        "for i = 1, 100 do x = ('x'):rep(1 << 20) collectgarbage() end");
        assertEquals(0, outcome.code());
        assertTrue(outcome.statistic("requests") > 100);
        assertTrue(outcome.statistic("peakBytes") < 8 << 20);
    }

    /** Of any country, also of one that has other digits. */
    @Test
    void statisticsAsJsonAreOneObjectOnALastLineOfTheirOwn() {
        Outcome outcome =
                moonpool.with("-Duser.language=ar", "-Duser.country=EG")
                        .run("--stats=json", "-e", "io.stderr:write('own')");
        assertEquals(0, outcome.code());
        assertEquals("own", outcome.errorLines().getFirst());
        assertEquals(2, outcome.errorLines().size());
        assertEquals(KEYS, List.copyOf(outcome.statistics().keySet()));
    }

    @ParameterizedTest
    @CsvSource({"error('reason'), 1", "os.exit(3), 3"})
    void statisticsAreShownHoweverItEnds(String statement, int code) {
        Outcome outcome = moonpool.run("--stats=json", "-e", statement);
        assertEquals(code, outcome.code());
        assertTrue(outcome.statistic("requests") > 0);
        assertEquals(1, outcome.errorLines().stream().filter(line -> line.startsWith("{")).count());
    }

    @Test
    void closingByExitGivesAllBackFirst() {
        Outcome outcome = moonpool.run("--stats=json", "-e", "os.exit(4, true)");
        assertEquals(4, outcome.code());
        assertEquals(0, outcome.statistic("liveBytes"));
    }

    @Test
    void statisticsAsTextAreALineEach() {
        Outcome outcome = moonpool.reading("print('the script')").run("--stats", "-");
        assertEquals("the script\n", outcome.out());
        assertEquals(
                KEYS,
                outcome.errorLines().stream()
                        .filter(line -> line.matches("\\w+ +[\\d,]+"))
                        .map(line -> line.split(" ", 2)[0])
                        .toList());
    }

    @ParameterizedTest
    @CsvSource({
        "7, size is not a positive multiple of 16 up to 2^46: poolByteSize=7",
        "100P, 'Invalid value for option ''--pool'': ''100P'' is no size;'",
        "16, cannot create state: not enough memory (pool of 16 bytes)",
    })
    void aPoolThatCannotBeIsALine(String size, String message) {
        moonpool.run("--allocator", "bump", "--pool", size, "-e", "print('not reached')")
                .assertFailsWithALine(message);
    }
}
