package dev.moonpool.lua.script;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.moonpool.lua.JavaFunction;
import dev.moonpool.lua.LuaException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.script.Bindings;
import javax.script.Invocable;
import javax.script.ScriptContext;
import javax.script.ScriptEngine;
import javax.script.ScriptException;
import javax.script.SimpleBindings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InvocableTest {
    private final ScriptEngine engine = Engines.create();
    private final Invocable invocable = (Invocable) engine;

    /** All that a result can be. */
    public interface Shape {
        double area();

        int sides();

        long id();

        boolean isRound();

        String name(String prefix);

        void scale(double factor);

        default String describe() {
            return name("a ") + " with " + sides();
        }
    }

    private static final String SQUARE =
            """
            local square = {side = 2}
            function square:area() return self.side ^ 2 end
            function square:sides() return 4 end
            function square:id() return 1 << 40 end
            function square:isRound() return false end
            function square:name(prefix) return prefix .. 'square', 'more' end
            function square:scale(factor) self.side = self.side * factor end
            return square
            """;

    @AfterEach
    void close() throws Exception {
        Engines.close(engine);
    }

    @Test
    void functionsAreInvoked() throws Exception {
        engine.eval("function add(a, b) return a + b end  function both(...) return ... end");
        assertEquals(3L, invocable.invokeFunction("add", 1, 2));
        assertEquals(List.of("a", "b"), invocable.invokeFunction("both", "a", "b"));
        assertNull(invocable.invokeFunction("both"));
        assertNull(invocable.invokeFunction("both", new Object[] {null}));
        assertEquals("1", invocable.invokeFunction("tostring", 1));
    }

    @Test
    void aFunctionThatIsNotThereIsNoSuchMethod() throws Exception {
        engine.put("x", 1);
        assertThrows(NoSuchMethodException.class, () -> invocable.invokeFunction("nothing"));
        assertThrows(NoSuchMethodException.class, () -> invocable.invokeFunction("x"));
        assertThrows(NullPointerException.class, () -> invocable.invokeFunction(null));
        Object table = engine.eval("return {}");
        assertThrows(NoSuchMethodException.class, () -> invocable.invokeMethod(table, "m"));
    }

    @Test
    void anErrorInAFunctionIsAScriptException() throws Exception {
        engine.eval("function fail()\n error('no') end");
        ScriptException e =
                assertThrows(ScriptException.class, () -> invocable.invokeFunction("fail"));
        assertEquals(2, e.getLineNumber());
        assertThrows(ScriptException.class, () -> invocable.invokeFunction("fail", new Object()));
    }

    @Test
    void methodsAreInvokedOnTables() throws Exception {
        Object square = engine.eval(SQUARE);
        assertNull(invocable.invokeMethod(square, "scale", 3));
        assertEquals(36.0, invocable.invokeMethod(square, "area"));
        assertThrows(IllegalArgumentException.class, () -> invocable.invokeMethod("text", "upper"));
        assertThrows(IllegalArgumentException.class, () -> invocable.invokeMethod(null, "m"));
    }

    @Test
    void aTableImplementsAnInterface() throws Exception {
        Shape shape = invocable.getInterface(engine.eval(SQUARE), Shape.class);
        assertEquals(4.0, shape.area());
        assertEquals(4, shape.sides());
        assertEquals(1L << 40, shape.id());
        assertFalse(shape.isRound());
        assertEquals("my square", shape.name("my "));
        shape.scale(0.5);
        assertEquals(1.0, shape.area());
        assertEquals("a square with 4", shape.describe());
    }

    @Test
    void aDefaultMethodCanBeOverridden() throws Exception {
        Object square = engine.eval(SQUARE);
        engine.put("square", square);
        engine.eval("function square:describe() return 'described' end");
        assertEquals("described", invocable.getInterface(square, Shape.class).describe());
    }

    @Test
    void globalFunctionsImplementAnInterface() throws Exception {
        assertNull(invocable.getInterface(Runnable.class));
        engine.eval("runs = 0  function run() runs = runs + 1 end");
        Runnable runnable = invocable.getInterface(Runnable.class);
        runnable.run();
        runnable.run();
        assertEquals(2L, engine.get("runs"));
        engine.eval("run = nil");
        assertThrows(UnsupportedOperationException.class, runnable::run);
    }

    @Test
    void globalFunctionsOfOtherBindingsAreInvoked() throws Exception {
        Bindings bindings = new SimpleBindings();
        engine.setBindings(bindings, ScriptContext.ENGINE_SCOPE);
        engine.eval("function run() runs = (runs or 0) + 1 end");
        invocable.getInterface(Runnable.class).run();
        invocable.invokeFunction("run");
        assertEquals(2L, bindings.get("runs"));
    }

    @Test
    @SuppressWarnings("unchecked")
    void aComparatorSorts() throws Exception {
        engine.eval("function compare(a, b) return a < b and -1 or a > b and 1 or 0 end");
        List<Object> sorted = new ArrayList<>(List.of(3, 1, 2));
        sorted.sort((Comparator<Object>) invocable.getInterface(Comparator.class));
        assertEquals(List.of(1, 2, 3), sorted);
    }

    @Test
    void implementationsAreObjects() throws Exception {
        engine.eval("function run() end");
        Runnable a = invocable.getInterface(Runnable.class);
        Runnable b = invocable.getInterface(Runnable.class);
        assertEquals(a, a);
        assertNotEquals(a, b);
        assertEquals(a.hashCode(), a.hashCode());
        assertTrue(a.toString().contains("Lua"), a.toString());
    }

    @Test
    void aResultOfAnotherTypeIsAClassCastException() throws Exception {
        engine.eval("function compare(a, b) return 'less' end");
        Comparator<?> comparator = invocable.getInterface(Comparator.class);
        assertThrows(ClassCastException.class, () -> comparator.compare(null, null));
        engine.eval("function compare(a, b) end");
        assertThrows(ClassCastException.class, () -> comparator.compare(null, null));
        engine.eval("function compare(a, b) return 1 << 40 end");
        assertThrows(ClassCastException.class, () -> comparator.compare(null, null));
    }

    /** Results that Lua has no type for. */
    public interface Narrow {
        short aShort();

        byte aByte();

        char aChar();

        TimeUnit unit(TimeUnit unit);

        long count(Object... values);

        void read() throws IOException;
    }

    @Test
    void resultsAreConvertedAsWhereATableImplementsAnInterface() throws Exception {
        engine.eval(
                """
                function aShort() return 5 end
                function aByte() return 200 end
                function aChar() return 'c' end
                function unit(u) return u == 'DAYS' and 'HOURS' end
                function count(...) return select('#', ...) end
                function read() fail() end
                """);
        Narrow narrow = invocable.getInterface(Narrow.class);
        assertEquals((short) 5, narrow.aShort());
        assertEquals('c', narrow.aChar());
        assertEquals(TimeUnit.HOURS, narrow.unit(TimeUnit.DAYS));
        assertEquals(3, narrow.count(1, 2, 3));
        ClassCastException e = assertThrows(ClassCastException.class, narrow::aByte);
        assertEquals(
                "Narrow.aByte in Lua returned what is no integer from -128 to 127:"
                        + " type=number, value=200",
                e.getMessage());
        engine.put(
                "fail",
                (JavaFunction)
                        arguments -> {
                            throw new IOException("disk");
                        });
        assertEquals("disk", assertThrows(IOException.class, narrow::read).getMessage());
    }

    private interface Hidden {
        default int answer() {
            return 42;
        }
    }

    @Test
    void aDefaultMethodOfAnInterfaceThatIsNotPublicIsCalled() throws Exception {
        Hidden hidden = invocable.getInterface(engine.eval("return {}"), Hidden.class);
        assertEquals(42, hidden.answer());
        hidden =
                invocable.getInterface(
                        engine.eval("return {answer = function() return 1 end}"), Hidden.class);
        assertEquals(1, hidden.answer());
    }

    @Test
    void globalFunctionsAreThoseOfTheCurrentBindings() throws Exception {
        engine.eval("function run() ran = 'first' end");
        Runnable runnable = invocable.getInterface(Runnable.class);
        runnable.run();
        Bindings first = engine.getBindings(ScriptContext.ENGINE_SCOPE);
        engine.setBindings(engine.createBindings(), ScriptContext.ENGINE_SCOPE);
        assertThrows(UnsupportedOperationException.class, runnable::run);
        engine.eval("function run() ran = 'second' end");
        runnable.run();
        assertEquals("second", engine.get("ran"));
        assertEquals("first", first.get("ran"));
    }

    @Test
    void anErrorInAnImplementationIsALuaException() throws Exception {
        engine.eval("function run() error('no') end");
        Runnable runnable = invocable.getInterface(Runnable.class);
        assertNotNull(assertThrows(LuaException.class, runnable::run).value());
    }

    @Test
    void onlyInterfacesAreImplemented() {
        assertThrows(IllegalArgumentException.class, () -> invocable.getInterface(String.class));
        assertThrows(IllegalArgumentException.class, () -> invocable.getInterface(null));
        assertThrows(
                IllegalArgumentException.class,
                () -> invocable.getInterface("no table", Runnable.class));
    }
}
