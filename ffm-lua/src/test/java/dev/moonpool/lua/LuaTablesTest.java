package dev.moonpool.lua;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.moonpool.lua.LuaException.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Fields, elements, lengths and metatables of tables. */
class LuaTablesTest extends StateTestCase {
    private boolean luaSees(String condition, @Nullable Object... arguments) {
        return lua.eval(condition, arguments).asBoolean();
    }

    @Test
    void whatJavaSetsLuaSees() {
        LuaTable t = lua.newTable();
        t.set("text", "ä😀");
        t.set("long", Long.MIN_VALUE);
        t.set("double", 0.5);
        t.set("flag", true);
        t.set(1L, "first");
        t.set(2.0, "second"); // a float that is a whole number is the same key to Lua
        t.set(true, "yes");
        assertTrue(
                luaSees(
                        """
                        local t = ...
                        return t.text == 'ä😀' and t.long == math.mininteger and t.double == 0.5
                            and t.flag == true and t[1] == 'first' and t[2] == 'second'
                            and t[true] == 'yes'
                        """,
                        t));
    }

    @Test
    void whatLuaSetsJavaReads() {
        LuaTable t = table("{7, 8; long = 42, double = 0.5, text = 'ä', flag = false, t = {1}}");
        assertEquals(7L, t.get(1));
        assertEquals(8L, t.get((Object) 2L));
        assertEquals(42, t.getLong("long"));
        assertEquals(42.0, t.getDouble("long"));
        assertEquals(0.5, t.getDouble("double"));
        assertEquals("ä", t.getString("text"));
        assertEquals(false, t.getBoolean("flag"));
        assertEquals(1L, t.getTable("t").get(1));
        assertEquals("ok", lua.globals().getFunction("tostring").call("ok").asString());
    }

    @Test
    void whatIsNotThereIsNull() {
        LuaTable t = lua.newTable();
        assertNull(t.get("name"));
        assertNull(t.get("ä"));
        assertNull(t.get(1));
        assertNull(t.get(0.5));
        assertNull(t.rawGet("name"));
        assertNull(t.get(Double.NaN));
    }

    @Test
    void nullRemovesAField() {
        LuaTable t = table("{1, name = 2, [0.5] = 3}");
        t.set("name", (Object) null);
        t.set(1L, null);
        t.rawSet(0.5, null);
        t.set("never there", (Object) null);
        assertTrue(luaSees("return next(...) == nil", t));
    }

    @Test
    void aFieldOfAnotherTypeIsAMismatch() {
        LuaTable t = table("{half = 0.5, text = '1', flag = true}");
        assertMismatch("an integer: key=half, value=0.5", () -> t.getLong("half"));
        assertMismatch("an integer: key=text, value=1", () -> t.getLong("text"));
        assertMismatch("an integer: key=missing, value=nil", () -> t.getLong("missing"));
        assertMismatch("a number: key=flag, value=true", () -> t.getDouble("flag"));
        assertMismatch("a string: key=half, value=0.5", () -> t.getString("half"));
        assertMismatch("a boolean: key=missing, value=nil", () -> t.getBoolean("missing"));
        assertMismatch("a LuaTable: key=text, value=1", () -> t.getTable("text"));
        assertMismatch("a LuaFunction: key=missing, value=nil", () -> t.getFunction("missing"));
    }

    @Test
    void aMismatchIsSaidInAFewWordsHoweverLongTheNameAndTheValue() {
        LuaTable t = table("{text = ('y'):rep(1000), bytes = ('\\xff'):rep(1000)}");
        String y = "y".repeat(80) + "...";
        assertMismatch("an integer: key=text, value=" + y, () -> t.getLong("text"));
        assertMismatch(
                "a number: key=bytes, value=a string of 1000 bytes", () -> t.getDouble("bytes"));
        for (int length : new int[] {1000, 100_000}) { // the latter in no frame
            String name = "x".repeat(length);
            String shown = "key=%s..., value=nil".formatted("x".repeat(80));
            assertMismatch("an integer: " + shown, () -> t.getLong(name));
            assertMismatch("a number: " + shown, () -> t.getDouble(name));
            assertMismatch("a string: " + shown, () -> t.getString(name));
        }
    }

    private static void assertMismatch(String what, Executable read) {
        assertEquals(
                "field is not " + what, assertThrows(ClassCastException.class, read).getMessage());
    }

    /** Keys of all types, names that no cache holds, and such as fit no frame. */
    static Stream<Object> keys() {
        return Stream.of(
                "name",
                "",
                "a\0b",
                "ä",
                "名前😀",
                "x".repeat(40),
                "x".repeat(41),
                "x".repeat(2000),
                "ä".repeat(2000),
                "x".repeat(100_000),
                true,
                false,
                0L,
                1L,
                -1L,
                Long.MIN_VALUE,
                Long.MAX_VALUE,
                (1L << 53) + 1,
                0.5,
                Double.POSITIVE_INFINITY,
                Double.MIN_VALUE);
    }

    @ParameterizedTest
    @MethodSource("keys")
    void anyKeyFindsItsValue(Object key) {
        LuaTable t = lua.newTable();
        for (int i = 0; i < 4; i++) { // a name that comes again is found in another way
            t.set(key, "value " + i);
            assertEquals("value " + i, t.get(key));
            assertEquals("value " + i, t.rawGet(key));
            assertEquals("value " + i, lua.eval("local t, k = ... return t[k]", t, key).get(0));
            assertTrue(luaSees("local t, k = ... return next(t) == k and not next(t, k)", t, key));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "name", "a\0b", "ä", "名前😀"})
    void anyNameFindsItsField(String name) {
        assertNameFindsItsField(name);
    }

    @ParameterizedTest
    @ValueSource(ints = {39, 40, 41, 900, 1000, 70_000})
    void aNameOfAnyLengthFindsItsField(int length) {
        assertNameFindsItsField("x".repeat(length));
        assertNameFindsItsField("é".repeat(length));
    }

    private void assertNameFindsItsField(String name) {
        LuaTable t = lua.newTable();
        for (long i = 0; i < 4; i++) {
            t.set(name, i);
            assertEquals(i, t.getLong(name));
            t.set(name, i + 0.5);
            assertEquals(i + 0.5, t.getDouble(name));
            t.set(name, "text " + i);
            assertEquals("text " + i, t.getString(name));
            assertEquals("text " + i, t.get(name));
            assertTrue(luaSees("local t, k = ... return next(t) == k", t, name));
        }
    }

    @Test
    void aNameOfHalfASurrogatePairIsRefused() {
        LuaTable t = lua.newTable();
        assertThrows(IllegalArgumentException.class, () -> t.get("\ud800"));
        assertThrows(IllegalArgumentException.class, () -> t.getLong("a\udc00"));
        assertThrows(IllegalArgumentException.class, () -> t.set("\ud800", 1));
        assertThrows(IllegalArgumentException.class, () -> t.set((Object) "\ud800", 1));
    }

    @Test
    void aNameThatIsNoTextIsItsBytes() {
        LuaTable t = lua.newTable();
        byte[] name = {'a', (byte) 0xff};
        t.set(name, 1);
        assertEquals(1L, t.get(name.clone()));
        List<Object> keys = new ArrayList<>();
        t.forEach((key, value) -> keys.add(key));
        assertArrayEquals(name, assertInstanceOf(byte[].class, keys.getFirst()));
    }

    @Test
    void namesAreNotMixedUpHoweverManyThereAre() {
        LuaTable t = lua.newTable();
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 2000; i++) {
                t.set("name" + i, (long) i + round);
                t.set("name" + i / 2, (long) i / 2 + round);
            }
            for (int i = 0; i < 2000; i++) {
                assertEquals(i + round, t.getLong("name" + i));
                assertEquals(i + round, t.getLong("name" + i));
            }
        }
    }

    @Test
    void namesWithTheSameHashAreNotMixedUp() {
        assertEquals("Aa".hashCode(), "BB".hashCode());
        LuaTable t = table("{Aa = 1, BB = 2}");
        for (String name : new String[] {"Aa", "BB", "BB", "Aa", "Aa", "Aa", "BB", "Aa", "BB"}) {
            assertEquals(name.equals("Aa") ? 1 : 2, t.getLong(name));
        }
    }

    /** Whatever Lua allocates, the string of a name included, can set off a finalizer. */
    @Test
    void namesAreNotMixedUpByFinalizersThatReadOthers() {
        LuaTable t = table("{Aa = 1, BB = 2}");
        long[] finalized = new long[1];
        lua.globals()
                .set(
                        "read",
                        arguments -> {
                            finalized[0]++;
                            assertEquals(2, t.getLong("BB"));
                            return t.getLong("BB");
                        });
        LuaFunction garbage =
                lua.load(
                        """
                        collectgarbage('incremental', 1, 1000, 4)
                        for i = 1, 4 do setmetatable({}, {__gc = function() assert(read() == 2) end}) end
                        """);
        for (int i = 0; i < 3000; i++) {
            garbage.call();
            assertEquals(1, t.getLong("Aa"));
            assertEquals(1, t.getLong("Aa"));
        }
        assertTrue(finalized[0] > 1000, () -> "finalized=" + finalized[0]);
    }

    @Test
    void noNilAndNoNanCanBeAKey() {
        LuaTable t = lua.newTable();
        Object nothing = nil();
        for (Executable attempt :
                List.<Executable>of(() -> t.set(nothing, 1), () -> t.rawSet(nothing, 1))) {
            LuaException e = assertThrows(LuaException.class, attempt);
            assertEquals(Kind.RUNTIME, e.kind());
            assertTrue(e.getMessage().endsWith("index is nil"), e.getMessage());
        }
        for (Executable attempt :
                List.<Executable>of(() -> t.set(Double.NaN, 1), () -> t.rawSet(Double.NaN, 1))) {
            LuaException e = assertThrows(LuaException.class, attempt);
            assertEquals(Kind.RUNTIME, e.kind());
            assertTrue(e.getMessage().endsWith("index is NaN"), e.getMessage());
        }
        assertNull(t.get(nothing));
    }

    /** A null that the compiler does not see: nobody keeps a caller from passing one. */
    @SuppressWarnings("NullAway")
    private static Object nil() {
        return null;
    }

    @Test
    void tablesAndFunctionsCanBeKeysAndValues() {
        LuaTable t = lua.newTable();
        LuaTable key = lua.newTable();
        LuaFunction print = lua.globals().getFunction("print");
        t.set(key, print);
        t.set(print, key);
        assertEquals(print, t.get(key));
        assertEquals(key, t.get(print));
        assertTrue(luaSees("local t, k = ... return t[k] == print and t[print] == k", t, key));
    }

    @Test
    void aTableHasTheLengthThatLuaSays() {
        assertEquals(0, lua.newTable().length());
        assertEquals(3, table("{1, 2, 3}").length());
        LuaTable long7 = table("setmetatable({1}, {__len = function() return 7 end})");
        assertEquals(7, long7.length());
        assertEquals(1, long7.rawLength());
        assertEquals(3, table("setmetatable({}, {__len = function() return 3.0 end})").length());
        LuaTable odd = table("setmetatable({}, {__len = function() return 'x' end})");
        assertEquals(
                "value is not an integer: index=0, value=x",
                assertThrows(ClassCastException.class, odd::length).getMessage());
    }

    @Test
    void roomForANegativeNumberIsRefusedAndForTooManyIsAnError() {
        var e = assertThrows(IllegalArgumentException.class, () -> lua.newTable(-1, 2));
        assertEquals("room for a negative number: elements=-1, fields=2", e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> lua.newTable(0, -1));
        assertThrows(LuaException.class, () -> lua.newTable(0, Integer.MAX_VALUE));
        assertEquals(0, lua.newTable(1000, 1000).length());
    }

    @Test
    void metamethodsAreUsedUnlessAccessIsRaw() {
        LuaTable t =
                table(
                        """
                        setmetatable({there = 1}, {
                            __index = function(t, k) return 'no ' .. tostring(k) end,
                            __newindex = function(t, k, v) rawset(t, k, v and v * 2) end})
                        """);
        assertEquals("no x", t.get("x"));
        assertEquals("no 7", t.get(7));
        assertEquals(1, t.getLong("there"));
        assertNull(t.rawGet("x"));
        t.set("y", 4);
        t.set("z", 0.25);
        t.set(1L, 8);
        assertEquals(8, t.getLong("y"));
        assertEquals(0.5, t.getDouble("z"));
        assertEquals(16L, t.get(1));
        t.rawSet("raw", 4);
        assertEquals(4, t.getLong("raw"));
    }

    /** Each is a use of a table that its metamethods fail. */
    @Test
    void anErrorInAMetamethodIsAnException() {
        LuaTable t =
                table(
                        """
                        setmetatable({}, {
                            __index = function(t, k) error('index ' .. tostring(k), 0) end,
                            __newindex = function(t, k) error('newindex ' .. tostring(k), 0) end,
                            __len = function() error('len', 0) end,
                            __tostring = function() error('tostring', 0) end})
                        """);
        for (int i = 0; i < 3; i++) {
            assertRaises("index a", () -> t.get("a"));
            assertRaises("index a", () -> t.getLong("a"));
            assertRaises("index a", () -> t.getDouble("a"));
            assertRaises("index a", () -> t.getString("a"));
            assertRaises("index ä", () -> t.getLong("ä"));
            assertRaises("index 1", () -> t.get(1));
            assertRaises("newindex a", () -> t.set("a", 1));
            assertRaises("newindex a", () -> t.set("a", 0.5));
            assertRaises("newindex a", () -> t.set("a", "text"));
            assertRaises("newindex 1", () -> t.set(1L, "text"));
            assertRaises("len", t::length);
            assertRaises("tostring", t::toLuaString);
        }
        assertEquals(0, t.rawLength());
    }

    private static void assertRaises(String message, Executable use) {
        LuaException e = assertThrows(LuaException.class, use);
        assertEquals(message, e.getMessage());
        assertEquals(Kind.RUNTIME, e.kind());
    }

    @Test
    void metatablesAreSetAndRead() {
        LuaTable t = lua.newTable();
        assertNull(t.metatable());
        LuaTable metatable = table("{__index = {inherited = 5}}");
        t.setMetatable(metatable);
        assertEquals(metatable, t.metatable());
        assertEquals(5, t.getLong("inherited"));
        t.setMetatable(null);
        assertNull(t.metatable());
        assertNull(t.get("inherited"));
    }

    @Test
    void aMetatableThatIsHiddenFromLuaIsNotFromJava() {
        LuaTable t = table("setmetatable({}, {__metatable = 'hidden', x = 1})");
        assertEquals(1, Objects.requireNonNull(t.metatable()).getLong("x"));
        t.setMetatable(null);
        assertTrue(luaSees("return getmetatable(...) == nil", t));
    }

    @Test
    void tableOfGlobalsIsTheStatesOwn() {
        lua.globals().set("x", 41);
        assertEquals(42, lua.eval("y = x + 1 return y").asLong());
        assertEquals(42, lua.globals().getLong("y"));
        assertEquals(lua.globals(), lua.eval("return _G").get(0));
        lua.globals().close();
        assertEquals(42, lua.globals().getLong("y"));
    }

    @Test
    void tablesAreEqualIfTheyAreTheSame() {
        LuaTable t = lua.newTable();
        lua.globals().set("t", t);
        assertEquals(t, lua.globals().get("t"));
        assertFalse(t.equals(lua.newTable()));
        try (Lua other = Lua.create()) {
            assertFalse(t.equals(other.newTable()));
        }
    }

    @Test
    void bytesAndTextAreTheSameStringsToLua() {
        LuaTable t = lua.newTable();
        t.set("ä".getBytes(UTF_8), "ö".getBytes(UTF_8));
        assertEquals("ö", t.getString("ä"));
    }

    @Test
    void aCharacterIsAString() {
        LuaTable t = lua.newTable();
        t.set("c", 'x');
        t.set("o", (Object) 'y');
        assertEquals("x", t.get("c"));
        assertEquals("y", t.get("o"));
    }
}
