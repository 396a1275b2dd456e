package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.LongBinaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Interfaces of Java's that tables and functions in Lua implement. */
class LuaImplementationTest {
    private final Lua lua = Lua.create();

    @AfterEach
    void close() {
        lua.close();
    }

    /** What a plug-in is. */
    public interface Plugin {
        String name();

        long add(long a, int b);

        @Nullable Object any(Object... values);

        TimeUnit unit(TimeUnit unit);

        void load(String file) throws IOException;

        LuaValues several();

        default String greeting() {
            return "hello " + name();
        }
    }

    private Plugin plugin(String table) {
        return lua.implement(Plugin.class, lua.eval("return " + table).asTable());
    }

    @Test
    void methodsCallTheFunctionsOfATable() {
        Plugin plugin =
                plugin(
                        """
                        {
                          title = 'chess',
                          name = function(self) return self.title end,
                          add = function(self, a, b) return a + b end,
                          any = function(self, ...) return select('#', ...) end,
                          unit = function(self, unit) return unit == 'DAYS' and 'HOURS' or 'DAYS' end,
                          load = function(self, file) self.title = file end,
                          several = function() return 1, 2 end,
                        }
                        """);
        assertEquals("chess", plugin.name());
        assertEquals(5, plugin.add(2, 3));
        assertEquals(3L, plugin.any(1, "2", true));
        assertEquals(TimeUnit.HOURS, plugin.unit(TimeUnit.DAYS));
        assertEquals(LuaValues.of(1L, 2L), plugin.several());
        assertEquals("hello chess", plugin.greeting());
        assertTrue(assertThrowsNothing(() -> plugin.load("go")));
        assertEquals("go", plugin.name());
    }

    private static boolean assertThrowsNothing(Action action) {
        try {
            action.run();
            return true;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @FunctionalInterface
    private interface Action {
        void run() throws Exception;
    }

    @Test
    void aTableOverridesDefaultMethods() {
        assertEquals("hi", plugin("{greeting = function() return 'hi' end}").greeting());
    }

    @Test
    void methodsAreFoundThroughMetatables() {
        Plugin plugin =
                plugin("setmetatable({}, {__index = {name = function() return 'class' end}})");
        assertEquals("class", plugin.name());
    }

    @Test
    void methodsThatAreMissingAreNotSupported() {
        UnsupportedOperationException e =
                assertThrows(UnsupportedOperationException.class, () -> plugin("{}").name());
        assertEquals("no function: Plugin.name in Lua", e.getMessage());
        assertThrows(ClassCastException.class, () -> plugin("{name = 5}").name());
    }

    @Test
    void resultsThatDoNotFitAreSaidClearly() {
        ClassCastException e =
                assertThrows(
                        ClassCastException.class,
                        () -> plugin("{add = function() return 'x' end}").add(1, 2));
        assertEquals(
                "Plugin.add in Lua returned what is no integer: type=string, value=x",
                e.getMessage());
        assertNull(e.getCause()); // whoever unwraps exceptions must find none of ours
        assertThrows(ClassCastException.class, () -> plugin("{add = function() end}").add(1, 2));
    }

    @Test
    void aFunctionIsAFunctionalInterface() throws Exception {
        LongBinaryOperator times =
                lua.implement(LongBinaryOperator.class, lua.load("local a, b = ... return a * b"));
        assertEquals(42, times.applyAsLong(6, 7));
        Callable<?> callable = lua.implement(Callable.class, lua.load("return 'called'"));
        assertEquals("called", callable.call());
        boolean[] ran = {false};
        lua.globals().set("mark", arguments -> ran[0] = true);
        lua.implement(Runnable.class, lua.load("mark()")).run();
        assertTrue(ran[0]);
    }

    @Test
    @SuppressWarnings("unchecked")
    void aFunctionDoesNotTakeTheDefaultMethods() {
        Comparator<Object> comparator =
                lua.implement(Comparator.class, lua.load("local a, b = ... return a - b"));
        assertEquals(List.of(3, 2, 1), Stream.of(2, 3, 1).sorted(comparator.reversed()).toList());
    }

    /** An interface that nobody else sees. */
    private interface Hidden {
        String name();

        default String greeting(String... others) throws IOException {
            if (others.length == 0) {
                throw new IOException("nobody");
            }
            return name() + " and " + String.join(", ", others);
        }
    }

    @Test
    void defaultMethodsOfAnInterfaceThatIsNotPublicAreCalled() throws IOException {
        Hidden moon =
                lua.implement(
                        Hidden.class,
                        lua.eval("return {name = function() return 'moon' end}").asTable());
        assertEquals("moon and sun, stars", moon.greeting("sun", "stars"));
        assertThrows(IOException.class, moon::greeting);
    }

    @Test
    void aDefaultMethodThatCannotBeCalledIsNotSupportedUnlessLuaHasIt() throws Exception {
        Class<?> closed = Class.forName("java.util.stream.Sink");
        Method begin = closed.getMethod("begin", long.class);
        LuaTable table = lua.eval("return {accept = function() end}").asTable();
        InvocationHandler sink = Proxy.getInvocationHandler(lua.implement(closed, table));
        var e =
                assertThrows(
                        UnsupportedOperationException.class,
                        () -> sink.invoke(sink, begin, new Object[] {1L}));
        String start =
                "default method cannot be called; make its interface public and export its package,"
                        + " or open that to module dev.moonpool.lua: method=";
        assertTrue(String.valueOf(e.getMessage()).startsWith(start), e.getMessage());
        lua.globals().set("sink", table);
        lua.eval("function sink.begin(self, size) began = size end");
        assertDoesNotThrow(() -> sink.invoke(sink, begin, new Object[] {7L}));
        assertEquals(7, lua.globals().getLong("began"));
    }

    @Test
    void whatCannotBeImplementedIsRefused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> lua.implement(Plugin.class, lua.load("return 1")));
        assertThrows(
                IllegalArgumentException.class, () -> lua.implement(String.class, lua.newTable()));
        try (Lua other = Lua.create()) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> lua.implement(Runnable.class, other.newTable()));
        }
    }

    @Test
    void objectMethodsAreSensible() {
        LuaTable table = lua.newTable();
        Plugin one = lua.implement(Plugin.class, table);
        Plugin other = lua.implement(Plugin.class, table);
        assertEquals(one, other);
        assertEquals(one.hashCode(), other.hashCode());
        assertNotEquals(one, lua.implement(Plugin.class, lua.newTable()));
        assertNotEquals(one, lua.implement(Runnable.class, table));
        assertFalse(one.equals(null));
        assertTrue(one.toString().startsWith("Plugin in Lua, table: "), one.toString());
    }

    @Test
    void inLuaTheObjectIsTheTable() {
        LuaTable table = lua.newTable();
        Plugin plugin = lua.implement(Plugin.class, table);
        assertTrue(lua.eval("local a, b = ... return a == b", plugin, table).asBoolean());
        try (Lua other = Lua.create()) {
            assertThrows(IllegalArgumentException.class, () -> other.eval("", plugin));
        }
    }

    @Test
    void errorsAreLuaExceptions() {
        LuaException e =
                assertThrows(
                        LuaException.class,
                        () -> plugin("{name = function() error('broken', 0) end}").name());
        assertEquals("broken", e.getMessage());
    }

    @Test
    void exceptionsThatAMethodDeclaresPassThrough() {
        IOException disk = new IOException("disk");
        lua.globals()
                .set(
                        "fail",
                        arguments -> {
                            throw disk;
                        });
        Plugin plugin = plugin("{load = function() fail() end, name = function() fail() end}");
        assertSame(disk, assertThrows(IOException.class, () -> plugin.load("x")));
        assertSame(disk, assertThrows(LuaException.class, plugin::name).getCause());
    }

    @Test
    void otherThreadsAreTurnedAway() throws InterruptedException {
        Plugin plugin = plugin("{name = function() return 'x' end}");
        Throwable[] thrown = {null};
        Thread thread =
                Thread.ofPlatform()
                        .start(
                                () ->
                                        thrown[0] =
                                                assertThrows(
                                                        WrongThreadException.class, plugin::name));
        thread.join();
        assertEquals(WrongThreadException.class, thrown[0].getClass());
    }
}
