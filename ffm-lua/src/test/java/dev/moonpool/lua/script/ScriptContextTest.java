package dev.moonpool.lua.script;

import static dev.moonpool.lua.script.Engines.messageOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.moonpool.lua.JavaFunction;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.Writer;
import java.util.List;
import javax.script.ScriptContext;
import javax.script.ScriptEngine;
import javax.script.ScriptException;
import javax.script.SimpleBindings;
import javax.script.SimpleScriptContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a context says about a script: where its output goes, its name and its arguments. */
class ScriptContextTest {
    private final ScriptEngine engine = Engines.create();
    private final StringWriter out = new StringWriter();

    @AfterEach
    void close() throws Exception {
        Engines.close(engine);
    }

    private static ScriptContext contextWith(Writer writer) {
        ScriptContext context = new SimpleScriptContext();
        context.setBindings(new SimpleBindings(), ScriptContext.ENGINE_SCOPE);
        context.setWriter(writer);
        return context;
    }

    @Test
    void printAndIoWriteWriteToTheWriter() throws Exception {
        engine.eval(
                "print(1, 'a', nil, setmetatable({}, {__tostring = function() return 'T' end}))"
                        + " print() io.write('x', 2, 0.5):write('')",
                contextWith(out));
        assertEquals("1\ta\tnil\tT\n\nx20.5", out.toString());
    }

    @Test
    void ioWriteRefusesWhatIsNoText() {
        ScriptException e =
                assertThrows(
                        ScriptException.class,
                        () -> engine.eval("io.write('a', {})", contextWith(out)));
        assertEquals(
                "bad argument #2 to 'write' (string expected, got table)"
                        + " in <eval> at line number 1",
                e.getMessage());
        assertEquals("", out.toString());
    }

    @Test
    void eachContextHasItsOwnWriter() throws Exception {
        StringWriter inner = new StringWriter();
        ScriptContext context = contextWith(out);
        context.setAttribute(
                "inner",
                (JavaFunction) arguments -> engine.eval("print('inner')", contextWith(inner)),
                ScriptContext.ENGINE_SCOPE);
        engine.eval("print('a')  inner()  print('b')", context);
        assertEquals("a\nb\n", out.toString());
        assertEquals("inner\n", inner.toString());
    }

    @Test
    void aWriterThatFailsRaisesAnError() throws Exception {
        IOException full = new IOException("disk is full");
        Writer failing =
                new Writer() {
                    @Override
                    public void write(char[] text, int offset, int length) throws IOException {
                        throw full;
                    }

                    @Override
                    public void flush() {}

                    @Override
                    public void close() {}
                };
        assertEquals(
                List.of(false, full),
                engine.eval("return pcall(print, 'x')", contextWith(failing)));
    }

    @Test
    void theFileNameNamesTheScript() {
        engine.put(ScriptEngine.FILENAME, "rules/discount.lua");
        ScriptException e = assertThrows(ScriptException.class, () -> engine.eval("\nerror('no')"));
        assertEquals("rules/discount.lua", e.getFileName());
        assertEquals(2, e.getLineNumber());
    }

    @Test
    void argumentsAreTheScriptsDots() throws Exception {
        engine.put(ScriptEngine.ARGV, new Object[] {"a", 2});
        assertEquals(List.of("a", 2L), engine.eval("return ..."));
        assertEquals("a2", engine.eval("return arg[1] .. arg[2]"));
        engine.getBindings(ScriptContext.ENGINE_SCOPE).remove(ScriptEngine.ARGV);
        assertNull(engine.eval("return arg"));
        assertNull(engine.eval("return (...)"));
        engine.put(ScriptEngine.ARGV, "a");
        ScriptException e = assertThrows(ScriptException.class, () -> engine.eval("return 1"));
        assertTrue(messageOf(e).contains("attribute is no array"), e.getMessage());
    }

    @Test
    void argumentsOfOtherContextsAreNotSeen() throws Exception {
        ScriptContext context = contextWith(out);
        context.setAttribute(ScriptEngine.ARGV, new String[] {"there"}, ScriptContext.ENGINE_SCOPE);
        assertEquals("there", engine.eval("return arg[1]", context));
        assertNull(engine.eval("return arg"));
    }

    @Test
    void resultsAreNoneOneOrAList() throws Exception {
        assertNull(engine.eval("x = 1"));
        assertNull(engine.eval("return nil"));
        assertEquals(1L << 60, engine.eval("return 1 << 60"));
        assertEquals(List.of("a", true), engine.eval("return 'a', true"));
    }

    @Test
    void readersAreReadAndALineForTheShellIsSkipped() throws Exception {
        assertEquals(3L, engine.eval(new StringReader("#!/usr/bin/lua\nreturn 3")));
        assertEquals(4L, engine.eval("\uFEFFreturn 4"));
        assertNull(engine.eval("#"));
        assertEquals(5L, engine.eval(new StringReader("return n"), bindingsWithN()));
    }

    private static SimpleBindings bindingsWithN() {
        SimpleBindings bindings = new SimpleBindings();
        bindings.put("n", 5);
        return bindings;
    }

    @Test
    void nullsAreRefused() {
        assertThrows(NullPointerException.class, () -> engine.eval((String) null));
        assertThrows(NullPointerException.class, () -> engine.eval("x = 1", (ScriptContext) null));
        assertThrows(NullPointerException.class, () -> engine.eval("x = 1", (SimpleBindings) null));
    }
}
