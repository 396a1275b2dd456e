package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.moonpool.lua.LuaCoroutine.Status;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Java functions that yield, and go on when their coroutine is resumed. */
class LuaYieldTest extends StateTestCase {
    @Test
    void whatItIsResumedWithIsTheResult() {
        lua.globals().set("await", arguments -> LuaYield.of("waiting", arguments.get(0)));
        LuaCoroutine co = coroutine("return 'got', await(1)");
        assertEquals(List.of("waiting", 1L), co.resume());
        assertEquals(Status.SUSPENDED, co.status());
        assertEquals(Arrays.asList("got", "a", null), co.resume("a", null));
        assertEquals(Status.DEAD, co.status());
    }

    @Test
    void nothingMayBeYieldedAndResumedWith() {
        lua.globals().set("pause", arguments -> LuaYield.of());
        LuaCoroutine co = coroutine("return select('#', pause(1, 2, 3))");
        assertEquals(List.of(), co.resume());
        assertEquals(List.of(0L), co.resume());
    }

    @Test
    void aContinuationMakesTheResult() {
        lua.globals()
                .set(
                        "ask",
                        arguments -> {
                            String question = arguments.asString();
                            return LuaYield.of(question)
                                    .then(answer -> question + "=" + answer.asString());
                        });
        LuaCoroutine co = coroutine("return ask('a') .. ',' .. ask('b')");
        assertEquals("a", co.resume().asString());
        assertEquals("b", co.resume("1").asString());
        assertEquals("a=1,b=2", co.resume("2").asString());
    }

    @Test
    void aContinuationMayYieldAgain() {
        lua.globals().set("count", arguments -> countdown(arguments.asLong()));
        LuaCoroutine co = coroutine("return count(1000)");
        for (long i = 1000; i > 0; i--) {
            assertEquals(i, co.resume("ignored").asLong());
        }
        assertEquals("done", co.resume().asString());
    }

    private static Object countdown(long n) {
        return n == 0 ? "done" : LuaYield.of(n).then(arguments -> countdown(n - 1));
    }

    @Test
    void aContinuationMayUseTheState() {
        lua.globals()
                .set(
                        "f",
                        arguments ->
                                LuaYield.of(1)
                                        .then(
                                                more ->
                                                        lua.eval("return ... * 2", more.get(0))
                                                                .get(0)));
        LuaCoroutine co = coroutine("return f()");
        co.resume();
        assertEquals(42, co.resume(21).asLong());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 60, 61, 62, 63, 64, 65, 5000})
    void anyNumberOfValuesIsYieldedAndResumedWith(int count) {
        lua.globals().set("pass", arguments -> LuaYield.of(arguments.toArray()));
        lua.globals().set("passThen", arguments -> LuaYield.of(arguments.toArray()).then(a -> a));
        Object[] values = new Object[count];
        Arrays.setAll(values, i -> "value " + i);
        for (String name : new String[] {"pass", "passThen"}) {
            LuaCoroutine co = coroutine("return " + name + "(...)");
            assertEquals(List.of(values), co.resume(values));
            assertEquals(List.of(values), co.resume(values));
        }
    }

    @Test
    void bigValuesAreYielded() {
        String text = "x".repeat(1 << 20);
        lua.globals().set("big", arguments -> LuaYield.of(text).then(more -> more.asString()));
        LuaCoroutine co = coroutine("local s = big() return #s, s");
        assertEquals(text, co.resume().asString());
        assertEquals(List.of(1L << 20, text), co.resume(text));
    }

    @Test
    void outsideOfACoroutineItIsAnError() {
        lua.globals().set("pause", arguments -> LuaYield.of(1).then(more -> 2));
        LuaException e = Raised.by(lua, "pause()");
        assertTrue(
                e.getMessage().endsWith("attempt to yield from outside a coroutine"),
                e.getMessage());
        LuaFunction pause = lua.globals().getFunction("pause");
        assertThrows(LuaException.class, pause::call);
        assertThrows(LuaException.class, pause::callLong);
        assertEquals(false, lua.eval("return (pcall(pause))").asBoolean());
    }

    @Test
    void acrossAJavaFunctionItIsAnError() {
        lua.globals().set("pause", arguments -> LuaYield.of(1));
        lua.globals().set("run", arguments -> lua.eval("return pause()").get(0));
        LuaCoroutine co = coroutine("return run()");
        LuaException e = assertThrows(LuaException.class, co::resume);
        assertTrue(e.getMessage().contains("attempt to yield"), e.getMessage());
        assertEquals(Status.DEAD, co.status());
        LuaCoroutine sorts = coroutine("table.sort({3, 2, 1}, pause)");
        e = assertThrows(LuaException.class, sorts::resume);
        assertTrue(
                e.getMessage().contains("attempt to yield across a C-call boundary"),
                e.getMessage());
    }

    @Test
    void passesThroughPcallMetamethodsAndIterators() {
        lua.globals().set("pause", arguments -> LuaYield.of("paused").then(more -> more));
        lua.globals().set("once", arguments -> LuaYield.of("paused").then(more -> more.get(0)));
        LuaCoroutine co =
                coroutine(
                        """
                        local ok, a = pcall(pause)
                        local b = setmetatable({}, {__index = pause}).x
                        local c = setmetatable({}, {__add = pause}) + 1
                        local d
                        for x in once do d = x break end
                        return ok, a, b, c, d
                        """);
        for (int i = 0; i < 4; i++) {
            assertEquals("paused", co.resume(i).asString());
        }
        assertEquals(List.of(true, 1L, 2L, 3L, 4L), co.resume(4));
    }

    @Test
    void anExceptionInAContinuationIsTheErrorsCause() {
        IOException thrown = new IOException();
        lua.globals()
                .set(
                        "f",
                        arguments ->
                                LuaYield.of(1)
                                        .then(
                                                more -> {
                                                    throw thrown;
                                                }));
        LuaCoroutine co = coroutine("f()");
        co.resume();
        LuaException e = assertThrows(LuaException.class, co::resume);
        assertSame(thrown, e.getCause());
        LuaCoroutine catches = coroutine("return pcall(f)");
        catches.resume();
        assertSame(thrown, catches.resume().get(1));
    }

    @Test
    void valuesWithoutACounterpartAreAnError() {
        Object stranger = new Object();
        lua.globals().set("f", arguments -> LuaYield.of(1, stranger));
        LuaException e = assertThrows(LuaException.class, () -> coroutine("f()").resume());
        assertInstanceOf(IllegalArgumentException.class, e.getCause());
    }

    @Test
    void worksForCoroutinesOfLuasToo() {
        lua.globals().set("pause", arguments -> LuaYield.of(arguments.get(0)).then(more -> more));
        assertEquals(
                List.of(1L, 2L, 3L),
                lua.eval(
                        """
                        local f = coroutine.wrap(function() return pause(pause(1)) end)
                        return f(), f(2), f(3)
                        """));
    }

    @Test
    void aContinuationOfOneThatWasCancelledNeverRuns() throws InterruptedException {
        List<Object> ran = new ArrayList<>();
        lua.globals().set("f", arguments -> LuaYield.of(1).then(ran::add));
        LuaCoroutine co = coroutine("f()");
        co.resume();
        co.cancel();
        assertThrows(LuaException.class, co::resume);
        assertEquals(List.of(), ran);
        int before = lua.state().foreignCount();
        for (int i = 0; i < 1000; i++) {
            coroutine("f()").resume();
        }
        Garbage.assertSoon(
                "continuations that cannot run any more",
                () -> {
                    lua.collectGarbage();
                    return lua.state().foreignCount() <= before;
                });
    }

    @Test
    void tenThousandWaitSideBySide() {
        lua.globals().set("await", arguments -> LuaYield.of().then(more -> more.asLong() + 1));
        LuaFunction body = lua.load("return await() + await()");
        List<LuaCoroutine> all = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            all.add(lua.newCoroutine(body));
            all.get(i).resume();
        }
        for (LuaCoroutine co : all) {
            assertEquals(List.of(), co.resume(1));
        }
        for (int i = 0; i < all.size(); i++) {
            assertEquals(i + 3, all.get(i).resume(i).asLong());
        }
        assertNull(lua.globals().get("nothing"));
    }
}
