package dev.moonpool.lua.internal;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.moonpool.lua.internal.ffi.LuaNative;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** The process around the states: its standard streams, its end, and what Lua is in it. */
public final class Host {
    private static final int LINE_BYTE_SIZE = 512;

    private Host() {}

    /**
     * {@return a line of C's standard input with its newline, or null at its end} Lua's own io.read
     * reads from the same stream, so this is where a prompt must read, too.
     */
    public static byte @Nullable [] readLine() {
        NativeLibrary.load();
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(LINE_BYTE_SIZE);
            while (true) {
                long length = LuaNative.mp_read_line(buffer, LINE_BYTE_SIZE);
                if (length < 0) {
                    return line.size() == 0 ? null : line.toByteArray();
                }
                byte[] part = buffer.asSlice(0, length).toArray(JAVA_BYTE);
                line.writeBytes(part);
                if (length == 0 || part[part.length - 1] == '\n') {
                    return line.toByteArray();
                }
            }
        }
    }

    /** {@return Lua's name, release and copyright, as {@code lua -v} prints them} */
    public static String copyright() {
        NativeLibrary.load();
        return LuaNative.mp_copyright().getString(0);
    }

    /**
     * Makes this process Lua's own: os.exit ends it, modules written in C find Lua's API, and
     * os.setlocale is what it is in the {@code lua} command. Where modules cannot find it, require
     * will say so.
     *
     * @param exit ends the process
     */
    public static void ownProcess(ProcessExit exit) {
        NativeLibrary.load();
        Callbacks.onExit(exit);
        int ignored = LuaNative.mp_own_process(Callbacks.EXIT);
    }

    /** Writes out what C's standard output holds back, so that Java's output comes after it. */
    public static void flush() {
        NativeLibrary.load();
        LuaNative.mp_flush();
    }
}
