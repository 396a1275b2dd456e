package dev.moonpool.lua.script;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.Objects;
import javax.script.ScriptEngine;
import javax.script.ScriptEngineManager;

/** Engines as users get them. */
final class Engines {
    private Engines() {}

    static ScriptEngine create() {
        ScriptEngine engine = new ScriptEngineManager().getEngineByName("lua");
        assertNotNull(engine, "no engine is found");
        return engine;
    }

    static void close(ScriptEngine engine) throws Exception {
        ((AutoCloseable) engine).close();
    }

    static String messageOf(Throwable thrown) {
        return String.valueOf(thrown.getMessage());
    }

    static Throwable causeOf(Throwable thrown) {
        return Objects.requireNonNull(thrown.getCause());
    }
}
