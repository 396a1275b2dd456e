package dev.moonpool.lua.internal;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Lua code on its way into a state.
 *
 * @param code source text or a precompiled chunk
 * @param name what messages call it, as {@code lua_load} takes it
 * @param mode what it may be
 */
@SuppressWarnings("ArrayRecordComponent") // made, run, and forgotten
public record Chunk(byte[] code, String name, Mode mode) {
    /** What a chunk may be. */
    public enum Mode {
        TEXT,
        BINARY,
        TEXT_OR_BINARY
    }

    private static final int NAME_LENGTH = 80;
    private static final byte ESCAPE = 0x1b; // LUA_SIGNATURE starts so

    /** {@return source text, which messages quote the beginning of} */
    public static Chunk of(String source) {
        // Lua keeps the whole name in the state's memory, and shows no more than this of it. The
        // newline stays: it makes Lua say that more follows.
        int lineEnd = source.indexOf('\n') + 1;
        int length = Math.min(lineEnd == 0 ? source.length() : lineEnd, NAME_LENGTH);
        return new Chunk(Text.encode(source), source.substring(0, length), Mode.TEXT);
    }

    /**
     * {@return what a file holds, which messages call by its path} A byte order mark is skipped,
     * and a first line that starts with '#'.
     *
     * @throws FileSystemException if it cannot be read; it knows the file
     */
    public static Chunk ofFile(Path file, Mode mode) throws FileSystemException {
        return new Chunk(withoutPreamble(read(file)), "@" + file, mode);
    }

    private static byte[] read(Path file) throws FileSystemException {
        try {
            return Files.readAllBytes(file);
        } catch (FileSystemException e) {
            throw e;
        } catch (IOException e) { // reading a folder, for one
            var named = new FileSystemException(file.toString(), null, e.getMessage());
            named.initCause(e);
            throw named;
        }
    }

    /** {@return the code without a byte order mark and a first line for the system} */
    public static byte[] withoutPreamble(byte[] code) {
        int start = 0;
        if (code.length >= 3
                && code[0] == (byte) 0xEF
                && code[1] == (byte) 0xBB
                && code[2] == (byte) 0xBF) {
            start = 3;
        }
        if (start < code.length && code[start] == '#') {
            while (start < code.length && code[start] != '\n') {
                start++; // the newline stays, so that lines are counted right
            }
            if (start + 1 < code.length && code[start + 1] == ESCAPE) {
                start++;
            }
        }
        return start == 0 ? code : Arrays.copyOfRange(code, start, code.length);
    }
}
