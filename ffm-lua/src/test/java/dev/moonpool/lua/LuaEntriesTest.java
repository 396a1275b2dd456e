package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Entries one by one, read as types. What comes, and when, is {@link TableIterationTest}'s. */
class LuaEntriesTest extends StateTestCase {
    private LuaEntries first(String source) {
        LuaEntries entries = table(source).entries();
        assertTrue(entries.next());
        return entries;
    }

    @Test
    void areReadAsTypes() {
        assertEquals(Long.MIN_VALUE, first("{[math.mininteger] = 1}").keyAsLong());
        assertEquals(-5, first("{-5}").valueAsLong());
        assertEquals(7, first("{7.0}").valueAsLong());
        assertEquals(2.5, first("{2.5}").valueAsDouble());
        assertEquals(3.0, first("{3}").valueAsDouble());
        assertEquals("ä😀", first("{['ä😀'] = 1}").keyAsString());
        assertEquals("a\0b", first("{'a\\0b'}").valueAsString());
        assertEquals("\ufffd", first("{'\\xff'}").valueAsString());
        assertEquals("v".repeat(200_000), first("{('v'):rep(200000)}").valueAsString());
        assertEquals(1, first("{('v'):rep(200000)}").keyAsLong());
        assertTrue(first("{true}").valueAsBoolean());
        assertFalse(first("{[true] = false}").valueAsBoolean());
        assertEquals(true, first("{[true] = false}").key());
        assertEquals("x", ((LuaTable) first("{{'x'}}").value()).get(1));
    }

    @Test
    void sayWhatIsThereInstead() {
        LuaEntries entries = first("{name = 'x'}");
        mismatch("value is not an integer: index=0, value=name", entries::keyAsLong);
        mismatch("value is not an integer: index=1, value=x", entries::valueAsLong);
        mismatch("value is not a number: index=1, value=x", entries::valueAsDouble);
        mismatch("value is not a boolean: index=1, value=x", entries::valueAsBoolean);
        LuaEntries numbers = first("{1.5}");
        mismatch("value is not a string: index=0, value=1", numbers::keyAsString);
        mismatch("value is not a string: index=1, value=1.5", numbers::valueAsString);
        mismatch("value is not an integer: index=1, value=1.5", numbers::valueAsLong);
    }

    private static void mismatch(String message, Executable read) {
        assertEquals(message, assertThrows(ClassCastException.class, read).getMessage());
    }

    @Test
    void nothingIsBeforeTheFirstAndBehindTheLast() {
        LuaEntries entries = table("{1}").entries();
        noEntry("next() has not come to an entry", entries);
        assertTrue(entries.next());
        assertEquals(1, entries.valueAsLong());
        assertFalse(entries.next());
        noEntry("behind the last entry", entries);
        assertFalse(entries.next());
        LuaEntries none = table("{}").entries();
        assertFalse(none.next());
        noEntry("behind the last entry", none);
    }

    private static void noEntry(String message, LuaEntries entries) {
        for (Executable read :
                new Executable[] {
                    entries::key,
                    entries::keyAsLong,
                    entries::keyAsString,
                    entries::value,
                    entries::valueAsBoolean,
                    entries::valueAsLong,
                    entries::valueAsDouble,
                    entries::valueAsString
                }) {
            assertEquals(message, assertThrows(NoSuchElementException.class, read).getMessage());
        }
    }

    @Test
    void closingEndsThem() {
        LuaEntries entries =
                lua.eval("local t = {} for i = 1, 1000 do t[i] = i end return t")
                        .asTable()
                        .entries();
        assertTrue(entries.next());
        entries.close();
        entries.close();
        noEntry("behind the last entry", entries);
        assertFalse(entries.next());
    }

    @Test
    void whatWasReadOutlivesTheTableAndTheState() {
        LuaEntries entries;
        try (Lua other = Lua.create()) {
            LuaTable t = other.eval("return {x = 'text', y = 'text'}").asTable();
            entries = t.entries();
            assertTrue(entries.next());
            t.close();
            other.eval("return ('z'):rep(100000)");
        }
        assertEquals("text", entries.valueAsString());
        assertTrue(entries.next());
        assertEquals("text", entries.value());
        assertFalse(entries.next());
    }

    /** The key that the next batch begins with is like any other. */
    @ParameterizedTest
    @ValueSource(ints = {1, 255, 256, 257, 258})
    void theKeyThatComesNextMayBeChangedAndRemoved(int at) {
        for (String change : new String[] {"nil", "0"}) {
            LuaTable t =
                    lua.eval("local t = {} for i = 1, 1000 do t['k' .. i] = i end return t")
                            .asTable();
            LuaFunction next =
                    lua.eval("local t = ... return function(k) return (next(t, k)) end", t)
                            .asFunction();
            LuaFunction set =
                    lua.eval("local t = ... return function(k) t[k] = " + change + " end", t)
                            .asFunction();
            Set<String> seen = new HashSet<>();
            LuaEntries entries = t.entries();
            String changed = "";
            for (int i = 1; entries.next(); i++) {
                assertTrue(seen.add(entries.keyAsString()));
                if (i == at) {
                    changed = next.callString(entries.keyAsString());
                    set.call(changed);
                    lua.collectGarbage();
                }
            }
            boolean isGone = change.equals("nil") && at == 256;
            assertEquals(isGone ? 999 : 1000, seen.size(), changed);
        }
    }

    /** The first of them has the room of one that ended, and that is closed once more. */
    @Test
    void severalAtOnceHaveRoomOfTheirOwn() {
        LuaEntries before = first("{1, 2, 3, 4}");
        before.close();
        LuaEntries integers = first("{10, 20, 30}");
        before.close();
        LuaEntries strings = first("{'x', 'y', 'z'}");
        LuaEntries mixed = first("{1.5, {}, false}");
        integers.next();
        strings.next();
        mixed.next();
        assertEquals(20, integers.valueAsLong());
        assertEquals("y", strings.valueAsString());
        assertInstanceOf(LuaTable.class, mixed.value());
        mixed.close();
        LuaEntries floats = first("{0.5, 0.25, 0.125, 0}");
        floats.next();
        assertEquals(20, integers.valueAsLong());
        assertEquals("y", strings.valueAsString());
        assertEquals(0.25, floats.valueAsDouble());
    }

    @Test
    void readTheSameInRoomThatHadOtherThings() {
        List<String> values = List.of("1", "2.5", "false", "'text'", "{}", "print", "1", "'text'");
        for (String value : values) {
            LuaTable table = table("{1, [3] = 2, k = " + value + "}");
            Map<Object, Object> read = new HashMap<>();
            try (LuaEntries entries = table.entries()) {
                while (entries.next()) {
                    read.put(entries.key(), entries.value());
                }
            }
            assertEquals(1L, read.get(1L));
            assertEquals(2L, read.get(3L));
            assertEquals(String.valueOf(table.get("k")), String.valueOf(read.get("k")));
            assertEquals(3, read.size());
        }
    }

    @Test
    void theyBelongToTheStatesThread() {
        LuaEntries entries = table("{1, 2}").entries();
        assertTrue(entries.next());
        long value = CompletableFuture.supplyAsync(entries::valueAsLong).join();
        assertEquals(1, value);
        LuaEntries others = table("{1, 2}").entries();
        Throwable thrown =
                assertThrows(
                        CompletionException.class,
                        () -> CompletableFuture.supplyAsync(others::next).join());
        assertInstanceOf(WrongThreadException.class, thrown.getCause());
        assertTrue(others.next());
    }

    /** Batches of few entries and of many, in turn, with objects everywhere. */
    @Test
    void objectsAreNotMixedUpHoweverManyComeAtOnce() {
        LuaTable t =
                lua.eval(
                                """
                                local t = {}
                                for i = 1, 2000 do
                                  t[i] = i // 300 % 2 == 0 and i % 2 == 0 and ('v'):rep(9000) or {i}
                                end
                                return t
                                """)
                        .asTable();
        try (LuaEntries entries = t.entries()) {
            for (long i = 1; entries.next(); i++) {
                assertEquals(i, entries.keyAsLong());
                if (i / 300 % 2 == 0 && i % 2 == 0) {
                    assertEquals(9000, entries.valueAsString().length());
                } else {
                    assertEquals(i, ((LuaTable) entries.value()).get(1));
                }
            }
        }
    }
}
