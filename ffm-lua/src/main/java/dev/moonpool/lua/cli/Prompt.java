package dev.moonpool.lua.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.moonpool.lua.internal.Chunk;
import dev.moonpool.lua.internal.Chunks;
import dev.moonpool.lua.internal.Host;
import dev.moonpool.lua.internal.LuaError;
import dev.moonpool.lua.internal.State;
import dev.moonpool.lua.internal.ffi.LuaNative;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads lines, runs them, and prints what they give. A line is tried as an expression first; one
 * that is incomplete goes on with the next. An error does not end the prompt, the end of the input
 * does.
 */
final class Prompt {
    private static final String NAME = "=stdin";

    /** Ends the message of a syntax error that more input could mend. */
    private static final String INCOMPLETE = "<eof>";

    private static final byte[] RETURN = "return ".getBytes(UTF_8);

    private final State lua;

    Prompt(State lua) {
        this.lua = lua;
    }

    void run() {
        byte[] line;
        while ((line = read("_PROMPT", "> ")) != null) {
            try {
                runLine(line);
            } catch (LuaError e) {
                Console.line(Console.withTraceback(e));
            }
        }
        System.out.println();
        System.out.flush();
    }

    private void runLine(byte[] typed) {
        byte[] line = typed;
        if (line.length > 0 && line[0] == '=') { // "=x" was the prompt's "return x" once
            line = concat(RETURN, Arrays.copyOfRange(line, 1, line.length));
        }
        try {
            Chunks.runAndPrint(lua, chunk(concat(RETURN, line)));
        } catch (LuaError e) {
            if (!isSyntaxError(e)) {
                throw e;
            }
            runStatement(line);
        }
    }

    private void runStatement(byte[] line) {
        byte[] statement = line;
        while (true) {
            try {
                Chunks.runAndPrint(lua, chunk(statement));
                return;
            } catch (LuaError e) {
                byte[] more = isIncomplete(e) ? read("_PROMPT2", ">> ") : null;
                if (more == null) {
                    throw e;
                }
                statement = concat(statement, "\n".getBytes(UTF_8), more);
            }
        }
    }

    /** Shows the prompt that the global holds, and reads a line without its newline. */
    private byte @Nullable [] read(String global, String byDefault) {
        Host.flush();
        System.out.print(prompt(global, byDefault));
        System.out.flush();
        byte[] line = Host.readLine();
        if (line == null || line.length == 0 || line[line.length - 1] != '\n') {
            return line;
        }
        return Arrays.copyOf(line, line.length - 1);
    }

    private String prompt(String global, String byDefault) {
        try {
            List<@Nullable Object> value =
                    Chunks.run(
                            lua,
                            chunk(
                                    ("return " + global + " and tostring(" + global + ")")
                                            .getBytes(UTF_8)));
            return value.getFirst() instanceof byte[] text ? new String(text, UTF_8) : byDefault;
        } catch (LuaError e) {
            return byDefault;
        }
    }

    private static boolean isSyntaxError(LuaError e) {
        return e.status() == LuaNative.LUA_ERRSYNTAX();
    }

    private static boolean isIncomplete(LuaError e) {
        return isSyntaxError(e) && e.getMessage().endsWith(INCOMPLETE);
    }

    private static Chunk chunk(byte[] source) {
        return new Chunk(source, NAME, Chunk.Mode.TEXT);
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
