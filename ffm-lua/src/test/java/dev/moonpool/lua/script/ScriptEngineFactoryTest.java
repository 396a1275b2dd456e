package dev.moonpool.lua.script;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.script.Compilable;
import javax.script.Invocable;
import javax.script.ScriptEngine;
import javax.script.ScriptEngineFactory;
import javax.script.ScriptEngineManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How the engine is found, and the source that its factory writes. */
class ScriptEngineFactoryTest {
    private final ScriptEngineFactory factory = new LuaScriptEngineFactory();

    @ParameterizedTest
    @ValueSource(strings = {"lua", "Lua", "moonpool"})
    void isFoundByName(String name) throws Exception {
        ScriptEngine engine = new ScriptEngineManager().getEngineByName(name);
        assertEquals(3L, engine.eval("return 1 + 2"));
        Engines.close(engine);
    }

    @Test
    void isFoundByExtensionAndMimeType() throws Exception {
        ScriptEngineManager manager = new ScriptEngineManager();
        for (ScriptEngine engine :
                List.of(
                        manager.getEngineByExtension("lua"),
                        manager.getEngineByMimeType("text/x-lua"),
                        manager.getEngineByMimeType("application/x-lua"))) {
            assertEquals("Moonpool", engine.getFactory().getEngineName());
            assertInstanceOf(Compilable.class, engine);
            assertInstanceOf(Invocable.class, engine);
            Engines.close(engine);
        }
    }

    @Test
    void isFoundAsTheServiceOfItsModule() {
        assertTrue(LuaScriptEngineFactory.class.getModule().isNamed());
        assertTrue(
                new ScriptEngineManager()
                        .getEngineFactories().stream()
                                .anyMatch(LuaScriptEngineFactory.class::isInstance));
    }

    /** In a process of its own: where there is the module, its packages hide the class path's. */
    @Test
    void isFoundOnTheClassPath(@TempDir Path directory) throws Exception {
        Path program = directory.resolve("Program.java");
        Files.writeString(
                program,
                """
                void main() throws Exception {
                    var engine = new javax.script.ScriptEngineManager().getEngineByName("lua");
                    engine.eval("print(_VERSION)");
                    IO.println(engine.getClass().getModule().isNamed());
                }
                """);
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "--class-path",
                                System.getProperty("jdk.module.path"),
                                program.toString())
                        .redirectErrorStream(true)
                        .start();
        try (BufferedReader output = process.inputReader()) {
            assertEquals(List.of("Lua 5.4", "false"), output.lines().toList());
        }
        assertEquals(0, process.waitFor());
    }

    @Test
    void saysWhatItIs() {
        assertEquals("Lua", factory.getLanguageName());
        assertEquals("5.4", factory.getLanguageVersion());
        assertEquals("lua", factory.getParameter(ScriptEngine.NAME));
        assertEquals("Moonpool", factory.getParameter(ScriptEngine.ENGINE));
        assertNotNull(factory.getParameter(ScriptEngine.ENGINE_VERSION));
        assertNull(factory.getParameter("THREADING"));
        assertNull(factory.getParameter("no such parameter"));
    }

    @Test
    void writesStatementsThatPrintAnyText() throws Exception {
        ScriptEngine engine = Engines.create();
        StringWriter out = new StringWriter();
        engine.getContext().setWriter(out);
        String text = "\"quoted\" \\ back\r\n\t\0" + "1 \u007f 😀 ]] --";
        engine.eval(factory.getProgram(factory.getOutputStatement(text)));
        assertEquals(text + "\n", out.toString());
        Engines.close(engine);
    }

    @Test
    void writesProgramsWhoseStatementsStaySeparate() throws Exception {
        ScriptEngine engine = Engines.create();
        engine.eval(factory.getProgram("local f = print -- why not", "(function() x = 1 end)()"));
        assertEquals(1L, engine.get("x"));
        Engines.close(engine);
    }

    @Test
    void writesMethodCalls() throws Exception {
        assertEquals("o:m()", factory.getMethodCallSyntax("o", "m"));
        assertEquals("o:m(a, b)", factory.getMethodCallSyntax("o", "m", "a", "b"));
        assertEquals("o[\"end\"](o, a)", factory.getMethodCallSyntax("o", "end", "a"));
        assertEquals("o[\"a b\"](o)", factory.getMethodCallSyntax("o", "a b"));
    }
}
