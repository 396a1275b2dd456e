package dev.moonpool.lua.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.moonpool.memory.PoolAllocator;
import dev.moonpool.memory.Region;
import dev.moonpool.memory.RegionLayout;
import dev.moonpool.memory.debug.AllocationTrace;
import dev.moonpool.memory.debug.Replay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command's options that look at what is done with memory. */
class CommandDebugTest {
    /** A table goes, so that there is more than growth to record. */
    private static final String WORK =
            """
            local t = {}
            for i = 1, 500 do t[i] = ('%d'):format(i):rep(9) end
            t = table.concat(t)
            collectgarbage()
            print(#t)
            """;

    private static final String WORK_PRINTS = "12528\n";

    /** Writes to addresses: the system shows a process's memory as a file. */
    private static final String POKE =
            """
            collectgarbage('stop')
            local memory = io.open('/proc/self/mem', 'r+b')
            memory:setvbuf('no')
            local function address(value) return tonumber(('%p'):format(value):sub(3), 16) end
            local function peek(at, format)
                memory:seek('set', at)
                return (string.unpack(format, memory:read(string.packsize(format))))
            end
            local function poke(at, format, value)
                memory:seek('set', at)
                memory:write(string.pack(format, value))
            end
            """;

    /** Writes to the byte behind a table. */
    private static final String OVERRUN = POKE + "local t = {} poke(address(t) + 56, 'B', 0x41)\n";

    private static final String OVERRUN_FOUND = "written behind the end of a block: address=0x";

    /** Makes a string one longer than its block is. */
    private static final String WRONG_SIZE =
            POKE
                    + """
                    local text = ('x'):rep(100)
                    poke(address(text) + 16, 'T', 101)
                    """;

    /** Takes a table out of the list of all objects, where Lua would find it to give it back. */
    private static final String LEAK =
            POKE
                    + """
                    local lost = {}
                    local kept = {}
                    assert(peek(address(kept), 'T') == address(lost))
                    poke(address(kept), 'T', peek(address(lost), 'T'))
                    """;

    @TempDir private Path folder;
    private Command moonpool;
    private Path file;

    @BeforeEach
    void inAFolderOfItsOwn() {
        moonpool = Command.in(folder);
        file = folder.resolve("trace");
    }

    /** What a fresh pool does with what was recorded. */
    private Replay replay() throws IOException {
        RegionLayout layout = RegionLayout.REFERENCE.withGrowthByteSize(64 << 20);
        try (Region region = Region.reserve(layout)) {
            PoolAllocator pool = new PoolAllocator(region);
            Replay replay = AllocationTrace.read(file).replay(pool);
            pool.check();
            assertEquals(replay.peakBytes(), pool.statistics().peakBytes());
            return replay;
        }
    }

    @Test
    void aCheckedPoolFindsNothingInWhatIsRight() {
        moonpool.run("--allocator", "checked", "-e", WORK).assertPrints(WORK_PRINTS);
    }

    @Test
    void aCheckedPoolKnowsWhatIsLiveOfEachKind() {
        Outcome json = moonpool.run("--allocator", "checked", "--stats=json", "-e", WORK);
        assertEquals(WORK_PRINTS, json.out());
        assertEquals(json.statistic("liveBytes"), json.sumOverKinds("liveBytes"));
        assertEquals(json.statistic("blocks"), json.sumOverKinds("blocks"));
        assertTrue(json.sumOverKinds("requests") > json.sumOverKinds("blocks"));

        Outcome text = moonpool.run("--allocator=checked", "--stats", "-e", WORK);
        assertTrue(
                text.errorLines().stream()
                        .anyMatch(
                                line ->
                                        line.matches(
                                                "table +[\\d,]+ in [\\d,]+ bytes;"
                                                        + " live [\\d,]+ in [\\d,]+ bytes")),
                text.err());
    }

    @Test
    void othersDoNotTellWhatIsLive() {
        Outcome outcome = moonpool.run("--stats=json", "--fail-at", "1000000", "-e", WORK);
        assertEquals(0, outcome.sumOverKinds("liveBytes"));
        assertTrue(outcome.statistic("liveBytes") > 0);
    }

    @Test
    void aLimitIsTheCheckedPoolsToo() {
        Outcome outcome =
                moonpool.run(
                        "--allocator",
                        "checked",
                        "--max-memory",
                        "1M",
                        "--stats=json",
                        "-e",
                        "print(pcall(string.rep, 'x', 1 << 20)) print(#('x'):rep(1 << 18))");
        assertEquals("false\tnot enough memory\n262144\n", outcome.out());
        assertEquals(0, outcome.code());
        assertEquals(1 << 20, outcome.statistic("reservedBytes"));
    }

    @EnabledOnOs(OS.LINUX)
    @ParameterizedTest
    @ValueSource(strings = {"", "os.exit(0)", "os.exit(0, true)", "os.exit(3)"})
    void damageIsSaidHoweverItEnds(String end) {
        Outcome outcome =
                moonpool.run("--allocator", "checked", "--stats=json", "-e", OVERRUN + end);
        outcome.assertSaysAtTheEnd(OVERRUN_FOUND);
        assertTrue(outcome.err().contains("byteSize=56"), outcome.err());
        assertTrue(outcome.statistic("requests") > 0);
    }

    @EnabledOnOs(OS.LINUX)
    @Test
    void damageIsSaidBesideTheScriptsOwnError() {
        Outcome outcome = moonpool.run("--allocator=checked", "-e", OVERRUN + "error('reason', 0)");
        assertEquals("moonpool: reason", outcome.errorLines().getFirst());
        assertTrue(outcome.errorLines().getLast().startsWith("moonpool: " + OVERRUN_FOUND));
        assertEquals(1, outcome.code());
    }

    @EnabledOnOs(OS.LINUX)
    @Test
    void damageIsFoundThroughTheOtherOptions() {
        moonpool.run("--allocator=checked", "--fail-at=9999", "--record=trace", "-e", OVERRUN)
                .assertSaysAtTheEnd(OVERRUN_FOUND);
        assertTrue(Files.exists(file));
    }

    @DisabledIfSystemProperty(
            named = "moonpool.native.checked",
            matches = "ON",
            disabledReason = "Lua's own assertions find it first, and end the process")
    @EnabledOnOs(OS.LINUX)
    @Test
    void misuseIsSaid() {
        moonpool.run("--allocator", "checked", "-e", WRONG_SIZE)
                .assertSaysAtTheEnd("size is not the block's: address=0x");
    }

    @DisabledIfSystemProperty(
            named = "moonpool.native.checked",
            matches = "ON",
            disabledReason = "Lua's own assertions find it first, and end the process")
    @EnabledOnOs(OS.LINUX)
    @Test
    void leaksAreSaidOnceLuaIsClosed() {
        String message = "blocks were not given back: count=1, byteSize=56; the first: address=0x";
        moonpool.run("--allocator", "checked", "-e", LEAK).assertSaysAtTheEnd(message);
        moonpool.run("--allocator", "checked", "-e", LEAK + "os.exit(0, true)")
                .assertSaysAtTheEnd(message);
        moonpool.run("--allocator", "checked", "-e", LEAK + "os.exit(0)").assertPrints("");
    }

    @ParameterizedTest
    @ValueSource(strings = {"pool", "bump", "system", "checked"})
    void aRequestThatFailsWhileTheStateOpensIsALine(String allocator) {
        moonpool.run("--allocator", allocator, "--fail-at", "1", "-e", "print('not reached')")
                .assertFailsWithALine("cannot create state: not enough memory");
        moonpool.run("--allocator", allocator, "--fail-at", "50", "-e", "print('not reached')")
                .assertFailsWithALine("cannot create state: not enough memory");
    }

    /** Lua collects garbage and asks again. */
    @Test
    void aRequestThatFailsLaterIsMadeAgain() {
        Outcome outcome = moonpool.run("--stats=json", "--fail-at", "1000", "-e", WORK);
        assertEquals(WORK_PRINTS, outcome.out());
        assertEquals(0, outcome.code());
        assertEquals(1, outcome.statistic("failures"));
    }

    @ParameterizedTest
    @CsvSource({"pool", "bump", "system", "checked"})
    void aRecordingReplaysWithTheSamePeak(String allocator) throws IOException {
        Outcome outcome =
                moonpool.run(
                        "--allocator", allocator, "--record", "trace", "--stats=json", "-e", WORK);
        assertEquals(WORK_PRINTS, outcome.out());
        Replay replay = replay();
        assertEquals(outcome.statistic("peakBytes"), replay.peakBytes());
        assertTrue(replay.requests() >= outcome.statistic("requests")); // closing makes some, too
        assertEquals(0, replay.failures());
        assertEquals(0, replay.liveBytes());
    }

    @ParameterizedTest
    @CsvSource({
        "os.exit(0), 0, false",
        "'os.exit(0, true)', 0, true",
        "os.exit(3), 3, false",
        "error('reason'), 1, true",
        "x =, 1, true",
    })
    void aRecordingIsCompleteHoweverItEnds(String statement, int code, boolean closed)
            throws IOException {
        Outcome outcome =
                moonpool.run("--record", "trace", "--stats=json", "-e", WORK, "-e", statement);
        assertEquals(WORK_PRINTS, outcome.out());
        assertEquals(code, outcome.code());
        Replay replay = replay();
        assertTrue(replay.requests() >= outcome.statistic("requests"));
        assertEquals(outcome.statistic("peakBytes"), replay.peakBytes());
        assertEquals(closed, replay.liveBytes() == 0);
    }

    @Test
    void aRecordingOfAStateThatDoesNotOpenIsComplete() throws IOException {
        moonpool.run("--record", "trace", "--fail-at", "50", "-e", "print('not reached')")
                .assertFailsWithALine("cannot create state: not enough memory");
        assertEquals(50, replay().requests());
        assertEquals(0, replay().liveBytes());
    }

    @Test
    void allTogether() throws IOException {
        Outcome outcome =
                moonpool.run(
                        "--allocator=checked",
                        "--max-memory=8M",
                        "--fail-at=1000",
                        "--record=trace",
                        "--via=native",
                        "--stats=json",
                        "-e",
                        WORK);
        assertEquals(WORK_PRINTS, outcome.out());
        assertEquals(0, outcome.code());
        assertEquals(1, outcome.statistic("failures"));
        assertEquals(outcome.statistic("liveBytes"), outcome.sumOverKinds("liveBytes"));
        assertTrue(replay().requests() >= outcome.statistic("requests"));
        assertEquals(0, replay().liveBytes());
    }

    @EnabledOnOs(OS.LINUX)
    @Test
    void aRecordingThatCannotBeWrittenIsALine() {
        Outcome outcome = moonpool.run("--record", "/dev/full", "-e", WORK);
        assertEquals(WORK_PRINTS, outcome.out());
        outcome.assertSaysAtTheEnd("cannot record to /dev/full: ");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 'Invalid value for option ''--fail-at'': ''0'' is no request;'",
        "-3, 'Invalid value for option ''--fail-at'': ''-3'' is no request;'",
        "x, 'Invalid value for option ''--fail-at'': ''x'' is no request;'",
        "99999999999999999999, 'Invalid value for option ''--fail-at'': '",
    })
    void aRequestThatCannotBeIsALine(String number, String message) {
        moonpool.run("--fail-at", number, "-e", "print('not reached')")
                .assertFailsWithALine(message);
    }

    @ParameterizedTest
    @CsvSource({
        "missing/trace, cannot open missing/trace: No such file or directory",
        "., cannot record to .: Is a directory",
    })
    void aFileThatCannotBeIsALine(String name, String message) {
        moonpool.run("--record", name, "-e", "print('not reached')").assertFailsWithALine(message);
        assertFalse(Files.exists(folder.resolve("missing")));
    }

    @Test
    void aPoolOfAFixedSizeIsNotChecked() {
        moonpool.run("--allocator", "checked", "--pool", "1M", "-e", "print('not reached')")
                .assertFailsWithALine(
                        "--pool is not for --allocator checked; there is --max-memory");
    }
}
