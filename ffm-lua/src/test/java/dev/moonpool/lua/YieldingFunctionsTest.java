package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.moonpool.lua.LuaCoroutine.Status;
import dev.moonpool.lua.LuaException.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Java functions that yield, wherever Lua calls them. */
class YieldingFunctionsTest {
    private static final String ACROSS = "attempt to yield across a C-call boundary";

    private final Lua lua = Lua.create();

    /** {@code ask(x)} yields x, and returns what the coroutine is resumed with, and "!". */
    @BeforeEach
    void defineFunctions() {
        lua.globals()
                .set(
                        "ask",
                        (JavaFunction)
                                question ->
                                        LuaYield.of(question.get(0))
                                                .then(answer -> answer.get(0) + "!"));
    }

    @AfterEach
    void close() {
        Raised.assertWorks(lua);
        lua.close();
    }

    private LuaCoroutine coroutine(String source) {
        return lua.newCoroutine(lua.load(source));
    }

    private static List<@Nullable Object> values(@Nullable Object... values) {
        return Arrays.asList(values);
    }

    /** A coroutine that asks "a" and then "b", and ends with both answers. */
    private static void assertAsksTwice(LuaCoroutine coroutine) {
        assertEquals(values("a"), coroutine.resume());
        assertEquals(Status.SUSPENDED, coroutine.status());
        assertEquals(values("b"), coroutine.resume(1));
        assertEquals(values("1!", "2!"), coroutine.resume(2));
        assertEquals(Status.DEAD, coroutine.status());
    }

    @Test
    void yieldsFromTheCoroutineItself() {
        assertAsksTwice(coroutine("local a = ask('a'); return a, ask('b')"));
    }

    @Test
    void aJavaFunctionCanBeACoroutineByItself() {
        LuaCoroutine coroutine = lua.newCoroutine(lua.eval("return ask").asFunction());
        assertEquals(values("question"), coroutine.resume("question"));
        assertEquals(values("answer!"), coroutine.resume("answer"));
        assertEquals(Status.DEAD, coroutine.status());
    }

    @Test
    void aYieldWithoutContinuationReturnsWhatComesBack() {
        lua.globals().set("yield", (JavaFunction) arguments -> LuaYield.of(1, 2, 3));
        LuaCoroutine coroutine = coroutine("return select('#', yield()), (yield())");
        assertEquals(values(1L, 2L, 3L), coroutine.resume());
        assertEquals(values(1L, 2L, 3L), coroutine.resume("x", null));
        assertEquals(values(2L, "y"), coroutine.resume("y"));
    }

    @Test
    void manyValuesAreYieldedAndComeBack() {
        Object[] many = new Object[10_000];
        Arrays.setAll(many, i -> "value " + i);
        lua.globals().set("yield", (JavaFunction) arguments -> LuaYield.of(many));
        LuaCoroutine coroutine = coroutine("return yield()");
        assertEquals(values(many), coroutine.resume());
        assertEquals(values(many), coroutine.resume(many));
    }

    @Test
    void manyValuesAreYieldedAndAContinuationTakesMany() {
        Object[] many = new Object[1_000];
        Arrays.setAll(many, i -> (long) i);
        lua.globals()
                .set("yield", (JavaFunction) arguments -> LuaYield.of(many).then(back -> back));
        LuaCoroutine coroutine = coroutine("return yield()");
        assertEquals(values(many), coroutine.resume());
        assertEquals(values(many), coroutine.resume(many));
    }

    @Test
    void continuationsYieldAgain() {
        lua.globals()
                .set(
                        "count",
                        (JavaFunction)
                                arguments ->
                                        LuaYield.of(1)
                                                .then(
                                                        first ->
                                                                LuaYield.of(2)
                                                                        .then(second -> "done")));
        LuaCoroutine coroutine = coroutine("return count()");
        assertEquals(values(1L), coroutine.resume());
        assertEquals(values(2L), coroutine.resume());
        assertEquals(values("done"), coroutine.resume());
    }

    @Test
    void innerCoroutinesYieldToWhoResumedThem() {
        LuaCoroutine outer =
                coroutine(
                        """
                        local inner = coroutine.wrap(function() return 'got ' .. ask('a') end)
                        local question = inner()
                        local b = ask('b')
                        return question, inner(b)
                        """);
        assertEquals(values("b"), outer.resume());
        assertEquals(values("a", "got 2!!"), outer.resume(2));
    }

    @Test
    void yieldsFromMetamethods() {
        assertAsksTwice(
                coroutine(
                        """
                        local asking = setmetatable({}, {
                            __index = function(_, key) return ask(key) end,
                        })
                        local a = asking.a
                        return a, asking.b
                        """));
        assertAsksTwice(
                coroutine(
                        "local t = setmetatable({}, {__concat = function(_, q) return"
                                + " ask(q) end}); local a = t .. 'a'; return a, t .. 'b'"));
    }

    @Test
    void aJavaFunctionIsAMetamethodThatYields() {
        LuaTable asking = lua.newTable();
        LuaTable metatable = lua.newTable();
        metatable.set(
                "__index",
                (JavaFunction)
                        access -> LuaYield.of(access.get(1)).then(answer -> answer.get(0) + "!"));
        asking.setMetatable(metatable);
        lua.globals().set("asking", asking);
        assertAsksTwice(coroutine("local a = asking.a; return a, asking.b"));
    }

    @Test
    void yieldsFromProtectedCalls() {
        LuaCoroutine coroutine =
                coroutine(
                        """
                        local ok, a = pcall(ask, 'a')
                        local caught, reason = pcall(function() error(ask('b'), 0) end)
                        local _, handled = xpcall(function() error(ask('c'), 0) end,
                            function(e) return 'handled ' .. e end)
                        return ok, a, caught, reason, handled
                        """);
        assertEquals(values("a"), coroutine.resume());
        assertEquals(values("b"), coroutine.resume(1));
        assertEquals(values("c"), coroutine.resume(2));
        assertEquals(values(true, "1!", false, "2!", "handled 3!"), coroutine.resume(3));
    }

    @Test
    void aContinuationThatThrowsRaisesTheSameObject() {
        IOException thrown = new IOException("no answer");
        lua.globals()
                .set(
                        "fail",
                        (JavaFunction)
                                arguments ->
                                        LuaYield.of("asked")
                                                .then(
                                                        answer -> {
                                                            throw thrown;
                                                        }));
        LuaCoroutine caught = coroutine("return pcall(fail)");
        assertEquals(values("asked"), caught.resume());
        assertSame(thrown, caught.resume().get(1));
        LuaCoroutine uncaught = coroutine("fail()");
        assertEquals(values("asked"), uncaught.resume());
        assertSame(thrown, assertThrows(LuaException.class, uncaught::resume).getCause());
        assertEquals(Status.DEAD, uncaught.status());
    }

    @Test
    void variablesAreClosedAfterTheYield() {
        LuaCoroutine coroutine =
                coroutine(
                        """
                        local log = {}
                        do
                            local x <close> = setmetatable({}, {__close = function()
                                log[#log + 1] = 'closed ' .. ask('b')
                            end})
                            log[#log + 1] = ask('a')
                        end
                        return table.unpack(log)
                        """);
        assertEquals(values("a"), coroutine.resume());
        assertEquals(values("b"), coroutine.resume(1));
        assertEquals(values("1!", "closed 2!"), coroutine.resume(2));
    }

    @Test
    void cancellingClosesVariablesWhereAJavaFunctionYielded() {
        List<Object> closed = new ArrayList<>();
        lua.globals()
                .set(
                        "log",
                        (JavaFunction)
                                arguments -> {
                                    closed.add(arguments.asString());
                                    return null;
                                });
        LuaCoroutine coroutine =
                coroutine(
                        """
                        local x <close> = setmetatable({}, {__close = function() log('x') end})
                        pcall(function()
                            local y <close> = setmetatable({}, {__close = function() log('y') end})
                            ask('a')
                        end)
                        """);
        assertEquals(values("a"), coroutine.resume());
        coroutine.cancel();
        assertEquals(List.of("y", "x"), closed);
        assertEquals(Status.DEAD, coroutine.status());
    }

    @Test
    void yieldsFromIterators() {
        LuaCoroutine coroutine =
                coroutine(
                        """
                        local all = {}
                        for answer in function(_, i) return ask(i) end do
                            if answer == 'end!' then break end
                            all[#all + 1] = answer
                        end
                        return table.unpack(all)
                        """);
        coroutine.resume();
        coroutine.resume("a");
        coroutine.resume("b");
        assertEquals(values("a!", "b!"), coroutine.resume("end"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "table.sort({3, 2, 1}, function(a, b) return ask(a) end)",
                "string.gsub('abc', '%a', ask)",
                "string.gsub('abc', '%a', setmetatable({}, {__index = function(_, k) return ask(k)"
                        + " end}))",
                "assert(load(function() return ask('a') end))",
                "tostring(setmetatable({}, {__tostring = ask}))",
                "table.concat(setmetatable({}, {__index = ask, __len = function() return 3 end}))",
                "java(ask)"
            })
    void whereLuaCannotYieldAnErrorSaysSo(String source) {
        lua.globals()
                .set("java", (JavaFunction) arguments -> arguments.asFunction().call("from Java"));
        LuaCoroutine coroutine = coroutine(source);
        LuaException e = assertThrows(LuaException.class, coroutine::resume);
        assertEquals(Kind.RUNTIME, e.kind());
        assertTrue(e.getMessage().contains(ACROSS), e.getMessage());
        assertEquals(Status.DEAD, coroutine.status());
        LuaCoroutine caught =
                coroutine("local ok = pcall(load[[" + source + "]]); return ok, ask('q')");
        assertEquals(values("q"), caught.resume());
        assertEquals(values(false, "a!"), caught.resume("a"));
    }

    @Test
    void outsideOfACoroutineAnErrorSaysSo() {
        Raised.assertRaises(
                Kind.RUNTIME, "attempt to yield from outside a coroutine", lua, "ask('a')");
        assertEquals(
                values(false, "attempt to yield from outside a coroutine"),
                lua.eval("return pcall(ask, 'a')"));
        LuaFunction ask = lua.eval("return ask").asFunction();
        assertThrows(LuaException.class, () -> ask.call("a"));
    }

    @Test
    void finalizersCannotYield() {
        assertEquals(
                values(false),
                lua.eval(
                        """
                        local ok
                        setmetatable({}, {__gc = function() ok = pcall(ask, 'a') end})
                        collectgarbage()
                        return ok
                        """));
    }

    @Test
    void aCoroutineOfJavasIsResumedInsideAnother() {
        LuaCoroutine inner = coroutine("return ask('inner')");
        lua.globals().set("step", (JavaFunction) arguments -> inner.resume(arguments.toArray()));
        LuaCoroutine outer = coroutine("local q = step(); return q, step(ask('outer'))");
        assertEquals(values("outer"), outer.resume());
        assertEquals(values("inner", "1!!"), outer.resume(1));
        assertEquals(Status.DEAD, inner.status());
    }
}
