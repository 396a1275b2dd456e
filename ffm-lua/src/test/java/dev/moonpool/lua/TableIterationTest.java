package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each entry of a table comes once, however many there are and whatever happens meanwhile. */
class TableIterationTest extends StateTestCase {
    private static Map<Object, Object> entries(LuaTable table) {
        Map<Object, Object> entries = new HashMap<>();
        table.forEach((key, value) -> assertNull(entries.put(key, value), "came twice: " + key));
        return entries;
    }

    /** Around the batches that entries are read in. */
    @ParameterizedTest
    @ValueSource(
            ints = {0, 1, 2, 127, 128, 129, 255, 256, 257, 1000, 1023, 1024, 1025, 2048, 20_000})
    void everyEntryComesOnce(int count) {
        LuaTable t =
                lua.eval(
                                """
                                local t = {}
                                for i = 1, ... do if i % 2 == 0 then t[i] = -i else t['k' .. i] = i end end
                                return t
                                """,
                                count)
                        .asTable();
        Map<Object, Object> expected = new HashMap<>();
        LongStream.rangeClosed(1, count)
                .forEach(i -> expected.put(i % 2 == 0 ? i : "k" + i, i % 2 == 0 ? -i : i));
        assertEquals(expected, entries(t));
    }

    @Test
    void everyEntryComesThroughTheSmallestFrame() {
        try (Lua small = Lua.builder().layout(Layouts.withIo(Layouts.SMALLEST_IO)).build()) {
            LuaTable t =
                    small.eval(
                                    """
                                    local t = {}
                                    for i = 1, 300 do t[('k'):rep(i)] = ('v'):rep(3 * i) end
                                    return t
                                    """)
                            .asTable();
            Map<Object, Object> expected = new HashMap<>();
            for (int i = 1; i <= 300; i++) {
                expected.put("k".repeat(i), "v".repeat(3 * i));
            }
            assertEquals(expected, entries(t));
        }
    }

    @Test
    void keysAndValuesOfAllTypesCome() {
        LuaTable inner = lua.newTable();
        LuaFunction print = lua.globals().getFunction("print");
        LuaTable t =
                lua.eval(
                                "local t = ... return {[t] = print, [print] = t, [true] = false,"
                                        + " [0.5] = 1, x = 'y', [7] = 2.5}",
                                inner)
                        .asTable();
        assertEquals(
                Map.of(inner, print, print, inner, true, false, 0.5, 1L, "x", "y", 7L, 2.5),
                entries(t));
    }

    @Test
    void metamethodsAreNotAsked() {
        LuaTable t =
                lua.eval(
                                """
                                return setmetatable({x = 1}, {
                                    __pairs = function() error('pairs') end,
                                    __index = function() error('index') end})
                                """)
                        .asTable();
        assertEquals(Map.of("x", 1L), entries(t));
    }

    @Test
    void fieldsMayBeChangedAndRemovedMeanwhile() {
        LuaTable t =
                lua.eval("local t = {} for i = 1, 1000 do t['k' .. i] = i end return t").asTable();
        Set<Object> seen = new HashSet<>();
        t.forEach(
                (key, value) -> {
                    assertTrue(seen.add(key));
                    t.set(key, (long) value % 2 == 0 ? null : -(long) value);
                });
        assertEquals(1000, seen.size());
        Map<Object, Object> left = entries(t);
        assertEquals(500, left.size());
        assertTrue(left.values().stream().allMatch(value -> (long) value < 0));
    }

    /** What comes then is not defined; that it ends is. */
    @Test
    void fieldsAddedMeanwhileDoNoHarm() {
        LuaTable t =
                lua.eval("local t = {} for i = 1, 300 do t['k' .. i] = i end return t").asTable();
        int[] added = new int[1];
        try {
            t.forEach(
                    (key, value) -> {
                        if (added[0] < 5000) {
                            t.set("new" + added[0]++, 1);
                        }
                    });
        } catch (LuaException e) {
            assertTrue(e.getMessage().endsWith("invalid key to 'next'"), e.getMessage());
        }
        assertTrue(added[0] >= 300);
    }

    /** Lua may have forgotten the key that it was to go on from. */
    @Test
    void garbageMayBeCollectedMeanwhile() {
        LuaTable t = lua.eval("local t = {} for i = 1, 1000 do t[{}] = i end return t").asTable();
        Set<Object> seen = new HashSet<>();
        t.forEach(
                (key, value) -> {
                    assertTrue(seen.add(value));
                    t.set(key, null);
                    if ((long) value % 100 == 0) {
                        System.gc();
                        lua.collectGarbage();
                    }
                });
        assertEquals(1000, seen.size());
        assertEquals(Map.of(), entries(t));
    }

    /** A string that Lua forgot meanwhile comes back as another one. */
    @ParameterizedTest
    @ValueSource(ints = {1, 30, 100})
    void fieldsThatWereRemovedMayBeCollectedMeanwhile(int length) {
        LuaTable t =
                lua.eval(
                                """
                                local t = {}
                                for i = 1, 3000 do t[('k'):rep(...) .. i] = i end
                                return t
                                """,
                                length)
                        .asTable();
        Set<Object> seen = new HashSet<>();
        t.forEach(
                (key, value) -> {
                    assertTrue(seen.add(value));
                    t.set(key, null);
                    lua.collectGarbage();
                    lua.eval("local t = {} for i = 1, 100 do t[i] = ('x'):rep(i) end");
                });
        assertEquals(3000, seen.size());
        assertEquals(Map.of(), entries(t));
    }

    @Test
    void theActionMayCloseWhatItIsGiven() {
        LuaTable t = lua.eval("local t = {} for i = 1, 3000 do t[{}] = {} end return t").asTable();
        int[] count = new int[1];
        t.forEach(
                (key, value) -> {
                    count[0]++;
                    ((LuaTable) key).close();
                    ((LuaTable) value).close();
                });
        assertEquals(3000, count[0]);
    }

    @Test
    void whatTheActionThrowsEndsIt() {
        LuaTable t = lua.eval("return {1, 2, 3}").asTable();
        RuntimeException thrown = new RuntimeException();
        assertSame(
                thrown,
                assertThrows(
                        RuntimeException.class,
                        () ->
                                t.forEach(
                                        (key, value) -> {
                                            throw thrown;
                                        })));
        assertEquals(List.of(3L), lua.eval("return #...", t));
    }

    @Test
    void theStateMayBeClosedMeanwhile() {
        Lua other = Lua.create();
        LuaTable t = other.eval("local t = {} for i = 1, 20000 do t[i] = i end return t").asTable();
        var e = assertThrows(IllegalStateException.class, () -> t.forEach((k, v) -> other.close()));
        assertEquals("state is closed", e.getMessage());
    }

    @Test
    void theTableMayBeIteratedWithinItsIteration() {
        LuaTable t = lua.eval("local t = {} for i = 1, 150 do t[i] = i end return t").asTable();
        long[] pairs = new long[1];
        t.forEach((k, v) -> t.forEach((k2, v2) -> pairs[0]++));
        assertEquals(150 * 150, pairs[0]);
    }
}
