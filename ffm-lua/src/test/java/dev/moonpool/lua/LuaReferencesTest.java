package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How long references last, and who can use and close them. */
class LuaReferencesTest {
    private static LuaCoroutine coroutine(Lua lua) {
        return lua.newCoroutine(lua.load("coroutine.yield()"));
    }

    private static LuaUserdata file(Lua lua) {
        return lua.eval("return io.stdout").as(LuaUserdata.class, 0);
    }

    /** All that can be done with references, but for what does not enter the state. */
    static Stream<Consumer<Lua>> usesOfAClosedOne() {
        return Stream.of(
                lua -> closed(lua.newTable()).get("name"),
                lua -> closed(lua.newTable()).get(1),
                lua -> closed(lua.newTable()).get(0.5),
                lua -> closed(lua.newTable()).rawGet("name"),
                lua -> closed(lua.newTable()).getLong("name"),
                lua -> closed(lua.newTable()).getDouble("name"),
                lua -> closed(lua.newTable()).getString("name"),
                lua -> closed(lua.newTable()).set("name", 1),
                lua -> closed(lua.newTable()).set("name", 0.5),
                lua -> closed(lua.newTable()).set("name", "text"),
                lua -> closed(lua.newTable()).set("name", arguments -> 1),
                lua -> closed(lua.newTable()).set(1L, "text"),
                lua -> closed(lua.newTable()).rawSet("name", "text"),
                lua -> closed(lua.newTable()).length(),
                lua -> closed(lua.newTable()).rawLength(),
                lua -> closed(lua.newTable()).forEach((key, value) -> {}),
                lua -> closed(lua.newTable()).metatable(),
                lua -> closed(lua.newTable()).setMetatable(null),
                lua -> closed(lua.newTable()).toLuaString(),
                lua -> lua.newTable().setMetatable(closed(lua.newTable())),
                lua -> lua.newTable().set("name", closed(lua.newTable())),
                lua -> lua.newTable().set(closed(lua.newTable()), 1),
                lua -> lua.newTable().get(closed(lua.newTable())),
                lua -> lua.eval("", 1, closed(lua.newTable())),
                lua -> lua.load(LuaChunk.of("").in(closed(lua.newTable()))),
                lua -> closed(lua.load("")).call(),
                lua -> closed(lua.load("")).call("text"),
                lua -> closed(lua.load("")).callLong(),
                lua -> closed(lua.load("")).callLong(1),
                lua -> closed(lua.load("")).callLong(1, 2),
                lua -> closed(lua.load("")).callLong(1, 2, 3),
                lua -> closed(lua.load("")).callDouble(),
                lua -> closed(lua.load("")).callDouble(1),
                lua -> closed(lua.load("")).callDouble(1, 2),
                lua -> closed(lua.load("")).callDouble(1, 2, 3),
                lua -> closed(lua.load("")).callString("text"),
                lua -> closed(lua.load("")).dump(true),
                lua -> closed(lua.function(arguments -> 1)).call(),
                lua -> lua.newCoroutine(closed(lua.load(""))),
                lua -> closed(coroutine(lua)).resume(),
                lua -> closed(coroutine(lua)).status(),
                lua -> closed(coroutine(lua)).cancel(),
                lua -> closed(file(lua)).toLuaString());
    }

    private static <T extends LuaReference> T closed(T reference) {
        assertFalse(reference.isClosed());
        reference.close();
        reference.close();
        assertTrue(reference.isClosed());
        return reference;
    }

    @ParameterizedTest
    @MethodSource("usesOfAClosedOne")
    void oneThatIsClosedCannotBeUsed(Consumer<Lua> use) {
        try (Lua lua = Lua.create()) {
            var e = assertThrows(IllegalStateException.class, () -> use.accept(lua));
            assertTrue(
                    String.valueOf(e.getMessage()).startsWith("handle is closed: "), e::toString);
            Raised.assertWorks(lua);
        }
    }

    /** All that can be done with references, given one of each type. */
    private static List<Runnable> uses(Lua lua) {
        LuaTable t = lua.newTable();
        LuaFunction f = lua.load("return 1");
        LuaCoroutine co = coroutine(lua);
        LuaUserdata file = file(lua);
        LuaType<Object> type = LuaType.builder(Object.class).build();
        lua.register(type);
        assertEquals(lua.globals(), lua.globals());
        return List.of(
                () -> t.get("name"),
                () -> t.get(1),
                () -> t.getLong("name"),
                () -> t.getDouble("name"),
                () -> t.set("name", 1),
                () -> t.set("name", 0.5),
                () -> t.set("name", "text"),
                () -> t.set("ä", 1),
                t::length,
                () -> t.forEach((key, value) -> {}),
                t::metatable,
                () -> t.setMetatable(null),
                t::toLuaString,
                f::call,
                f::callLong,
                () -> f.callLong(1),
                () -> f.callLong(1, 2),
                () -> f.callLong(1, 2, 3),
                f::callDouble,
                () -> f.callDouble(1),
                () -> f.callDouble(1, 2),
                () -> f.callDouble(1, 2, 3),
                () -> f.callString("text"),
                () -> f.callString("x".repeat(100_000)),
                () -> f.dump(false),
                co::resume,
                co::status,
                co::cancel,
                file::toLuaString,
                () -> lua.newCoroutine(f),
                () -> lua.function(arguments -> 1),
                () -> lua.longFunction(a -> a),
                lua::newTable,
                () -> lua.load("return 1"),
                lua::globals,
                () -> lua.register(type),
                () -> lua.wrap(new Object(), type),
                lua::collectGarbage,
                lua::detach,
                lua::statistics,
                lua::freeSpace);
    }

    @Test
    void noneCanBeUsedWhenItsStateIsClosed() {
        Lua lua = Lua.create();
        List<Runnable> uses = uses(lua);
        lua.close();
        for (Runnable use : uses) {
            var e = assertThrows(IllegalStateException.class, use::run);
            assertEquals("state is closed", e.getMessage());
        }
        var e = assertThrows(IllegalStateException.class, lua::attach);
        assertEquals("state is closed", e.getMessage());
    }

    @Test
    void noneCanBeUsedByAnotherThread() throws InterruptedException {
        try (Lua lua = Lua.create()) {
            List<Runnable> all = new ArrayList<>(uses(lua));
            all.add(lua::attach);
            all.add(lua::close);
            List<Throwable> thrown = new ArrayList<>();
            Thread.ofPlatform()
                    .start(
                            () -> {
                                for (Runnable use : all) {
                                    try {
                                        use.run();
                                    } catch (Throwable e) {
                                        thrown.add(e);
                                    }
                                }
                            })
                    .join();
            assertEquals(all.size(), thrown.size());
            for (Throwable e : thrown) {
                assertEquals(WrongThreadException.class, e.getClass(), e::toString);
            }
            Raised.assertWorks(lua);
        }
    }

    @Test
    void whatDoesNotEnterTheStateWorksEvenThen() {
        Lua lua = Lua.create();
        LuaTable t = lua.newTable();
        LuaTable same = lua.eval("return ...", t).asTable();
        String shown = t.toString();
        lua.close();
        assertEquals(shown, t.toString());
        assertEquals("table", t.typeName());
        assertEquals(lua, t.lua());
        assertEquals(same, t);
        assertEquals(same.hashCode(), t.hashCode());
        t.close();
        assertTrue(t.isClosed());
    }

    @Test
    void anotherStatesIsRefusedEverywhere() {
        try (Lua lua = Lua.create();
                Lua other = Lua.create()) {
            LuaTable t = lua.newTable();
            LuaTable stranger = other.newTable();
            LuaFunction strange = other.load("return 1");
            List<Runnable> uses =
                    List.of(
                            () -> lua.eval("", stranger),
                            () -> lua.load("").call(1, stranger),
                            () -> t.set("name", stranger),
                            () -> t.set(stranger, 1),
                            () -> t.get(stranger),
                            () -> t.rawGet(stranger),
                            () -> t.setMetatable(stranger),
                            () -> lua.newCoroutine(strange),
                            () -> coroutine(lua).resume(strange),
                            () -> lua.load(LuaChunk.of("").in(stranger)));
            for (Runnable use : uses) {
                var e = assertThrows(IllegalArgumentException.class, use::run);
                assertTrue(
                        String.valueOf(e.getMessage()).startsWith("value is another state's: "),
                        e::toString);
            }
            assertNotEquals(t, stranger);
            Raised.assertWorks(lua);
            Raised.assertWorks(other);
        }
    }

    @Test
    void closingLetsGoOfTheObjectAtOnce() {
        try (Lua lua = Lua.create()) {
            LuaTable t =
                    lua.eval("t = {} alive = setmetatable({t}, {__mode = 'v'}) return t").asTable();
            lua.eval("t = nil");
            lua.collectGarbage();
            assertEquals(1, lua.eval("return #alive").asLong());
            t.close();
            lua.collectGarbage();
            assertEquals(0, lua.eval("return #alive").asLong());
        }
    }

    @Test
    void anotherThreadMayCloseOne() throws InterruptedException {
        try (Lua lua = Lua.create()) {
            LuaTable t =
                    lua.eval("local t = {} alive = setmetatable({t}, {__mode = 'v'}) return t")
                            .asTable();
            Thread.ofPlatform().start(t::close).join();
            assertTrue(t.isClosed());
            assertThrows(IllegalStateException.class, t::length);
            lua.collectGarbage();
            assertEquals(0, lua.eval("return #alive").asLong());
        }
    }

    @Test
    void closingOneOfTwoLeavesTheOther() {
        try (Lua lua = Lua.create()) {
            LuaTable first = lua.newTable();
            first.set("name", 1);
            LuaTable second = lua.eval("return ...", first).asTable();
            assertEquals(first, second);
            first.close();
            lua.collectGarbage();
            assertEquals(1, second.getLong("name"));
        }
    }

    @Test
    void thoseThatJavaForgetsAreLetGo() throws InterruptedException {
        try (Lua lua = Lua.create()) {
            lua.eval("alive = setmetatable({}, {__mode = 'k'})");
            LuaFunction make =
                    lua.load(
                            """
                            local t, co = {}, coroutine.create(print)
                            local function f() return t end
                            alive[t], alive[co], alive[f] = true, true, true
                            return t, co, f
                            """);
            for (int i = 0; i < 1000; i++) {
                assertEquals(3, make.call().size());
            }
            Garbage.assertCollected(lua, "return next(alive) == nil");
        }
    }

    @Test
    void thoseThatJavaHoldsAreNot() throws InterruptedException {
        try (Lua lua = Lua.create()) {
            lua.eval("alive = setmetatable({}, {__mode = 'v'})");
            List<LuaTable> held = new ArrayList<>();
            LuaFunction make = lua.load("local t = {n = ...} alive[...] = t return t");
            for (int i = 1; i <= 500; i++) {
                held.add(make.call(i).asTable());
            }
            make.call(501); // forgotten
            Garbage.assertCollected(lua, "return alive[501] == nil");
            assertEquals(500, lua.eval("return #alive").asLong());
            for (int i = 1; i <= 500; i++) {
                assertEquals(i, held.get(i - 1).getLong("n"));
            }
        }
    }

    @Test
    void aHundredThousandComeAndGo() {
        try (Lua lua = Lua.create()) {
            LuaFunction make = lua.load("return {}");
            for (int i = 0; i < 100_000; i++) {
                make.call().asTable().close();
            }
            lua.collectGarbage();
            assertTrue(lua.statistics().liveBytes() < 200_000, () -> lua.statistics().toString());
        }
    }

    /** A race of the one that uses a reference with one that closes it has clean ends only. */
    @Test
    void closingWhileTheyAreUsedDoesNoHarm() throws InterruptedException {
        try (Lua lua = States.unlimited()) {
            LuaFunction make = lua.load("local t = {n = 7} return t, function() return 7 end");
            AtomicReference<@Nullable LuaValues> current = new AtomicReference<>();
            CountDownLatch started = new CountDownLatch(1);
            Thread closer =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        started.countDown();
                                        while (!Thread.interrupted()) {
                                            LuaValues values = current.getAndSet(null);
                                            if (values != null) {
                                                values.asTable().close();
                                                values.asFunction(1).close();
                                            }
                                        }
                                    });
            started.await();
            int used = 0;
            for (int i = 0; i < 20_000; i++) {
                LuaValues values = make.call();
                LuaTable t = values.asTable();
                LuaFunction f = values.asFunction(1);
                current.set(values);
                try {
                    assertEquals(7, t.getLong("n"));
                    assertEquals(7, f.callLong());
                    assertEquals(1, lua.eval("return ...", t).size());
                    used++;
                } catch (IllegalStateException | LuaException closed) {
                    assertTrue(t.isClosed() || f.isClosed(), closed::toString);
                }
            }
            closer.interrupt();
            closer.join();
            assertTrue(used >= 0);
            Raised.assertWorks(lua);
        }
    }

    /** As above: what a chunk has for global variables is its table, or nothing. */
    @Test
    void closingAnEnvironmentWhileItIsLoadedDoesNoHarm() throws InterruptedException {
        try (Lua lua = States.unlimited()) {
            LuaChunk chunk = LuaChunk.of("x = 1 return x");
            AtomicReference<@Nullable LuaTable> current = new AtomicReference<>();
            Thread closer =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        while (!Thread.interrupted()) {
                                            LuaTable environment = current.getAndSet(null);
                                            if (environment != null) {
                                                environment.close();
                                            }
                                        }
                                    });
            for (int i = 0; i < 200_000; i++) {
                LuaTable environment = lua.newTable();
                current.set(environment);
                try (LuaFunction function = lua.load(chunk.in(environment))) {
                    assertEquals(1, function.callLong());
                } catch (IllegalStateException closed) {
                    assertTrue(environment.isClosed(), closed::toString);
                }
            }
            closer.interrupt();
            closer.join();
            assertEquals("nil", lua.eval("return type(x)").asString());
        }
    }
}
