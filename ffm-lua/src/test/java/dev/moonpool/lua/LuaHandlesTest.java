package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What Java holds in Lua is let go of, whatever fails meanwhile. */
class LuaHandlesTest {
    private static final int OBJECTS = 200;
    private static final long PATIENCE_SECONDS = 300;

    @TempDir private Path folder;

    private boolean refuses;
    private int requests;
    private int refused;
    private int attempts;

    /** Refuses one request, the n-th. */
    private boolean refusesOnce(long request) {
        return refuses && ++requests == refused;
    }

    /** Ways to get many objects at once. */
    private enum Way {
        ENTRIES,
        LIST,
        CALL;

        void take(LuaTable table, LuaFunction unpack) {
            switch (this) {
                case ENTRIES -> {
                    try (LuaEntries entries = table.entries()) {
                        while (entries.next()) {
                            assertTrue(entries.value() instanceof LuaTable);
                        }
                    }
                }
                case LIST -> assertEquals(OBJECTS, table.toList().size());
                case CALL -> assertEquals(OBJECTS, unpack.call(table).size());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void endIfMemoryIsRefusedForOneOfThem(Way way) throws InterruptedException {
        int failures = 0;
        for (int n = 0; n < 24; n++) {
            refuse(0);
            try (Lua lua = FaultyAllocator.builder(this::refusesOnce).build()) {
                LuaTable table = watched(lua);
                LuaFunction unpack = lua.load("return table.unpack(...)");
                List<LuaTable> others = tables(lua, n % 12);
                refuse(1 + n / 12);
                try {
                    way.take(table, unpack);
                } catch (LuaException e) {
                    failures++;
                }
                refuse(0);
                lua.eval("local t = ... for i in pairs(t) do t[i] = nil end", table);
                assertEquals(0, left(lua), "n=" + n);
                others.forEach(LuaTable::close); // until now, they had their places
            }
        }
        assertTrue(failures > 0);
    }

    private void refuse(int request) {
        refuses = request > 0;
        requests = 0;
        refused = request;
    }

    /** {@return tables that take so many handles, so that these run out of room elsewhere} */
    private static List<LuaTable> tables(Lua lua, int count) {
        List<LuaTable> tables = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            tables.add(lua.newTable());
        }
        return tables;
    }

    /** {@return a table of objects, which {@link #left} counts} */
    private static LuaTable watched(Lua lua) {
        return lua.eval(
                        """
                        watched = setmetatable({}, {__mode = 'k'})
                        local t = {}
                        for i = 1, ... do t[i] = {} watched[t[i]] = true end
                        return t
                        """,
                        OBJECTS)
                .asTable();
    }

    private static long left(Lua lua) throws InterruptedException {
        return left(lua, 0);
    }

    /**
     * {@return how many of the watched objects are left, as soon as those are that are expected}
     */
    private static long left(Lua lua, int expected) throws InterruptedException {
        long left = 0;
        for (int i = 0; i < 20; i++) {
            System.gc();
            lua.collectGarbage();
            left =
                    lua.eval(
                                    """
                                    local n = 0
                                    for _ in pairs(watched) do n = n + 1 end
                                    return n
                                    """)
                            .asLong();
            if (left <= expected) {
                break;
            }
            Thread.sleep(10);
        }
        return left;
    }

    @Test
    void endWhereTheStackEnds() throws InterruptedException {
        try (Lua lua = Lua.create()) {
            lua.newTable().close();
            lua.newTable().close(); // so that what ends handles is there: see LuaThreadsTest
            for (int round = 0; round < 10; round++) {
                LuaTable table = watched(lua);
                table.toList().forEach(object -> ((LuaTable) object).close());
                attempts = 0;
                assertThrows(StackOverflowError.class, () -> descend(100, () -> attempt(table)));
                lua.eval("local t = ... for i in pairs(t) do t[i] = nil end", table);
                table.close();
                assertEquals(0, left(lua));
            }
        }
    }

    @Test
    void thatAreClosedWhereTheStackEndsEnd() throws InterruptedException {
        try (Lua lua = Lua.create()) {
            lua.newTable().close();
            for (int round = 0; round < 20; round++) {
                LuaTable table = watched(lua);
                List<LuaTable> objects = table.toList().stream().map(LuaTable.class::cast).toList();
                attempts = 0;
                assertThrows(
                        StackOverflowError.class,
                        () -> descend(OBJECTS, () -> close(objects.get(attempts - 1))));
                objects.stream().filter(object -> !object.isClosed()).forEach(LuaTable::close);
                lua.eval("local t = ... for i in pairs(t) do t[i] = nil end", table);
                table.close();
                assertEquals(0, left(lua));
                assertEquals(OBJECTS, objects.size()); // and reachable until now
            }
        }
    }

    private static void close(LuaTable object) {
        try {
            object.close();
        } catch (StackOverflowError e) {
            // It is closed, or still open.
        }
    }

    /** Tries something so often on the way up from the end of the stack, deeper and less deep. */
    @SuppressWarnings("InfiniteRecursion")
    private void descend(int times, Runnable attempt) {
        try {
            descend(times, attempt);
        } catch (StackOverflowError e) {
            if (attempts++ < times) {
                attempt.run();
            }
            throw e;
        }
    }

    private static void attempt(LuaTable table) {
        try {
            assertEquals(OBJECTS, table.rawLength());
        } catch (StackOverflowError | LuaException e) {
            // There was not enough of it yet.
        }
    }

    @Test
    void endIfTheyAreDroppedAndNoOthersDo() throws InterruptedException {
        try (Lua lua = Lua.create()) {
            LuaFunction make = lua.load("local t = {n = ...} watched[t] = true return t");
            lua.eval("watched = setmetatable({}, {__mode = 'k'})");
            List<LuaTable> kept = new ArrayList<>();
            for (int n = 0; n < 20_000; n++) { // many searches' worth, the first places included
                LuaTable table = make.call(n).asTable();
                if (n % 7 == 3 || n >= 18_000) {
                    kept.add(table);
                }
            }
            int keptCount = kept.size();
            assertEquals(keptCount, left(lua, keptCount));
            for (LuaTable table : kept) {
                assertTrue(lua.eval("return watched[...]", table).asBoolean());
            }
            assertEquals(3, kept.getFirst().getLong("n"));
            assertEquals(19_999, kept.getLast().getLong("n"));
            kept.clear();
            assertEquals(0, left(lua));
        }
    }

    @Test
    void doNotRunOutIfTheyAreDroppedFasterThanJavaCollects() {
        int moreThanAStateCanHave = 1_100_000;
        drop(moreThanAStateCanHave, 0, Long.MAX_VALUE, "-Xms1g", "-Xmn800m");
    }

    /** The collector has the sentinel of the beginning among its old objects. */
    @Test
    void areFoundBeforeJavaCollectsItsOldObjects() {
        drop(100_000, 1024, 512 << 10, "-Xmx48m", "-Xmn2m");
    }

    private void drop(int handles, int garbage, long mostBytes, String... options) {
        List<String> all = new ArrayList<>(List.of(options));
        all.add("-XX:+UseSerialGC");
        ChildJvm.Outcome outcome =
                ChildJvm.run(
                        folder,
                        Dropping.class,
                        PATIENCE_SECONDS,
                        all,
                        Stream.of(handles, garbage, mostBytes).map(String::valueOf).toList());
        assertEquals(0, outcome.status(), outcome.output());
    }

    /**
     * Drops so many handles, each with so many bytes of Java's, and fails if the state has more
     * than so many bytes then.
     */
    static final class Dropping {
        private static volatile byte[] dropped = {};

        public static void main(String[] arguments) {
            int handles = Integer.parseInt(arguments[0]);
            int garbage = Integer.parseInt(arguments[1]);
            try (Lua lua = Lua.create()) {
                for (int i = 0; i < handles; i++) {
                    LuaFunction function = lua.globals().getFunction("print");
                    assert !function.isClosed();
                    dropped = new byte[garbage];
                }
                long bytes = lua.statistics().liveBytes();
                assert bytes <= Long.parseLong(arguments[2]) : bytes + ", " + dropped.length;
            }
        }
    }

    @Test
    void ofEntriesEndWithThem() throws InterruptedException {
        try (Lua lua = Lua.create()) {
            LuaTable table = watched(lua);
            LuaEntries closed = table.entries();
            assertTrue(closed.next());
            closed.close();
            LuaEntries finished = table.entries();
            while (finished.next()) {}
            lua.eval("local t = ... for i in pairs(t) do t[i] = nil end", table);
            assertEquals(0, left(lua));
            assertFalse(closed.next());
            assertFalse(finished.next());
        }
    }

    @Test
    void aCursorThatFailedGoesOnWhereItWas() {
        int failures = 0;
        for (int held = 0; held < 40; held++) {
            refuse(0);
            try (Lua lua = FaultyAllocator.builder(this::refusesOnce).build()) {
                LuaTable table =
                        lua.eval("local t = {} for i = 1, 600 do t[i] = i end return t").asTable();
                List<LuaTable> others = tables(lua, held);
                LuaEntries entries = table.entries();
                refuse(1);
                long expected = 1;
                for (boolean more = true; more; ) {
                    try {
                        more = entries.next();
                        if (more) {
                            assertEquals(expected++, entries.keyAsLong());
                        }
                    } catch (LuaException e) {
                        failures++;
                    }
                }
                assertEquals(601, expected);
                others.forEach(LuaTable::close);
            }
        }
        assertTrue(failures > 0);
    }
}
