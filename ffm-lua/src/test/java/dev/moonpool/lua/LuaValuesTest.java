package dev.moonpool.lua;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.moonpool.memory.BlockAllocator;
import dev.moonpool.memory.BumpAllocator;
import dev.moonpool.memory.Region;
import dev.moonpool.memory.RegionLayout;
import dev.moonpool.memory.SystemAllocator;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LuaValuesTest {
    private static final String ECHO = "return ...";

    static Stream<@Nullable Object> values() {
        return Stream.of(
                null,
                true,
                false,
                0L,
                -1L,
                Long.MIN_VALUE,
                Long.MAX_VALUE,
                (1L << 53) + 1,
                0.0,
                -0.0,
                0.1,
                Double.MIN_VALUE,
                Double.MAX_VALUE,
                Double.NaN,
                Double.POSITIVE_INFINITY,
                Double.NEGATIVE_INFINITY,
                "",
                "plain",
                "a\0b\0",
                "äöü €",
                "😀",
                "x".repeat(255));
    }

    @ParameterizedTest
    @MethodSource("values")
    void comeBackAsTheyWent(@Nullable Object value) {
        try (Lua lua = Lua.create()) {
            assertEquals(
                    Collections.singletonList(value),
                    lua.eval(ECHO, new @Nullable Object[] {value}));
        }
    }

    @ParameterizedTest
    @MethodSource("values")
    void comeBackAsTheyWentByEveryWay(@Nullable Object value) {
        try (Lua lua = Lua.create()) {
            LuaFunction echo = lua.load(ECHO);
            assertEquals(value, echo.call(value, 1).get(0));
            LuaTable t = lua.newTable();
            t.set("field", value);
            t.set("é", value);
            t.set(1L, value);
            t.rawSet(0.5, value);
            assertEquals(value, t.get("field"));
            assertEquals(value, t.get("é"));
            assertEquals(value, t.get(1));
            assertEquals(value, t.rawGet(0.5));
            lua.globals().set("same", arguments -> arguments.get(0));
            assertEquals(value, lua.eval("return same(...)", value, 1).get(0));
            assertEquals(value, lua.newCoroutine(echo).resume(value, 1).get(0));
            assertEquals(value, Raised.by(lua, "error((...), 0)", value, 1).value());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE, Long.MAX_VALUE, (1L << 53) + 1, -(1L << 53) - 1})
    void integersComeBackFromTypedCallsAsTheyWent(long value) {
        try (Lua lua = Lua.create()) {
            LuaFunction echo = lua.load(ECHO);
            assertEquals(value, echo.callLong(value));
            assertEquals(value, lua.longFunction(n -> n).callLong(value));
            LuaTable t = lua.newTable();
            t.set("n", value);
            assertEquals(value, t.getLong("n"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            doubles = {
                0.0,
                -0.0,
                0.1,
                Double.NaN,
                Double.POSITIVE_INFINITY,
                Double.NEGATIVE_INFINITY,
                Double.MIN_VALUE,
                Double.MAX_VALUE
            })
    void floatsComeBackFromTypedCallsAsTheyWent(double value) {
        try (Lua lua = Lua.create()) {
            LuaFunction echo = lua.load(ECHO);
            assertEquals(value, echo.callDouble(value));
            assertEquals(value, lua.doubleFunction(x -> x).callDouble(value));
            LuaTable t = lua.newTable();
            t.set("x", value);
            assertEquals(value, t.getDouble("x"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "plain", "a\0b\0", "äöü €", "😀", "\ufffd", "\ufeff", "\uffff"})
    void textComesBackFromTypedCallsAsItWent(String text) {
        try (Lua lua = Lua.create()) {
            assertEquals(text, lua.load(ECHO).callString(text));
            assertEquals(text, lua.stringFunction(s -> s).callString(text));
            LuaTable t = lua.newTable();
            t.set("s", text);
            assertEquals(text, t.getString("s"));
            assertEquals((long) text.getBytes(UTF_8).length, lua.eval("return #...", text).get(0));
        }
    }

    static Stream<byte[]> bytesThatAreNoUtf8() {
        return Stream.of(
                new byte[] {(byte) 0xff},
                new byte[] {(byte) 0xc3},
                new byte[] {(byte) 0xc0, (byte) 0x80},
                new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80}, // half of a surrogate pair
                new byte[] {(byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80},
                new byte[] {'a', (byte) 0xef, (byte) 0xbf, (byte) 0xbd, (byte) 0x80});
    }

    @ParameterizedTest
    @MethodSource("bytesThatAreNoUtf8")
    void bytesThatAreNoUtf8AreNeverText(byte[] bytes) {
        try (Lua lua = Lua.create()) {
            assertArrayEquals(bytes, assertInstanceOf(byte[].class, lua.eval(ECHO, bytes).get(0)));
            assertArrayEquals(bytes, lua.eval(ECHO, bytes).asBytes());
            LuaTable t = lua.newTable();
            t.set("s", bytes);
            assertArrayEquals(bytes, assertInstanceOf(byte[].class, t.get("s")));
            assertEquals(new String(bytes, UTF_8), t.getString("s"));
        }
    }

    @Test
    void bytesThatAreUtf8AreText() {
        try (Lua lua = Lua.create()) {
            assertEquals("ä😀", lua.eval(ECHO, "ä😀".getBytes(UTF_8)).get(0));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\ud83d", "\ude00", "a\ud83db", "\ude00\ud83d", "😀\ud83d"})
    void halfASurrogatePairIsRefusedEverywhere(String text) {
        try (Lua lua = Lua.create()) {
            LuaFunction echo = lua.load(ECHO);
            LuaTable t = lua.newTable();
            for (Executable use :
                    List.<Executable>of(
                            () -> lua.eval(ECHO, 1, text),
                            () -> echo.call(text),
                            () -> echo.callString(text),
                            () -> t.set("s", text),
                            () -> lua.newCoroutine(echo).resume(text))) {
                var e = assertThrows(IllegalArgumentException.class, use);
                assertEquals(
                        "text has half of a surrogate pair, which UTF-8 cannot say: length="
                                + text.length(),
                        e.getMessage());
            }
            lua.globals().set("f", arguments -> text);
            assertInstanceOf(
                    IllegalArgumentException.class, Raised.by(lua, "return f()").getCause());
        }
    }

    @Test
    void aCharacterIsTakenAsText() {
        try (Lua lua = Lua.create()) {
            assertEquals(List.of("c", "ä"), lua.eval(ECHO, 'c', 'ä'));
            assertThrows(IllegalArgumentException.class, () -> lua.eval(ECHO, '\ud83d'));
        }
    }

    @Test
    void comeBackTogetherInTheirOrder() {
        @Nullable Object[] all = values().toArray();
        for (long ioByteSize : new long[] {Layouts.SMALLEST_IO, 64 << 10}) {
            try (Lua lua = Lua.builder().layout(Layouts.withIo(ioByteSize)).build()) {
                assertEquals(Arrays.asList(all), lua.eval(ECHO, all));
            }
        }
    }

    @Test
    void bytesThatAreNoUtf8ComeBackAsTheyWent() {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        try (Lua lua = Lua.create()) {
            LuaValues results = lua.eval("local s = ... return s, #s, s:byte(-1)", all);
            assertArrayEquals(all, results.asBytes());
            assertEquals(256, results.asLong(1));
            assertEquals(255, results.asLong(2));
        }
    }

    @Test
    void textIsUtf8InLua() {
        try (Lua lua = Lua.create()) {
            LuaValues results =
                    lua.eval("local s = ... return #s, utf8.len(s), '\\u{1F600}'", "é😀");
            assertEquals(List.of(6L, 2L, "😀"), results);
        }
    }

    @Test
    void aStringWithBytesThatAreNoUtf8IsItsBytesAndReadAsTextWithReplacements() {
        byte[] bytes = {'a', (byte) 0xff, 'b'};
        try (Lua lua = Lua.create()) {
            LuaValues results = lua.eval("return 'a\\xffb'");
            assertEquals("a\ufffdb", results.asString());
            assertArrayEquals(bytes, assertInstanceOf(byte[].class, results.get(0)));
            assertArrayEquals(bytes, results.asBytes());
        }
    }

    @Test
    void smallerNumbersAreWidened() {
        try (Lua lua = Lua.create()) {
            assertEquals(
                    List.of("integer", "integer", "integer", "float"),
                    lua.eval(
                            """
                            local t = {}
                            for i, n in ipairs {...} do t[i] = math.type(n) end
                            return table.unpack(t)
                            """,
                            Byte.MIN_VALUE,
                            (short) 2,
                            3,
                            4f));
        }
    }

    @Test
    void integersAndFloatsStayApart() {
        try (Lua lua = Lua.create()) {
            assertEquals(List.of(1L, 1.0, "1"), lua.eval("return 1, 1.0, '1'"));
        }
    }

    static Stream<Object> strangers() {
        return Stream.of(new Object(), BigInteger.ONE, List.of(), new int[0]);
    }

    @ParameterizedTest
    @MethodSource("strangers")
    void othersAreNotTaken(Object stranger) {
        try (Lua lua = Lua.create()) {
            var e = assertThrows(IllegalArgumentException.class, () -> lua.eval(ECHO, 1, stranger));
            assertEquals(
                    "value has no counterpart in Lua: index=1, class="
                            + stranger.getClass().getName(),
                    e.getMessage());
            Raised.assertWorks(lua);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 62, 63, 64, 255, 5_000, 100_000})
    void asManyResultsAsWantedComeBack(long count) {
        List<Long> expected = LongStream.rangeClosed(1, count).boxed().toList();
        String range = "local t = {} for i = 1, ... do t[i] = i end return table.unpack(t)";
        for (long ioByteSize : new long[] {Layouts.SMALLEST_IO, 64 << 10}) {
            try (Lua lua = unlimited(Layouts.withIo(ioByteSize))) {
                assertEquals(expected, lua.eval(range, count));
                assertEquals(expected, lua.eval(range, count), "again");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 63, 64, 10_000, 200_000})
    void asManyArgumentsAsWantedArrive(int count) {
        @Nullable Object[] arguments = new @Nullable Object[count];
        Arrays.setAll(arguments, i -> (long) i);
        for (long ioByteSize : new long[] {Layouts.SMALLEST_IO, 64 << 10}) {
            try (Lua lua = unlimited(Layouts.withIo(ioByteSize))) {
                LuaValues results =
                        lua.eval("return select('#', ...), (select(-1, 'none', ...))", arguments);
                assertEquals(count, results.asLong());
                assertEquals(count == 0 ? "none" : count - 1L, results.get(1));
            }
        }
    }

    @Test
    void moreArgumentsThanLuaTakesAreAnError() {
        try (Lua lua = unlimited(RegionLayout.REFERENCE)) {
            LuaException e = Raised.by(lua, ECHO, new @Nullable Object[1_000_000]);
            assertEquals("stack overflow (too many values)", e.getMessage());
            @Nullable Object[] evenMore = new @Nullable Object[1_000_001];
            var refused =
                    assertThrows(IllegalArgumentException.class, () -> lua.eval(ECHO, evenMore));
            assertEquals(
                    "too many values for Lua: count=1000001, most=1000000", refused.getMessage());
            Raised.assertWorks(lua);
        }
    }

    static Stream<Function<Region, BlockAllocator>> allocators() {
        return Stream.of(BumpAllocator::new, SystemAllocator::new);
    }

    @ParameterizedTest
    @MethodSource("allocators")
    void tenMegabytesTravelBothWays(Function<Region, BlockAllocator> allocator) {
        String text = "0123456789".repeat(1 << 20);
        for (long ioByteSize : new long[] {Layouts.SMALLEST_IO, 64 << 10}) {
            RegionLayout layout = Layouts.withIo(ioByteSize).withPoolByteSize(64 << 20);
            try (Lua lua = Lua.builder().layout(layout).allocator(allocator).build()) {
                LuaValues results = lua.eval("local s = ... return 1, s, #s", text);
                assertEquals(List.of(1L, text, (long) text.length()), results);
            }
        }
    }

    @Test
    void manyStringsThatDoNotFitTogetherAllComeBack() {
        try (Lua lua = unlimited(Layouts.withIo(Layouts.SMALLEST_IO))) {
            LuaValues results =
                    lua.eval(
                            """
                            local t = {}
                            for i = 1, 1000 do t[i] = ('%d,'):format(i):rep(i) end
                            return table.unpack(t)
                            """);
            assertEquals(1000, results.size());
            for (int i = 1; i <= 1000; i++) {
                assertEquals((i + ",").repeat(i), results.asString(i - 1));
            }
        }
    }

    @Test
    void objectsTellWhatTheyAre() {
        try (Lua lua = Lua.create()) {
            LuaValues results =
                    lua.eval(
                            """
                            local t = {}
                            return t, print, io.stdout, coroutine.create(print), function() end,
                                debug.upvalueid(function() return t end, 1)
                            """);
            List<LuaReference> objects =
                    IntStream.range(0, results.size())
                            .mapToObj(i -> results.as(LuaReference.class, i))
                            .toList();
            assertEquals(
                    List.of("table", "function", "userdata", "thread", "function", "userdata"),
                    objects.stream().map(LuaReference::typeName).toList());
            assertEquals(
                    List.of(
                            LuaTable.class,
                            LuaFunction.class,
                            LuaUserdata.class,
                            LuaCoroutine.class,
                            LuaFunction.class,
                            LuaUserdata.class),
                    objects.stream().map(Object::getClass).toList());
        }
    }

    @Test
    void anObjectIsEqualToItselfAlone() {
        try (Lua lua = Lua.create()) {
            LuaValues results = lua.eval("t = {} return t, t, {}");
            assertEquals(results.get(0), results.get(1));
            assertNotEquals(results.get(0), results.get(2));
            LuaTable again = lua.eval("return t").asTable();
            assertEquals(results.get(0), again);
            assertEquals(results.asTable().hashCode(), again.hashCode());
        }
    }

    @Test
    void anObjectLooksAsInLua() {
        try (Lua lua = Lua.create()) {
            LuaValues results = lua.eval("local t = {} return t, tostring(t)");
            assertEquals(results.asString(1), results.asTable().toLuaString());
            assertEquals(results.asString(1), results.asTable().toString());
        }
    }

    @Test
    void noResultsAreAnEmptyList() {
        try (Lua lua = Lua.create()) {
            assertEquals(List.of(), lua.eval(""));
            assertNull(lua.eval("return nil").get(0));
        }
    }

    @Test
    void globalsStayFromCallToCall() {
        try (Lua lua = Lua.create()) {
            lua.eval("x = ...", "kept".getBytes(UTF_8));
            assertEquals("kept", lua.eval("return x").asString());
        }
    }

    private static Lua unlimited(RegionLayout layout) {
        return Lua.builder().layout(layout).allocator(SystemAllocator::new).build();
    }
}
