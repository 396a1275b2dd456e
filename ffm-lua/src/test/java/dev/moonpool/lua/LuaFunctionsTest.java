package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.moonpool.lua.LuaException.Kind;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls of functions in Lua from Java. */
class LuaFunctionsTest extends StateTestCase {
    private LuaFunction function(String source) {
        return lua.eval("return function" + source + " end").asFunction();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 63, 64, 65, 255, 4096, 50_000})
    void anyNumberOfArgumentsComesBackInOrder(int count) {
        LuaFunction echo = function("(...) return ...");
        @Nullable Object[] integers = new @Nullable Object[count];
        Arrays.setAll(integers, i -> (long) i);
        assertEquals(Arrays.asList(integers), echo.call(integers));
        @Nullable Object[] texts = new @Nullable Object[count];
        Arrays.setAll(texts, i -> "text " + i);
        assertEquals(Arrays.asList(texts), echo.call(texts));
        @Nullable Object[] nothing = new @Nullable Object[count];
        assertEquals(Collections.nCopies(count, null), echo.call(nothing));
    }

    @Test
    void valuesOfAllTypesPassAndComeBack() {
        LuaFunction echo = function("(...) return ...");
        LuaTable t = lua.newTable();
        List<Object> values = List.of(true, 1L, 0.5, "ä", t, echo);
        assertEquals(values, echo.call(values.toArray()));
    }

    @Test
    void aFunctionKeepsItsUpvaluesFromCallToCall() {
        LuaFunction count =
                lua.eval("local n = 0 return function() n = n + 1 return n end").asFunction();
        for (long i = 1; i <= 100; i++) {
            assertEquals(i, count.callLong());
        }
    }

    @Test
    void typedCallsPassAndReturnTheirType() {
        assertEquals(7, function("() return 7").callLong());
        assertEquals(-1, function("(a) return ~a").callLong(0));
        assertEquals(Long.MIN_VALUE, function("(a, b) return a + b").callLong(Long.MAX_VALUE, 1));
        assertEquals(123, function("(a, b, c) return a * 100 + b * 10 + c").callLong(1, 2, 3));
        assertEquals(0.5, function("() return 0.5").callDouble());
        assertEquals(-0.0, function("(a) return -a").callDouble(0.0));
        assertEquals(0.75, function("(a, b) return a + b").callDouble(0.5, 0.25));
        assertEquals(7.0, function("(a, b, c) return a * b + c").callDouble(2, 3, 1));
        assertEquals("ä😀!", function("(s) return s .. '!'").callString("ä😀"));
        LuaFunction types = function("(a, b, c) return math.type(a) .. math.type(b or 0)");
        assertEquals("floatinteger", types.call(1.0).asString());
    }

    @Test
    void typedCallsTakeANumberThatIsOfTheOtherKindButSaysTheSame() {
        assertEquals(3, function("() return 3.0").callLong());
        assertEquals(3.0, function("() return 3").callDouble());
    }

    @Test
    void typedCallsReadTheFirstOfSeveralResults() {
        assertEquals(1, function("() return 1, 2, 'x', {}").callLong());
        assertEquals(1.5, function("() return 1.5, 2").callDouble());
        assertEquals("a", function("(s) return s, 2, ('x'):rep(1e6)").callString("a"));
        assertEquals(1, function("() return 1, ('x'):rep(1e6)").callLong());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "return nil", "return true", "return {}", "return print"})
    void aResultOfAnotherTypeIsAMismatch(String body) {
        LuaFunction f = function("(a) " + body);
        for (int i = 0; i < 2; i++) {
            assertMismatch("an integer", f::callLong);
            assertMismatch("an integer", () -> f.callLong(1));
            assertMismatch("an integer", () -> f.callLong(1, 2));
            assertMismatch("an integer", () -> f.callLong(1, 2, 3));
            assertMismatch("a number", f::callDouble);
            assertMismatch("a number", () -> f.callDouble(1));
            assertMismatch("a number", () -> f.callDouble(1, 2));
            assertMismatch("a number", () -> f.callDouble(1, 2, 3));
            assertMismatch("a string", () -> f.callString("x"));
            assertMismatch("a string", () -> f.callString("x".repeat(1 << 20)));
        }
    }

    @Test
    void nothingIsConvertedForATypedCall() {
        assertMismatch("an integer", () -> function("() return '1'").callLong());
        assertMismatch("an integer", () -> function("() return 0.5").callLong());
        assertMismatch("an integer", () -> function("() return ('1'):rep(1e6)").callLong());
        assertMismatch("a number", () -> function("() return '1'").callDouble());
        assertMismatch("a string", () -> function("() return 1").callString(""));
    }

    @Test
    void textsThatComeAgainAreNotMixedUp() {
        LuaFunction same = function("(s) return s");
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 2000; i++) {
                for (String text : new String[] {"t" + i, "t" + i / 2, "ä" + i, "long".repeat(i)}) {
                    assertEquals(text, same.callString(text));
                    assertEquals(text, same.callString(text));
                }
            }
        }
        assertThrows(IllegalArgumentException.class, () -> same.callString("\ud800"));
        assertThrows(IllegalArgumentException.class, () -> same.callString("\ud800"));
        assertEquals("?", same.callString("?"));
    }

    private static void assertMismatch(String wanted, Executable call) {
        String message = String.valueOf(assertThrows(ClassCastException.class, call).getMessage());
        assertTrue(message.startsWith("value is not " + wanted + ": index=0, value="), message);
    }

    @Test
    void anErrorIsAnExceptionHoweverTheFunctionIsCalled() {
        LuaFunction f = function("(...) error('reason', 0)");
        for (Executable call :
                List.<Executable>of(
                        f::call,
                        () -> f.call("x".repeat(1 << 20)),
                        f::callLong,
                        () -> f.callLong(1, 2, 3),
                        f::callDouble,
                        () -> f.callDouble(1),
                        () -> f.callString("x"),
                        () -> f.callString("x".repeat(1 << 20)))) {
            LuaException e = assertThrows(LuaException.class, call);
            assertEquals("reason", e.getMessage());
            assertEquals(Kind.RUNTIME, e.kind());
            assertTrue(e.traceback().isPresent());
        }
    }

    /** Results that a typed call does not read: nobody else can let go of them. */
    @Test
    void extraResultsThatAreTablesDoNotStay() throws InterruptedException {
        LuaFunction f =
                lua.eval(
                                """
                                made = setmetatable({}, {__mode = 'k'})
                                return function()
                                    local t = {}
                                    made[t] = true
                                    return 1, t, {t}, function() return t end
                                end
                                """)
                        .asFunction();
        for (int i = 0; i < 1000; i++) {
            assertEquals(1, f.callLong());
        }
        Garbage.assertCollected(lua, "return next(made) == nil");
    }

    @Test
    void aHundredMegabytesTravelBothWays() {
        String text = "0123456789".repeat(10_000_000);
        LuaFunction f = function("(s) return s");
        assertEquals(text, f.callString(text));
        LuaValues results = function("(s) return #s, s").call(text);
        assertEquals(text.length(), results.asLong());
        assertEquals(text, results.asString(1));
    }

    @Test
    void aStringThatTheStateHasNoRoomForIsAnError() {
        try (Lua small = Lua.builder().maxMemory(1 << 20).build()) {
            LuaFunction f = small.load("return ...");
            String text = "x".repeat(100_000_000);
            assertEquals(Kind.MEMORY, assertThrows(LuaException.class, () -> f.call(text)).kind());
            assertEquals(
                    Kind.MEMORY, assertThrows(LuaException.class, () -> f.callString(text)).kind());
            Raised.assertWorks(small);
        }
    }

    @Test
    void aMillionArgumentsAreAnException() {
        LuaFunction f = function("(...) return select('#', ...)");
        LuaException e =
                assertThrows(LuaException.class, () -> f.call(new @Nullable Object[1_000_000]));
        assertEquals("stack overflow (too many values)", e.getMessage());
        var refused =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> f.call(new @Nullable Object[1_000_001]));
        assertEquals("too many values for Lua: count=1000001, most=1000000", refused.getMessage());
        assertEquals(400_000, f.call(new @Nullable Object[400_000]).asLong());
    }

    @Test
    void almostAMillionResultsAllComeBack() {
        LuaFunction f =
                function(
                        "(n) return table.unpack(setmetatable({}, {__index = function(_, i) return i end}), 1, n)");
        assertEquals(LongStream.rangeClosed(1, 900_000).boxed().toList(), f.call(900_000));
        LuaException e = assertThrows(LuaException.class, () -> f.call(2_000_000));
        assertTrue(e.getMessage().endsWith("too many results to unpack"), e.getMessage());
    }

    @Test
    void anArgumentThatHasNoCounterpartIsRefusedBeforeAnythingRuns() {
        LuaFunction f = function("() ran = true");
        Object stranger = new Object();
        var e = assertThrows(IllegalArgumentException.class, () -> f.call(1, 2, stranger));
        assertEquals(
                "value has no counterpart in Lua: index=2, class=java.lang.Object", e.getMessage());
        assertEquals(null, lua.globals().get("ran"));
    }

    /** What a function is called with is safe on its way, whatever runs before it has arrived. */
    @Test
    void argumentsAreNotMixedUpByFinalizers() {
        AtomicReference<LuaTable> onItsWay = new AtomicReference<>(lua.newTable());
        lua.globals()
                .set(
                        "noise",
                        arguments -> {
                            onItsWay.get().close();
                            return lua.newTable();
                        });
        LuaFunction check =
                lua.load(
                        """
                        collectgarbage('incremental', 1, 1000, 4)
                        for j = 1, 4 do
                            setmetatable({}, {__gc = function() assert(next(noise()) == nil) end})
                        end
                        local x, y, t, n = ...
                        return #x + #y, t.n, n
                        """);
        for (long i = 1; i < 500; i++) {
            LuaTable t = lua.newTable();
            t.set("n", i);
            onItsWay.set(t);
            assertEquals(
                    List.of(6000L, i, i), check.call("x".repeat(3000), "y".repeat(3000), t, i));
        }
    }

    @Test
    void aFunctionOfTheLibrariesIsCalledAlike() {
        LuaFunction rep = lua.eval("return string.rep").asFunction();
        assertEquals("abab", rep.call("ab", 2).asString());
        assertArrayEquals(
                new byte[] {'a', (byte) 0xff},
                lua.eval("return string.char").asFunction().call('a' + 0, 0xff).asBytes());
    }

    @Test
    void aSmallFrameTakesCallsOfAllSizes() {
        try (Lua small = Lua.builder().layout(Layouts.withIo(Layouts.SMALLEST_IO)).build()) {
            LuaFunction echo = small.load("return ...");
            for (int length : new int[] {0, 900, 970, 980, 990, 1000, 1010, 1024, 5000}) {
                String text = "x".repeat(length);
                assertEquals(text, echo.callString(text));
                assertEquals(List.of(text, text), echo.call(text, text));
            }
        }
    }
}
