package dev.moonpool.benchmarks.programs;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.moonpool.lua.Lua;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;

/**
 * The Lua programs that allocate much, each in its own way. The first line of a program's file says
 * how; its argument is how much work there is to do.
 */
public enum LuaProgram {
    BINARY_TREES,
    STRING_BUILDING,
    OBJECTS,
    CLOSURES,
    JSON,
    SORTING,
    COROUTINES,
    PHASES,
    SERVER,
    WORD_COUNT,
    MATRIX,
    PARSER;

    private final String source = read(fileName());

    private String fileName() {
        return name().toLowerCase(Locale.ROOT) + ".lua";
    }

    private static String read(String file) {
        try (InputStream in = LuaProgram.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("no such resource: " + file);
            }
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return the name that tables show} */
    public String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /** {@return the program's checksum} The work is as much as the program says itself. */
    public List<?> run(Lua lua) {
        return lua.eval(source);
    }

    /**
     * {@return the program's checksum}
     *
     * @param work how much there is to do, in the program's own measure
     */
    public List<?> run(Lua lua, long work) {
        return lua.eval(source, work);
    }
}
