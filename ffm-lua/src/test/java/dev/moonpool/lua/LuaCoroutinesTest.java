package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.moonpool.lua.LuaCoroutine.Status;
import dev.moonpool.lua.LuaException.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Coroutines that Java makes, resumes, asks and cancels. */
class LuaCoroutinesTest extends StateTestCase {
    @Test
    void valuesGoInAndComeOutWithEachResume() {
        LuaCoroutine co =
                coroutine(
                        """
                        local a, b = ...
                        local c = coroutine.yield(a + b)
                        local d, e = coroutine.yield(c, c)
                        return 'end', d, e
                        """);
        assertEquals(Status.SUSPENDED, co.status());
        assertEquals(List.of(3L), co.resume(1, 2));
        assertEquals(Status.SUSPENDED, co.status());
        assertEquals(List.of("x", "x"), co.resume("x"));
        assertEquals(Arrays.asList("end", null, 0.5), co.resume(null, 0.5));
        assertEquals(Status.DEAD, co.status());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 64, 5000, 50_000})
    void anyNumberOfValuesPasses(int count) {
        LuaCoroutine co =
                coroutine("local function go(...) return go(coroutine.yield(...)) end go(...)");
        @Nullable Object[] values = new @Nullable Object[count];
        Arrays.setAll(values, i -> "value " + i);
        for (int i = 0; i < 3; i++) {
            assertEquals(Arrays.asList(values), co.resume(values));
        }
        @Nullable Object[] nothing = new @Nullable Object[count];
        assertEquals(Collections.nCopies(count, null), co.resume(nothing));
    }

    @Test
    void oneThatIsDeadCannotBeResumed() {
        LuaCoroutine co = coroutine("return 1");
        co.resume();
        for (int i = 0; i < 2; i++) {
            LuaException e = assertThrows(LuaException.class, co::resume);
            assertTrue(
                    e.getMessage().endsWith("cannot resume a coroutine that is not suspended"),
                    e.getMessage());
            assertEquals(Status.DEAD, co.status());
        }
    }

    @Test
    void anErrorEndsItAndIsTold() {
        LuaCoroutine co =
                coroutine(
                        """
                        local function inner() error({code = coroutine.yield()}) end
                        inner()
                        """);
        co.resume();
        LuaException e = assertThrows(LuaException.class, () -> co.resume(7));
        assertEquals(Kind.RUNTIME, e.kind());
        assertEquals(7, assertInstanceOf(LuaTable.class, e.value()).getLong("code"));
        assertTrue(e.traceback().orElseThrow().contains("'inner'"), e.traceback().toString());
        assertEquals(Status.DEAD, co.status());
        assertThrows(LuaException.class, co::resume);
    }

    @Test
    void anExceptionOfJavasIsTheCauseOfItsError() {
        IOException thrown = new IOException("reason");
        lua.globals()
                .set(
                        "fail",
                        arguments -> {
                            throw thrown;
                        });
        LuaCoroutine co = coroutine("coroutine.yield(1) fail()");
        co.resume();
        LuaException e = assertThrows(LuaException.class, co::resume);
        assertSame(thrown, e.getCause());
        assertSame(thrown, e.value());
    }

    @Test
    void anErrorClosesWhatIsToBeClosed() {
        LuaCoroutine co =
                coroutine(
                        """
                        local c <close> = setmetatable({}, {__close = function(_, e) closed = e end})
                        error('reason', 0)
                        """);
        assertThrows(LuaException.class, co::resume);
        assertEquals("reason", lua.globals().getString("closed"));
    }

    @Test
    void cancellingClosesWhatIsToBeClosed() {
        LuaCoroutine co =
                coroutine(
                        """
                        local c <close> = setmetatable({}, {__close = function() closed = true end})
                        coroutine.yield()
                        notReached = true
                        """);
        co.resume();
        co.cancel();
        assertEquals(Status.DEAD, co.status());
        assertEquals(true, lua.globals().get("closed"));
        assertEquals(null, lua.globals().get("notReached"));
        co.cancel();
        assertThrows(LuaException.class, co::resume);
    }

    @Test
    void oneThatHasNotBegunCanBeCancelled() {
        LuaCoroutine co = coroutine("ran = true");
        co.cancel();
        assertEquals(Status.DEAD, co.status());
        assertThrows(LuaException.class, co::resume);
        assertEquals(null, lua.globals().get("ran"));
    }

    @Test
    void anErrorWhileItIsCancelledIsAnException() {
        LuaCoroutine co =
                coroutine(
                        """
                        local c <close> = setmetatable({}, {__close = function() error('in close', 0) end})
                        coroutine.yield()
                        """);
        co.resume();
        LuaException e = assertThrows(LuaException.class, co::cancel);
        assertEquals("in close", e.getMessage());
        assertEquals(Status.DEAD, co.status());
    }

    @Test
    void statusTellsWhoRunsAndWhoWaits() {
        List<Status> seen = new ArrayList<>();
        LuaCoroutine[] both = new LuaCoroutine[2];
        lua.globals()
                .set(
                        "look",
                        arguments -> {
                            seen.add(both[0].status());
                            seen.add(both[1].status());
                            return null;
                        });
        lua.globals().set("inner", arguments -> both[1].resume());
        both[0] = coroutine("look() inner() look()");
        both[1] = coroutine("look()");
        both[0].resume();
        assertEquals(
                List.of(
                        Status.RUNNING, Status.SUSPENDED,
                        Status.NORMAL, Status.RUNNING,
                        Status.RUNNING, Status.DEAD),
                seen);
    }

    @Test
    void oneThatRunsCanNeitherBeResumedNorCancelled() {
        LuaCoroutine[] co = new LuaCoroutine[1];
        lua.globals()
                .set(
                        "f",
                        arguments -> {
                            LuaException e = assertThrows(LuaException.class, () -> co[0].resume());
                            assertTrue(e.getMessage().contains("not suspended"), e.getMessage());
                            e = assertThrows(LuaException.class, () -> co[0].cancel());
                            assertTrue(e.getMessage().contains("running"), e.getMessage());
                            return 1;
                        });
        lua.globals().set("within", arguments -> coroutine("return f()").resume().get(0));
        co[0] = coroutine("return f()");
        assertEquals(1, co[0].resume().asLong());
        lua.globals()
                .set(
                        "f",
                        arguments -> {
                            assertThrows(LuaException.class, () -> co[0].resume());
                            LuaException e = assertThrows(LuaException.class, () -> co[0].cancel());
                            assertTrue(e.getMessage().contains("normal"), e.getMessage());
                            return 2;
                        });
        co[0] = coroutine("return within()");
        assertEquals(2, co[0].resume().asLong());
    }

    @Test
    void theMainThreadIsNoCoroutineThatCanBeResumed() {
        LuaCoroutine main = lua.eval("return coroutine.running()").as(LuaCoroutine.class, 0);
        assertEquals(Status.RUNNING, main.status());
        assertThrows(LuaException.class, main::resume);
        assertThrows(LuaException.class, main::cancel);
        lua.globals()
                .set(
                        "f",
                        arguments -> {
                            assertEquals(Status.NORMAL, main.status());
                            assertThrows(LuaException.class, main::resume);
                            assertThrows(LuaException.class, main::cancel);
                            return null;
                        });
        coroutine("f()").resume();
    }

    @Test
    void oneThatLuaMadeIsResumedByJavaAndTheOtherWayRound() {
        LuaCoroutine co =
                lua.eval(
                                """
                                co = coroutine.create(function() coroutine.yield(1) return 2 end)
                                return co
                                """)
                        .as(LuaCoroutine.class, 0);
        assertEquals(1, co.resume().asLong());
        assertEquals(List.of(true, 2L), lua.eval("return coroutine.resume(co)"));
        assertEquals(Status.DEAD, co.status());
        LuaCoroutine mine = coroutine("coroutine.yield(1) return 2");
        assertEquals(List.of(true, 1L), lua.eval("return coroutine.resume(...)", mine));
        assertEquals(2, mine.resume().asLong());
    }

    @Test
    void itsReferenceMayBeClosedWhileItRuns() {
        LuaCoroutine[] co = new LuaCoroutine[1];
        lua.globals()
                .set(
                        "drop",
                        arguments -> {
                            co[0].close();
                            lua.collectGarbage();
                            LuaFunction collect =
                                    lua.load(
                                            """
                                            collectgarbage()
                                            local t = {} for i = 1, 1000 do t[i] = {i} end
                                            collectgarbage()
                                            """);
                            lua.newCoroutine(collect).resume(); // Lua marks the one that runs
                            return arguments.get(0);
                        });
        for (int i = 0; i < 100; i++) {
            co[0] = coroutine("local t = {7} local n = drop(8) return t[1], n, #('x'):rep(100)");
            assertEquals(List.of(7L, 8L, 100L), co[0].resume());
            co[0] =
                    coroutine(
                            """
                            local c <close> = setmetatable({}, {__close = drop})
                            local t = {7}
                            error(t)
                            """);
            assertThrows(LuaException.class, () -> co[0].resume());
            co[0] =
                    coroutine(
                            """
                            local c <close> = setmetatable({}, {__close = drop})
                            coroutine.yield()
                            """);
            co[0].resume();
            co[0].cancel();
        }
    }

    @Test
    void tenThousandRunSideBySide() {
        LuaFunction body =
                lua.load("local n = ... for i = 1, 3 do n = n + coroutine.yield(n) end return n");
        List<LuaCoroutine> all = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            all.add(lua.newCoroutine(body));
            assertEquals(i, all.get(i).resume(i).asLong());
        }
        for (int round = 1; round <= 3; round++) {
            for (int i = 0; i < all.size(); i++) {
                assertEquals(i + round, all.get(i).resume(1).asLong());
            }
        }
        assertTrue(all.stream().allMatch(co -> co.status() == Status.DEAD));
    }

    @Test
    void thoseThatAreForgottenCostNothing() throws InterruptedException {
        lua.eval("alive = setmetatable({}, {__mode = 'k'})");
        LuaFunction body = lua.load("alive[coroutine.running()] = true coroutine.yield()");
        for (int i = 0; i < 1000; i++) {
            lua.newCoroutine(body).resume();
        }
        Garbage.assertCollected(lua, "return next(alive) == nil");
    }

    @Test
    void aResultThatTheStateHasNoMemoryForIsAnError() {
        try (Lua small = Lua.builder().maxMemory(1 << 20).build()) {
            LuaCoroutine co = small.newCoroutine(small.load("return ('x'):rep(1 << 20)"));
            assertEquals(Kind.MEMORY, assertThrows(LuaException.class, co::resume).kind());
            assertEquals(Status.DEAD, co.status());
            Raised.assertWorks(small);
        }
    }

    @Test
    void onesThatResumeEachOtherWithoutEndAreAnError() {
        lua.globals().set("deeper", arguments -> coroutine("return deeper()").resume());
        LuaException e = Raised.by(lua, "deeper()");
        assertTrue(e.getMessage().contains("stack overflow"), e.getMessage());
    }
}
