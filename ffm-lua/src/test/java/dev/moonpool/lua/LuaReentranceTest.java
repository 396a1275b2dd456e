package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A state is used by the Java functions that it calls, and by nothing else while it runs. */
class LuaReentranceTest {

    @Test
    void aJavaFunctionMayDoAllThatItsStateCan() throws Exception {
        try (Lua lua = States.unlimited()) {
            LuaTable t = lua.newTable();
            lua.globals()
                    .set(
                            "f",
                            arguments -> {
                                lua.eval("x = 1");
                                t.set("name", 1);
                                t.set("text", "x".repeat(100_000));
                                t.forEach((key, value) -> assertTrue(t.get(key) != null));
                                assertEquals(0, t.length());
                                LuaFunction g = lua.load("return ...");
                                assertEquals(3, g.callLong(3));
                                assertEquals("x".repeat(2000), g.callString("x".repeat(2000)));
                                LuaCoroutine co = lua.newCoroutine(lua.load("return 5"));
                                assertEquals(5, co.resume().asLong());
                                lua.function(more -> 1).callLong();
                                lua.collectGarbage();
                                assertTrue(lua.statistics().liveBytes() > 0);
                                assertThrows(LuaException.class, () -> lua.eval("error()"));
                                assertThrows(LuaException.class, () -> lua.eval("x ="));
                                lua.attach(); // it owns the state already
                                return arguments.asLong() + 1;
                            });
            assertEquals(List.of(2L, 3L), lua.eval("return f(1), f(2)"));
            assertEquals(42, lua.load("return f(...)").callLong(41));
        }
    }

    @Test
    void aJavaFunctionCannotCloseOrHandOverItsState() {
        try (Lua lua = States.unlimited()) {
            lua.globals().set("close", arguments -> attempted(lua::close));
            lua.globals().set("detach", arguments -> attempted(lua::detach));
            assertEquals(
                    "state is running, and cannot be closed",
                    lua.eval("return close()").asString());
            assertEquals(
                    "state is running, and cannot be handed over",
                    lua.eval("return detach()").asString());
            assertEquals(
                    "state is running, and cannot be closed",
                    lua.eval("return coroutine.wrap(close)()").asString());
            Raised.assertWorks(lua);
        }
    }

    private static String attempted(Runnable attempt) {
        return String.valueOf(assertThrows(IllegalStateException.class, attempt::run).getMessage());
    }

    @Test
    void aFinalizerCannotUseTheStateThatIsBeingClosed() {
        List<Throwable> thrown = new ArrayList<>();
        Lua lua = States.unlimited();
        LuaTable t = lua.newTable();
        LuaFunction print = lua.globals().getFunction("print");
        lua.globals()
                .set(
                        "finalize",
                        arguments -> {
                            for (Runnable use :
                                    List.<Runnable>of(
                                            () -> lua.eval("x = 1"),
                                            () -> t.get("x"),
                                            () -> t.set("x", 1),
                                            t::length,
                                            print::call,
                                            lua::collectGarbage,
                                            lua::close,
                                            lua::detach,
                                            lua::newTable)) {
                                try {
                                    use.run();
                                } catch (IllegalStateException e) {
                                    thrown.add(e);
                                }
                            }
                            throw new IllegalStateException("as finalizers do");
                        });
        lua.eval("for i = 1, 3 do setmetatable({}, {__gc = finalize}) end");
        lua.close();
        assertEquals(3 * 9, thrown.size());
        assertEquals(
                "state is being closed, and cannot be entered", thrown.getFirst().getMessage());
        assertThrows(IllegalStateException.class, () -> lua.eval("return 1"));
    }

    @Test
    void recursionBetweenJavaAndLuaWithoutEndIsAnException() {
        try (Lua lua = States.unlimited()) {
            LuaFunction f = lua.eval("function f() return g() end return f").asFunction();
            int[] depth = new int[1];
            lua.globals()
                    .set(
                            "g",
                            arguments -> {
                                depth[0]++;
                                return f.call();
                            });
            for (int i = 0; i < 3; i++) {
                LuaException e = assertThrows(LuaException.class, f::call);
                assertTrue(e.getMessage().contains("stack overflow"), e.getMessage());
                Raised.assertWorks(lua);
            }
            assertTrue(depth[0] > 30, () -> "depth=" + depth[0]);
        }
    }

    /** The same where each call is caught, which leaves the rest of the stack to be used up. */
    @Test
    void recursionThatCatchesItsErrorsEndsToo() {
        try (Lua lua = States.unlimited()) {
            LuaFunction f =
                    lua.eval(
                                    "function f(n) local ok, m = pcall(g, n) return ok and m or n end return f")
                            .asFunction();
            lua.globals().set("g", arguments -> f.callLong(arguments.asLong() + 1));
            assertTrue(f.callLong(0) > 10);
            Raised.assertWorks(lua);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "return g()",
                "return coroutine.wrap(g)()",
                "return select(2, pcall(g))",
                "return (('x'):gsub('x', g))",
                "return setmetatable({}, {__index = g}).x",
                "return load(g)",
                "local t <close> = setmetatable({}, {__close = g})",
            })
    void recursionOfAnyKindEndsOnAThreadOfAnySize(String source) throws InterruptedException {
        for (long stackByteSize : new long[] {1 << 20, 2 << 20, 8 << 20, 64 << 20}) {
            AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
            Thread thread =
                    new Thread(
                            null,
                            () -> {
                                try (Lua lua = States.unlimited()) {
                                    lua.globals().set("g", arguments -> lua.eval(source));
                                    try {
                                        lua.eval(source);
                                    } catch (LuaException expected) {
                                        assertTrue(expected.kind() != LuaException.Kind.SYNTAX);
                                    }
                                    Raised.assertWorks(lua);
                                } catch (Throwable e) {
                                    failure.set(e);
                                }
                            },
                            "recursion",
                            stackByteSize);
            thread.start();
            thread.join();
            Throwable e = failure.get();
            if (e != null) {
                throw new AssertionError("stackByteSize=" + stackByteSize, e);
            }
        }
    }

    @Test
    void twoStatesMayCallEachOther() {
        try (Lua a = States.unlimited();
                Lua b = States.unlimited()) {
            a.globals()
                    .set("other", arguments -> b.eval("return down(...)", arguments.get(0)).get(0));
            b.globals()
                    .set("other", arguments -> a.eval("return down(...)", arguments.get(0)).get(0));
            String down =
                    "function down(n) if n == 0 then return 'end' end return other(n - 1) end";
            a.eval(down);
            b.eval(down);
            assertEquals("end", a.eval("return down(20)").asString());
            LuaException e = Raised.by(a, "down(1e6)");
            assertTrue(e.toString().contains("stack overflow"), e.toString());
            Raised.assertWorks(a);
            Raised.assertWorks(b);
        }
    }

    @Test
    void afterAJavaFunctionTheAllocatorStillCannotEnter() {
        AtomicReference<@Nullable Lua> entered = new AtomicReference<>();
        List<Throwable> thrown = new ArrayList<>();
        int[] asked = new int[1];
        LongPredicate callsAndRefusesNothing =
                request -> {
                    Lua lua = entered.get();
                    if (lua != null) {
                        asked[0]++;
                        try {
                            lua.eval("return 1");
                        } catch (IllegalStateException e) {
                            thrown.add(e);
                        }
                    }
                    return false;
                };
        try (Lua lua = FaultyAllocator.builder(callsAndRefusesNothing).build()) {
            String text = "x".repeat(200_000);
            lua.globals().set("take", arguments -> LuaValues.of(arguments.size(), text));
            entered.set(lua);
            LuaValues results =
                    lua.eval(
                            """
                            local t = {}
                            for i = 1, 9 do
                                t[i] = {take(), take({}, {}), {}}
                                for j = 1, 9000 do t[i][j] = {} end
                                take(table.unpack(t[i])) -- handles that do not fit into one frame
                            end
                            return #t
                            """);
            entered.set(null);
            assertEquals(9, results.asLong());
            Raised.assertWorks(lua);
        }
        assertFalse(thrown.isEmpty());
        assertEquals(asked[0], thrown.size(), "whoever asked was let in");
        for (Throwable e : thrown) {
            assertInstanceOf(IllegalStateException.class, e);
            assertEquals("state is running already, and cannot be entered again", e.getMessage());
        }
    }

    @Test
    void anotherThreadCannotEnterWhileAJavaFunctionRuns() throws Exception {
        try (Lua lua = States.unlimited()) {
            lua.globals()
                    .set(
                            "f",
                            arguments -> {
                                AtomicReference<@Nullable Throwable> thrown =
                                        new AtomicReference<>();
                                Thread other =
                                        Thread.ofPlatform()
                                                .start(
                                                        () -> {
                                                            try {
                                                                lua.eval("return 1");
                                                            } catch (WrongThreadException e) {
                                                                thrown.set(e);
                                                            }
                                                        });
                                other.join();
                                return thrown.get() != null;
                            });
            assertTrue(lua.eval("return f()").asBoolean());
        }
    }
}
