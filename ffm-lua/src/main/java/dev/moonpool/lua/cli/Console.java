package dev.moonpool.lua.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.moonpool.lua.internal.LuaError;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

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

    /** {@return why a file cannot be opened, or be used so, in C's words} */
    static String cannotOpen(FileSystemException e, String use) {
        return switch (e) {
            case NoSuchFileException missing ->
                    "cannot open " + missing.getFile() + ": No such file or directory";
            case AccessDeniedException denied ->
                    "cannot open " + denied.getFile() + ": Permission denied";
            default -> "cannot " + use + " " + e.getMessage();
        };
    }

    /** Writes a line on stderr. */
    static void line(String text) {
        byte[] bytes = (text + "\n").getBytes(UTF_8);
        System.err.write(bytes, 0, bytes.length);
        System.err.flush();
    }
}
