package dev.moonpool.lua.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.moonpool.lua.internal.LuaError;

/** The process's output. Lua's text is UTF-8, whatever the system's locale says. */
final class Console {
    private Console() {}

    /** Shows an error. {@return the exit code that goes with it} */
    static int error(String message) {
        line(Main.NAME + ": " + message);
        return 1;
    }

    /** Shows an error of Lua's with its traceback. {@return the exit code that goes with it} */
    static int error(LuaError error) {
        return error(withTraceback(error));
    }

    static String withTraceback(LuaError error) {
        return error.traceback() == null
                ? error.getMessage()
                : error.getMessage() + "\n" + error.traceback();
    }

    /** Writes a line on stderr. */
    static void line(String text) {
        byte[] bytes = (text + "\n").getBytes(UTF_8);
        System.err.write(bytes, 0, bytes.length);
        System.err.flush();
    }
}
