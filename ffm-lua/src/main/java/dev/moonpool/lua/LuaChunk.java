package dev.moonpool.lua;

import dev.moonpool.lua.internal.Chunk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Code to be loaded: source, or what {@link LuaFunction#dump} made of a function. Immutable.
 *
 * <p>C Lua trusts precompiled code: it must come from a function of this program's. A damaged one
 * can crash the process.
 */
public final class LuaChunk {
    private final Chunk chunk;
    private final @Nullable LuaTable environment;

    private LuaChunk(Chunk chunk, @Nullable LuaTable environment) {
        this.chunk = chunk;
        this.environment = environment;
    }

    /**
     * {@return a chunk of Lua source, which messages quote the beginning of}
     *
     * @param source the source
     * @throws IllegalArgumentException if it has half of a surrogate pair
     */
    public static LuaChunk of(String source) {
        return new LuaChunk(Chunk.of(Objects.requireNonNull(source, "source")), null);
    }

    /**
     * {@return a chunk of Lua source from a file, which messages call by its path} A byte order
     * mark is skipped, and a first line that starts with '#'.
     *
     * @param file the file, in UTF-8
     * @throws IOException if it cannot be read
     */
    public static LuaChunk of(Path file) throws IOException {
        Objects.requireNonNull(file, "file");
        return new LuaChunk(Chunk.ofFile(file, Chunk.Mode.TEXT), null);
    }

    /** {@return a chunk of Lua source that is called by where it is from} */
    static LuaChunk of(byte[] source, String name) {
        byte[] code = Chunk.withoutPreamble(source);
        return new LuaChunk(new Chunk(code, "@" + name, Chunk.Mode.TEXT), null);
    }

    /**
     * {@return a chunk of precompiled code}
     *
     * @param code the code, as {@link LuaFunction#dump} made it
     */
    public static LuaChunk binary(byte[] code) {
        return new LuaChunk(
                new Chunk(Objects.requireNonNull(code, "code").clone(), "=?", Chunk.Mode.BINARY),
                null);
    }

    /**
     * {@return the same chunk with another name}
     *
     * @param name what messages and tracebacks call it, such as {@code rules/discount.lua}
     */
    public LuaChunk named(String name) {
        Objects.requireNonNull(name, "name");
        return new LuaChunk(new Chunk(chunk.code(), "@" + name, chunk.mode()), environment);
    }

    /**
     * {@return the same chunk with a table of its own for global variables}
     *
     * @param table the table: what is not in it, nor behind its {@code __index}, the chunk does not
     *     see
     */
    public LuaChunk in(LuaTable table) {
        return new LuaChunk(chunk, Objects.requireNonNull(table, "table"));
    }

    /** Whether it is called by a name, and not by what is in it. */
    boolean isNamed() {
        return chunk.name().startsWith("@");
    }

    /** The name as messages show it. */
    String shownName() {
        return isNamed() ? chunk.name().substring(1) : chunk.name();
    }

    Chunk chunk() {
        return chunk;
    }

    @Nullable LuaTable environment() {
        return environment;
    }
}
