package dev.moonpool.lua.script;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.moonpool.lua.JavaFunction;
import java.io.StringReader;
import java.util.List;
import javax.script.Bindings;
import javax.script.Compilable;
import javax.script.CompiledScript;
import javax.script.ScriptEngine;
import javax.script.ScriptException;
import javax.script.SimpleBindings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CompiledScriptTest {
    private final ScriptEngine engine = Engines.create();

    @AfterEach
    void close() throws Exception {
        Engines.close(engine);
    }

    private CompiledScript compile(String script) throws ScriptException {
        return ((Compilable) engine).compile(script);
    }

    @Test
    void runsAsOftenAsOneLikes() throws Exception {
        CompiledScript script = compile("n = (n or 0) + 1  return n");
        assertSame(engine, script.getEngine());
        for (long i = 1; i <= 10; i++) {
            assertEquals(i, script.eval());
        }
        assertEquals(10L, engine.get("n"));
    }

    @Test
    void runsWithAnyBindings() throws Exception {
        CompiledScript script = compile("return price * amount");
        for (long i = 0; i < 10; i++) {
            Bindings live = engine.createBindings();
            Bindings simple = new SimpleBindings();
            for (Bindings bindings : List.of(live, simple)) {
                bindings.put("price", i);
                bindings.put("amount", 2);
                assertEquals(2 * i, script.eval(bindings));
            }
        }
    }

    @Test
    void functionsKeepTheVariablesThatTheyWereDefinedWith() throws Exception {
        CompiledScript script = compile("function name() return me end  return name");
        Bindings a = engine.createBindings();
        Bindings b = engine.createBindings();
        a.put("me", "a");
        b.put("me", "b");
        Object nameOfA = script.eval(a);
        script.eval(b);
        engine.put("name_of_a", nameOfA);
        assertEquals("a", engine.eval("return name_of_a()"));
    }

    @Test
    void runsWithinItselfWithOtherBindings() throws Exception {
        CompiledScript script = compile("if inner then inner() end  return me");
        Bindings inside = engine.createBindings();
        inside.put("me", "inside");
        engine.put("me", "outside");
        engine.put("inner", (JavaFunction) arguments -> script.eval(inside));
        assertEquals("outside", script.eval());
    }

    @Test
    void getsArgumentsAndAName() throws Exception {
        engine.put(ScriptEngine.FILENAME, "named.lua");
        CompiledScript script = ((Compilable) engine).compile(new StringReader("error(...)"));
        engine.put(ScriptEngine.ARGV, new Object[] {"why"});
        ScriptException e =
                assertThrows(ScriptException.class, () -> script.eval(argumentsOf("why")));
        assertEquals("why in named.lua at line number 1", e.getMessage());
    }

    private static Bindings argumentsOf(Object... arguments) {
        Bindings bindings = new SimpleBindings();
        bindings.put(ScriptEngine.ARGV, arguments);
        return bindings;
    }

    @Test
    void doesNotCompileWithASyntaxError() {
        ScriptException e = assertThrows(ScriptException.class, () -> compile("x = \n = 1"));
        assertEquals(2, e.getLineNumber());
    }

    @Test
    void doesNotRunAfterItsEngineWasClosed() throws Exception {
        CompiledScript script = compile("return 1");
        Engines.close(engine);
        assertThrows(IllegalStateException.class, script::eval);
    }
}
