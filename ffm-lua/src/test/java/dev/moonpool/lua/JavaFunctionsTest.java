package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Java functions that Lua calls: what they get, and what they return. */
class JavaFunctionsTest extends StateTestCase {
    private void define(String name, JavaFunction function) {
        lua.globals().set(name, function);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 30, 63, 64, 65, 4096, 50_000})
    void anyNumberOfArgumentsArrivesAndOfResultsComesBack(int count) {
        define("echo", arguments -> arguments);
        @Nullable Object[] values = new @Nullable Object[count];
        Arrays.setAll(
                values, i -> i % 3 == 0 ? "text " + i : i % 3 == 1 ? (Object) (long) i : null);
        assertEquals(Arrays.asList(values), lua.eval("return echo(...)", values));
        try (Lua small =
                Lua.builder()
                        .layout(Layouts.withIo(Layouts.SMALLEST_IO).withPoolByteSize(64 << 20))
                        .build()) {
            small.globals().set("echo", arguments -> arguments);
            assertEquals(Arrays.asList(values), small.eval("return echo(...)", values));
        }
    }

    @Test
    void argumentsAreOfTheirNaturalTypes() {
        AtomicReference<@Nullable LuaValues> got = new AtomicReference<>();
        define(
                "take",
                arguments -> {
                    got.set(arguments);
                    return null;
                });
        lua.eval("t = {} take(nil, true, 1, 1.0, 'ä\\0', '\\xff', t, print, io.stdout, take)");
        LuaValues values = assertInstanceOf(LuaValues.class, got.get());
        assertEquals(Arrays.asList(null, true, 1L, 1.0, "ä\0"), values.subList(0, 5));
        assertInstanceOf(byte[].class, values.get(5));
        assertEquals(lua.eval("return t, print, io.stdout, take"), values.subList(6, 10));
        assertEquals(10, values.size());
    }

    @Test
    void nullIsOneResultAndNoValuesAreNone() {
        define("nothing", arguments -> null);
        define("none", arguments -> LuaValues.of());
        define("several", arguments -> LuaValues.of(1, null, "x", null));
        assertEquals(
                List.of(1L, 0L, 4L),
                lua.eval(
                        "return select('#', nothing()), select('#', none()), select('#', several())"));
        assertEquals(Arrays.asList(1L, null, "x", null), lua.eval("return several()"));
    }

    @Test
    void aJavaFunctionIsAFunctionToLua() {
        define("f", arguments -> 1);
        assertEquals("function", lua.eval("return type(f)").asString());
        assertEquals(
                List.of(3L, 2L, 1L),
                lua.eval(
                        "local t = {1, 2, 3} table.sort(t, ...) return table.unpack(t)",
                        descending()));
        assertEquals(
                "b", lua.eval("return (('a'):gsub('a', ...))", (JavaFunction) a -> "b").asString());
    }

    private static JavaFunction descending() {
        return arguments -> arguments.asLong(0) > arguments.asLong(1);
    }

    @Test
    void aFunctionThatIsHeldIsTheSameEachTime() {
        LuaFunction f = lua.function(arguments -> arguments.asLong() + 1);
        lua.globals().set("f", f);
        assertEquals(f, lua.globals().getFunction("f"));
        assertTrue(lua.eval("return f == ...", f).asBoolean());
        assertEquals(42, f.callLong(41));
        assertEquals(42, f.call(41).asLong());
        assertEquals(42, lua.eval("return f(41)").asLong());
        JavaFunction same = arguments -> 1;
        assertNotEquals(lua.function(same), lua.function(same));
    }

    @Test
    void functionsCanReturnTablesFunctionsAndFunctionsOfJavas() {
        define("table", arguments -> lua.eval("return {7}").asTable());
        define("adder", arguments -> (JavaFunction) more -> arguments.asLong() + more.asLong());
        assertEquals(7, lua.eval("return table()[1]").asLong());
        assertEquals(5, lua.eval("return adder(2)(3)").asLong());
    }

    @Test
    void typedFunctionsTakeAndReturnTheirType() {
        LuaTable g = lua.globals();
        g.set("next", lua.longFunction(n -> n + 1));
        g.set("add", lua.longFunction((a, b) -> a + b));
        g.set("half", lua.doubleFunction(x -> x / 2));
        g.set("mul", lua.doubleFunction((x, y) -> x * y));
        g.set("shout", lua.stringFunction(s -> s + "!"));
        assertEquals(
                List.of(Long.MIN_VALUE, 5L, 0.5, 0.25, "ä!"),
                lua.eval(
                        "return next(math.maxinteger), add(2, 3), half(1.0), mul(0.5, 0.5), shout('ä')"));
        assertEquals(
                List.of(4L, 0.5, 6.0),
                lua.eval("return next(3.0), half(1), mul(2, 3.0)"),
                "numbers of the other kind");
        assertEquals(
                "x".repeat(1 << 20) + "!", lua.eval("return shout(('x'):rep(1 << 20))").asString());
    }

    @Test
    void typedFunctionsRefuseOtherTypes() {
        LuaTable g = lua.globals();
        g.set("add", lua.longFunction((a, b) -> a + b));
        g.set("mul", lua.doubleFunction((x, y) -> x * y));
        g.set("shout", lua.stringFunction(s -> s + "!"));
        for (String call :
                new String[] {
                    "add()",
                    "add(1)",
                    "add(1, '2')",
                    "add(0.5, 1)",
                    "add({}, 1)",
                    "mul()",
                    "mul(1, true)",
                    "shout()",
                    "shout(1)",
                    "shout(nil, 'x')"
                }) {
            LuaException e = Raised.by(lua, "return " + call);
            assertInstanceOf(ClassCastException.class, e.getCause(), call);
            assertSame(e.getCause(), e.value());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 900, 960, 1000, 1024, 1100, 65_536, 1_000_000, 20_000_000})
    void repliesOfAnySizeArrive(int length) {
        String text = "x".repeat(length);
        for (long ioByteSize : new long[] {Layouts.SMALLEST_IO, 64 << 10}) {
            try (Lua other =
                    Lua.builder()
                            .layout(Layouts.withIo(ioByteSize).withPoolByteSize(256L << 20))
                            .build()) {
                other.globals().set("big", arguments -> LuaValues.of(1, text, text, 2));
                LuaValues results = other.eval("local a, s, t, b = big() return a, #s, s == t, b");
                assertEquals(List.of(1L, (long) length, true, 2L), results);
            }
        }
    }

    @Test
    void aReplyThatTheStateHasNoRoomForIsAnError() {
        try (Lua small = Lua.builder().maxMemory(1 << 20).build()) {
            String text = "x".repeat(10 << 20);
            small.globals().set("big", arguments -> text);
            LuaException e = Raised.by(small, "return big()");
            assertInstanceOf(OutOfMemoryError.class, e.getCause());
            assertEquals(
                    List.of(false, "error"),
                    small.eval("local ok, e = pcall(big) return ok, tostring(e) and 'error'"));
            Raised.assertWorks(small);
        }
    }

    @Test
    void almostAMillionResultsArriveAndMoreAreAnError() {
        define("many", arguments -> LuaValues.of(new @Nullable Object[(int) arguments.asLong()]));
        assertEquals(900_000, lua.eval("return select('#', many(900000))").asLong());
        assertTrue(Raised.by(lua, "return many(1000000)").getMessage().contains("stack overflow"));
        assertInstanceOf(
                IllegalArgumentException.class, Raised.by(lua, "return many(1000001)").getCause());
    }

    @Test
    void aFunctionThatLuaForgetsIsForgottenByJavaToo() throws InterruptedException {
        var collected = new WeakReference<>(defineAndForget());
        Garbage.assertSoon(
                "a function of Java's that no script knows",
                () -> {
                    lua.collectGarbage();
                    return collected.get() == null;
                });
    }

    private Object defineAndForget() {
        Object captured = new Object();
        define("f", arguments -> captured.hashCode());
        lua.eval("f() f = nil");
        return captured;
    }

    @Test
    void aHundredThousandFunctionsComeAndGo() {
        LuaFunction call = lua.load("local f = ... return f()");
        for (int i = 0; i < 100_000; i++) {
            long expected = i;
            JavaFunction function = arguments -> expected;
            assertEquals(expected, call.call(function).asLong());
        }
        lua.collectGarbage();
        assertTrue(lua.state().foreignCount() < 10, () -> "left=" + lua.state().foreignCount());
    }

    @Test
    void aFinalizerCanBeAJavaFunction() {
        List<@Nullable Object> finalized = new ArrayList<>();
        define(
                "finalize",
                arguments -> {
                    finalized.add(arguments.asTable().get("name"));
                    lua.eval("count = (count or 0) + 1");
                    return null;
                });
        lua.eval(
                """
                for i = 1, 100 do setmetatable({name = 'n' .. i}, {__gc = finalize}) end
                collectgarbage()
                """);
        assertEquals(100, finalized.size());
        assertTrue(finalized.contains("n1") && finalized.contains("n100"));
        assertEquals(100, lua.globals().getLong("count"));
    }

    @Test
    void metamethodsCanBeJavaFunctions() {
        LuaTable metatable = lua.newTable();
        metatable.set("__index", arguments -> arguments.asString(1) + "?");
        metatable.set("__add", arguments -> 42);
        metatable.set("__call", arguments -> LuaValues.of(arguments.size(), arguments.get(1)));
        metatable.set("__len", arguments -> 7);
        metatable.set("__eq", arguments -> true);
        metatable.set("__tostring", arguments -> "mine");
        metatable.set("__close", arguments -> lua.eval("closed = true"));
        LuaTable t = lua.newTable();
        t.setMetatable(metatable);
        assertEquals("x?", t.get("x"));
        assertEquals(7, t.length());
        assertEquals("mine", t.toLuaString());
        assertEquals(
                List.of(42L, 42L, true),
                lua.eval(
                        "local t = ... do local c <close> = t end return t + 1, 1 + t, closed", t));
        assertEquals(List.of(2L, "a"), lua.eval("return (...)('a')", t));
    }

    /** What a function returns is safe on its way, whatever runs before it has arrived. */
    @Test
    void repliesAreNotMixedUpByFinalizers() {
        AtomicReference<LuaTable> onItsWay = new AtomicReference<>(lua.newTable());
        define(
                "noise",
                arguments -> {
                    onItsWay.get().close();
                    return LuaValues.of("noise".repeat(50), lua.newTable());
                });
        define(
                "reply",
                arguments -> {
                    LuaTable t = lua.newTable();
                    t.set("n", arguments.asLong());
                    onItsWay.set(t);
                    return LuaValues.of("x".repeat(3000), "y".repeat(3000), t, arguments.asLong());
                });
        LuaFunction check =
                lua.load(
                        """
                        collectgarbage('incremental', 1, 1000, 4)
                        for i = 1, ... do
                            for j = 1, 4 do
                                setmetatable({}, {__gc = function()
                                    local s, t = noise()
                                    assert(#s == 250 and next(t) == nil)
                                end})
                            end
                            local x, y, t, n = reply(i)
                            assert(x == ('x'):rep(3000) and y == ('y'):rep(3000))
                            assert(t.n == i and n == i)
                        end
                        return 'checked'
                        """);
        assertEquals("checked", check.call(500).asString());
    }

    @Test
    void theArgumentsOutliveTheCallAndTheState() {
        List<LuaValues> kept = new ArrayList<>();
        try (Lua other = Lua.create()) {
            other.globals()
                    .set(
                            "keep",
                            arguments -> {
                                kept.add(arguments);
                                return null;
                            });
            other.eval("for i = 1, 3 do keep(i, 'text ' .. i) end");
        }
        assertEquals(
                List.of(List.of(1L, "text 1"), List.of(2L, "text 2"), List.of(3L, "text 3")), kept);
        assertEquals(Collections.singletonList(null), lua.eval("return nil"));
        assertNull(lua.eval("return nil").get(0));
    }
}
