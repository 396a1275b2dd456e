package dev.moonpool.lua.internal;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.moonpool.lua.internal.ffi.LuaNative;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Loading and running chunks: code travels in the region's code part. */
public final class Chunks {
    private static final MemorySegment TEXT = Arena.global().allocateFrom("t");
    private static final MemorySegment BINARY = Arena.global().allocateFrom("b");
    private static final MemorySegment TEXT_OR_BINARY = Arena.global().allocateFrom("bt");

    private Chunks() {}

    /**
     * Runs a chunk.
     *
     * @param chunk the code
     * @param arguments what {@code ...} is in the chunk
     * @return the chunk's results
     */
    public static List<@Nullable Object> run(
            State state, Chunk chunk, @Nullable Object... arguments) {
        try (Arena beside = Arena.ofConfined()) {
            return state.perform(
                    (lua, frame, byteSize) -> {
                        Staged staged = stage(state, chunk, beside);
                        return LuaNative.mp_run(
                                lua,
                                staged.code,
                                chunk.code().length,
                                staged.name,
                                mode(chunk),
                                frame,
                                frame,
                                byteSize);
                    },
                    arguments);
        }
    }

    /**
     * Loads a chunk.
     *
     * @param environment the table of its global variables; null for the state's
     * @return the function
     */
    public static Object load(State state, Chunk chunk, @Nullable Handle environment) {
        try (Arena beside = Arena.ofConfined()) {
            List<@Nullable Object> function =
                    state.perform( // the number is good from when the state was entered
                            (lua, frame, byteSize) -> {
                                int table = environment == null ? 0 : environment.number();
                                Staged staged = stage(state, chunk, beside);
                                return LuaNative.mp_load(
                                        lua,
                                        staged.code,
                                        chunk.code().length,
                                        staged.name,
                                        mode(chunk),
                                        table,
                                        frame,
                                        byteSize);
                            });
            return Objects.requireNonNull(function.getFirst());
        } finally {
            Reference.reachabilityFence(environment);
        }
    }

    /**
     * Runs a chunk and calls the global {@code print} with its results if there are any, as Lua
     * does with an interactive line.
     */
    public static void runAndPrint(State state, Chunk chunk) {
        state.enter();
        try (Arena beside = Arena.ofConfined()) {
            Frame.begin(state.frame(), 0);
            MemorySegment headerOnly = state.frameSegment();
            Staged staged = stage(state, chunk, beside);
            int status =
                    LuaNative.mp_run(
                            state.lua(),
                            staged.code,
                            chunk.code().length,
                            staged.name,
                            mode(chunk),
                            headerOnly,
                            headerOnly,
                            Frame.HEADER_SIZE);
            if (status != LuaNative.LUA_OK()) {
                LuaNative.mp_fetch(state.lua(), 0, state.frameSegment(), state.frameByteSize());
                throw state.failure(status);
            }
            if (Frame.count(state.frame()) > 0) {
                status =
                        LuaNative.mp_print(
                                state.lua(), state.frameSegment(), state.frameByteSize());
                if (status != LuaNative.LUA_OK()) {
                    throw state.printFailure(status);
                }
            }
        } finally {
            state.crossings--;
        }
    }

    private record Staged(MemorySegment name, MemorySegment code) {}

    /**
     * Puts the name and the code where Lua reads them. The code part is for a state at rest: while
     * Lua runs, it may be in the middle of loading from there.
     */
    private static Staged stage(State state, Chunk chunk, Arena beside) {
        byte[] name = chunk.name().getBytes(UTF_8);
        byte[] bytes = chunk.code();
        long needed = name.length + 1L + bytes.length;
        MemorySegment place =
                needed <= state.code().byteSize() && !state.isNested()
                        ? state.code()
                        : beside.allocate(needed);
        MemorySegment.copy(MemorySegment.ofArray(name), 0, place, 0, name.length);
        place.set(JAVA_BYTE, name.length, (byte) 0);
        MemorySegment code = place.asSlice(name.length + 1L);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, code, 0, bytes.length);
        return new Staged(place, code);
    }

    private static MemorySegment mode(Chunk chunk) {
        return switch (chunk.mode()) {
            case TEXT -> TEXT;
            case BINARY -> BINARY;
            case TEXT_OR_BINARY -> TEXT_OR_BINARY;
        };
    }
}
