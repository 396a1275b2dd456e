package dev.moonpool.lua.script;

import static dev.moonpool.lua.script.Engines.causeOf;
import static dev.moonpool.lua.script.Engines.messageOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.moonpool.lua.JavaFunction;
import dev.moonpool.lua.LuaException;
import java.io.IOException;
import java.io.Reader;
import javax.script.ScriptEngine;
import javax.script.ScriptException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ScriptErrorsTest {
    private final ScriptEngine engine = Engines.create();

    @AfterEach
    void close() throws Exception {
        Engines.close(engine);
    }

    private ScriptException error(String script) {
        return assertThrows(ScriptException.class, () -> engine.eval(script));
    }

    @Test
    void anErrorSaysWhereItIs() {
        ScriptException e = error("local x = 1\nerror('out of order')");
        assertEquals("<eval>", e.getFileName());
        assertEquals(2, e.getLineNumber());
        assertEquals("out of order in <eval> at line number 2", e.getMessage());
        LuaException cause = assertInstanceOf(LuaException.class, e.getCause());
        assertEquals("<eval>:2: out of order", cause.getMessage());
    }

    @Test
    void aSyntaxErrorSaysWhereItIs() {
        ScriptException e = error("x = 1\ny = = 2");
        assertEquals(2, e.getLineNumber());
        assertEquals(LuaException.Kind.SYNTAX, ((LuaException) causeOf(e)).kind());
    }

    @Test
    void anErrorThatIsNoStringIsWhereItWasRaised() {
        ScriptException e = error("\n\nerror({})");
        assertEquals("<eval>", e.getFileName());
        assertEquals(3, e.getLineNumber());
    }

    @Test
    void whatOnlyLooksLikeAPositionIsNone() {
        ScriptException e = error("\nerror('host:80: refused', 0)");
        assertEquals("<eval>", e.getFileName());
        assertEquals(2, e.getLineNumber());
        assertTrue(messageOf(e).startsWith("host:80: refused"), e.getMessage());
    }

    @Test
    void anErrorInLoadedCodeIsThere() {
        ScriptException e = error("load('\\n\\nerror(\"deep\")', '@loaded.lua')()");
        assertEquals("loaded.lua", e.getFileName());
        assertEquals(3, e.getLineNumber());
    }

    @Test
    void whatAJavaFunctionThrewIsACause() {
        IOException thrown = new IOException("unreadable");
        engine.put(
                "read",
                (JavaFunction)
                        arguments -> {
                            throw thrown;
                        });
        ScriptException e = error("\nread()");
        assertSame(thrown, causeOf(e).getCause());
        assertEquals(2, e.getLineNumber());
    }

    @Test
    void aScriptInAScriptFailsThroughBoth() {
        engine.put("inner", (JavaFunction) arguments -> engine.eval("error('inside')"));
        ScriptException e = error("inner()");
        ScriptException inner = assertInstanceOf(ScriptException.class, causeOf(e).getCause());
        assertEquals("inside in <eval> at line number 1", inner.getMessage());
    }

    @Test
    void theEngineCanBeUsedAfterErrors() throws Exception {
        engine.put("n", 0);
        for (int i = 0; i < 100; i++) {
            ScriptException ignored = error("n = n + 1  error('again')");
        }
        assertEquals(100L, engine.eval("return n"));
        assertInstanceOf(
                LuaException.class, error("local function f() return f() + 1 end f()").getCause());
        assertEquals(100L, engine.get("n"));
    }

    @Test
    void aReaderThatFailsIsAScriptException() {
        IOException thrown = new IOException("gone");
        Reader failing =
                new Reader() {
                    @Override
                    public int read(char[] text, int offset, int length) throws IOException {
                        throw thrown;
                    }

                    @Override
                    public void close() {}
                };
        ScriptException e = assertThrows(ScriptException.class, () -> engine.eval(failing));
        assertSame(thrown, e.getCause());
    }

    @Test
    void halfACharacterIsAScriptException() {
        assertInstanceOf(IllegalArgumentException.class, error("return '\uD800'").getCause());
    }

    @Test
    void exitDoesNotEndTheProcess() throws Exception {
        assertNull(causeOf(error("os.exit(1)")).getCause());
        assertEquals(1L, engine.eval("return 1"));
    }
}
