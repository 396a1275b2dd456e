package dev.moonpool.lua.script;

import static dev.moonpool.lua.script.Engines.messageOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.moonpool.lua.JavaFunction;
import dev.moonpool.lua.Lua;
import dev.moonpool.lua.LuaTable;
import dev.moonpool.lua.LuaType;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import javax.script.Bindings;
import javax.script.Invocable;
import javax.script.ScriptContext;
import javax.script.ScriptEngine;
import javax.script.ScriptEngineManager;
import javax.script.ScriptException;
import javax.script.SimpleBindings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Variables that Java and Lua share. */
class ScriptBindingsTest {
    private final ScriptEngine engine = Engines.create();

    @AfterEach
    void close() throws Exception {
        Engines.close(engine);
    }

    @Test
    void whatJavaPutsIsVisibleInLua() throws Exception {
        engine.put("n", 40);
        engine.put("f", (JavaFunction) arguments -> arguments.asLong() + 2);
        assertEquals(42L, engine.eval("return f(n)"));
    }

    private record Price(long amount) {}

    @Test
    void javaObjectsAreGrantedToTheStateThatIsBehindATable() throws Exception {
        assertThrows(IllegalArgumentException.class, () -> engine.put("price", new Price(40)));
        Lua lua = ((LuaTable) engine.eval("return _G")).lua();
        lua.attach();
        try {
            lua.register(
                    LuaType.builder(Price.class).longProperty("amount", Price::amount).build());
        } finally {
            lua.detach();
        }
        engine.put("price", new Price(40));
        assertEquals(40L, engine.eval("return price.amount"));
        assertEquals(new Price(40), engine.get("price"));
    }

    @Test
    void whatLuaSetsIsVisibleInJava() throws Exception {
        engine.eval("a, b, c, d = 1, 2.5, 'text', true");
        Bindings bindings = engine.getBindings(ScriptContext.ENGINE_SCOPE);
        assertEquals(Map.of("a", 1L, "b", 2.5, "c", "text", "d", true), bindings);
        engine.eval("a = nil");
        assertFalse(bindings.containsKey("a"));
        assertEquals(3, bindings.size());
    }

    @Test
    void aBindingIsLiveWhileAScriptRuns() throws Exception {
        engine.put("see", (JavaFunction) arguments -> engine.get("x"));
        engine.put(
                "change",
                (JavaFunction)
                        arguments -> {
                            engine.put("x", "changed");
                            return null;
                        });
        assertEquals(
                "changed1", engine.eval("x = 1  local seen = see()  change()  return x .. seen"));
    }

    @Test
    void theStandardLibraryIsBehindTheBindings() throws Exception {
        assertNull(engine.get("print"));
        assertTrue(engine.getBindings(ScriptContext.ENGINE_SCOPE).isEmpty());
        engine.put("tostring", "mine");
        assertEquals("mine", engine.eval("return tostring"));
        engine.getBindings(ScriptContext.ENGINE_SCOPE).remove("tostring");
        assertEquals("1", engine.eval("return tostring(1)"));
    }

    @Test
    void loadedCodeSharesTheVariables() throws Exception {
        Bindings bindings = engine.createBindings();
        bindings.put("x", 1);
        engine.eval("load('y = x + 1')()  _G.z = 3", bindings);
        assertEquals(Map.of("x", 1L, "y", 2L, "z", 3L), bindings);
        assertEquals(7L, engine.eval("return load('return v', 'chunk', 't', {v = 7})()", bindings));
        assertTrue(engine.getBindings(ScriptContext.ENGINE_SCOPE).isEmpty());
    }

    @Test
    void bindingsBehaveAsAMap() {
        Bindings bindings = engine.createBindings();
        assertNull(bindings.put("a", 1));
        assertEquals(1L, bindings.put("a", 2));
        bindings.putAll(Map.of("b", "x", "c", true));
        assertEquals(Set.of("a", "b", "c"), bindings.keySet());
        assertEquals("x", bindings.remove("b"));
        assertNull(bindings.remove("b"));
        bindings.entrySet().removeIf(entry -> entry.getKey().equals("c"));
        bindings.entrySet().forEach(entry -> entry.setValue(3L));
        assertEquals(Map.of("a", 3L), bindings);
        bindings.put("a", null);
        assertTrue(bindings.isEmpty());
        bindings.put("d", 1);
        bindings.clear();
        assertTrue(bindings.isEmpty());
    }

    @Test
    void namesThatAreNoneAreRefused() {
        Bindings bindings = engine.createBindings();
        assertThrows(NullPointerException.class, () -> bindings.put(null, 1));
        assertThrows(IllegalArgumentException.class, () -> bindings.put("", 1));
        assertThrows(ClassCastException.class, () -> bindings.get((Object) 1));
        assertThrows(NullPointerException.class, () -> bindings.containsKey(null));
    }

    @Test
    void fieldsWithoutATextAsNameAreLeftOut() throws Exception {
        Bindings bindings = engine.createBindings();
        engine.eval("_G[1], _G[''], _G['\\xff'], _G[true] = 1, 1, 1, 1  x = 1", bindings);
        assertEquals(Map.of("x", 1L), bindings);
    }

    @Test
    void aValueThatLuaDoesNotTakeIsRefused() throws Exception {
        IllegalArgumentException e =
                assertThrows(
                        IllegalArgumentException.class, () -> engine.put("thread", new Thread()));
        assertTrue(messageOf(e).contains("name=thread, class=java.lang.Thread"), e.getMessage());
        Bindings bindings = new SimpleBindings(new HashMap<>(Map.of("o", new Thread())));
        ScriptException failed =
                assertThrows(ScriptException.class, () -> engine.eval("return 1", bindings));
        assertTrue(
                messageOf(failed).startsWith("value cannot be a variable in Lua: name=o,"),
                failed.getMessage());
        assertEquals(1L, engine.eval("return 1"));
    }

    @Test
    void otherBindingsAreCopiedInAndOut() throws Exception {
        Bindings bindings = new SimpleBindings();
        bindings.put("n", 20);
        bindings.put("gone", 1);
        Object result = engine.eval("m = n * 2  gone = nil  return m + 2", bindings);
        assertEquals(42L, result);
        assertEquals(Map.of("n", 20, "m", 40L), bindings);
        bindings.remove("m");
        assertNull(engine.eval("return m", bindings));
    }

    @Test
    void otherBindingsGetWhatAScriptSetBeforeItFailed() {
        Bindings bindings = new SimpleBindings();
        assertThrows(ScriptException.class, () -> engine.eval("x = 1  error('no')", bindings));
        assertEquals(1L, bindings.get("x"));
    }

    @Test
    void otherBindingsKeepTheirFunctionsVariables() throws Exception {
        Bindings bindings = new SimpleBindings();
        engine.eval("function count() n = (n or 0) + 1 end", bindings);
        engine.eval("count()  count()", bindings);
        assertEquals(2L, bindings.get("n"));
        bindings.put("n", 10);
        engine.eval("count()", bindings);
        assertEquals(11L, bindings.get("n"));
    }

    @Test
    void aScriptInAScriptSharesOtherBindings() throws Exception {
        Bindings bindings = new SimpleBindings();
        bindings.put(
                "inner", (JavaFunction) arguments -> engine.eval("x = x + 1  y = 5", bindings));
        assertEquals("2 5", engine.eval("x = 1  inner()  return x .. ' ' .. y", bindings));
        assertEquals(2L, bindings.get("x"));
    }

    /** Objects whose finalizers call a function, one after the other while Lua makes tables. */
    private void finalize(JavaFunction function) throws ScriptException {
        engine.put("finalizer", function);
        engine.eval(
                """
                collectgarbage('incremental', 10, 1000, 1)
                local finalizer, setmetatable = finalizer, setmetatable
                local function next()
                  setmetatable({}, {__gc = function() finalizer() next() end})
                end
                next()
                """);
    }

    @Test
    void finalizersUseOtherBindingsWhileOthersAreMirrored() throws Exception {
        int[] finalized = {0};
        finalize(
                arguments -> {
                    finalized[0]++;
                    return engine.eval("return 1", new SimpleBindings());
                });
        for (int i = 0; i < 2000; i++) {
            assertEquals(1L, engine.eval("return 1", new SimpleBindings()));
        }
        assertTrue(finalized[0] > 0);
    }

    @Test
    void finalizersChangeBindingsThatAreCopied() throws Exception {
        Bindings bindings = new SimpleBindings();
        for (int i = 0; i < 50; i++) {
            bindings.put("name" + i, "a value that takes memory ".repeat(20));
        }
        int[] finalized = {0};
        finalize(arguments -> bindings.put("changed" + finalized[0]++ % 100, "a value"));
        for (int i = 0; i < 2000; i++) {
            assertEquals(1L, engine.eval("return 1", bindings));
            bindings.keySet().removeIf(name -> name.startsWith("changed"));
        }
        assertTrue(finalized[0] > 0);
    }

    @Test
    void bindingsThatCannotBeChangedFailAfterTheScript() {
        Bindings bindings = new SimpleBindings(Collections.unmodifiableMap(new HashMap<>()));
        assertThrows(UnsupportedOperationException.class, () -> engine.eval("x = 1", bindings));
    }

    @Test
    void namesInTheGlobalScopeAreFound() throws Exception {
        ScriptEngineManager manager = new ScriptEngineManager();
        manager.put("rate", 1.5);
        ScriptEngine managed = manager.getEngineByName("lua");
        assertEquals(3.0, managed.eval("return rate * 2"));
        managed.put("rate", 10);
        assertEquals(20L, managed.eval("return rate * 2"));
        assertEquals(1.5, manager.get("rate"));
        assertNull(managed.eval("return nothing"));
        Engines.close(managed);
    }

    @Test
    void tablesComeBackAsTheSameTables() throws Exception {
        Object table = engine.eval("t = {x = 1}  return t");
        engine.put("u", table);
        assertEquals(true, engine.eval("return t == u"));
        assertEquals(table, engine.get("t"));
    }

    @Test
    void bindingsOfThisEngineAreATableInLua() throws Exception {
        Bindings bindings = engine.createBindings();
        bindings.put("x", 1);
        engine.put("b", bindings);
        engine.eval("b.y = b.x + 1");
        assertEquals(2L, bindings.get("y"));
    }

    @Test
    void aTableCanBeSeenAsAMap() throws Exception {
        Bindings fields =
                ((Invocable) engine)
                        .getInterface(
                                engine.eval("t = {x = 1, 'first'}  return t"), Bindings.class);
        assertEquals(Map.of("x", 1L), fields);
        fields.put("y", 2);
        assertEquals(2L, engine.eval("return t.y"));
    }

    @Test
    void anotherEnginesTablesAreRefused() throws Exception {
        ScriptEngine other = Engines.create();
        Object table = other.eval("return {}");
        assertThrows(IllegalArgumentException.class, () -> engine.put("t", table));
        Bindings foreign = other.createBindings();
        foreign.put("n", 1);
        assertEquals(1L, engine.eval("m = n  return n", foreign));
        assertEquals(1L, foreign.get("m"));
        Engines.close(other);
    }

    @Test
    void reservedNamesStayInJava() throws Exception {
        Object anything = new Object();
        engine.put("javax.script.anything", anything);
        assertSame(anything, engine.get("javax.script.anything"));
        assertNull(engine.eval("return _G['javax.script.anything']"));
        assertTrue(
                engine.getBindings(ScriptContext.ENGINE_SCOPE)
                        .containsKey("javax.script.anything"));
    }
}
