package dev.moonpool.lua.internal;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.moonpool.lua.internal.ffi.LuaNative;
import dev.moonpool.lua.internal.ffi.mp_config;
import dev.moonpool.memory.AllocatorStatistics;
import dev.moonpool.memory.BlockAllocator;
import dev.moonpool.memory.CHeap;
import dev.moonpool.memory.FreeSpace;
import dev.moonpool.memory.Region;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A {@code lua_State} with the region it lives in.
 *
 * <ol>
 *   <li>Only the thread that made a state enters it, one call at a time: neither another thread nor
 *       an allocator that C has called reaches C with it.
 *   <li>The region, and the memory of the allocator, are retained while the state is open.
 *   <li>Between calls Lua's stack is empty.
 * </ol>
 */
public final class State implements AutoCloseable {
    /** The smallest io part: room for an error's message and some values. */
    public static final long MIN_IO_BYTE_SIZE = 1024;

    private static final MemorySegment TEXT = Arena.global().allocateFrom("t");
    private static final MemorySegment TEXT_OR_BINARY = Arena.global().allocateFrom("bt");
    private static final int LINE_BYTE_SIZE = 512;

    private final Thread owner = Thread.currentThread();
    private final BlockAllocator allocator;
    private final CHeap heap;
    private final MemorySegment code;
    private final MemorySegment io;
    private final Requests requests;
    private final MemorySegment lua;

    /** What ends with the state, the latest first. */
    private final Deque<Runnable> release = new ArrayDeque<>();

    private boolean entered;
    private long rejectionsBefore;
    private boolean closed;

    /**
     * Opens a state.
     *
     * @throws LuaError if Lua cannot start, as a rule because the pool is too small
     * @throws IllegalArgumentException if the io part is smaller than {@link #MIN_IO_BYTE_SIZE}
     * @throws OutOfMemoryError if the region cannot be reserved
     */
    public State(StateConfig config) throws LuaError {
        if (config.layout().ioByteSize() < MIN_IO_BYTE_SIZE) {
            throw new IllegalArgumentException(
                    "io part is too small for values to travel in: ioByteSize=%d, needed=%d"
                            .formatted(config.layout().ioByteSize(), MIN_IO_BYTE_SIZE));
        }
        NativeLibrary.load();
        Region region = Region.reserveUpTo(config.layout());
        release.push(region::close);
        try {
            code = region.code();
            io = region.io();
            release.push(region.retain()::close);
            allocator = config.allocator().apply(region);
            release.push(allocator.retain()::close);
            heap = new CHeap(allocator);
            release.push(() -> config.atEnd().accept(heap));
            long ud = Callbacks.add(heap);
            release.push(() -> Callbacks.remove(ud));
            requests = config.direct() ? Requests.direct(allocator, ud) : Requests.upcall(ud);
            lua = open(config);
        } catch (Throwable e) {
            try {
                releaseAll();
            } catch (RuntimeException kept) {
                e.addSuppressed(kept);
            }
            throw e;
        }
    }

    private MemorySegment open(StateConfig config) throws LuaError {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment settings = mp_config.allocate(arena);
            mp_config.allocate(settings, requests.function());
            mp_config.ud(settings, requests.ud());
            mp_config.libraries(settings, config.libraries());
            mp_config.flags(settings, config.flags());
            MemorySegment state = arena.allocate(LuaNative.C_POINTER);
            int status = LuaNative.mp_open(settings, state, io, io.byteSize());
            if (status != LuaNative.LUA_OK()) {
                LuaError error = error(status, take());
                throw new LuaError(
                        error.status(),
                        "cannot create state: %s (pool of %d bytes)"
                                .formatted(error.getMessage(), config.layout().poolByteSize()),
                        error.traceback(),
                        error.getCause());
            }
            return state.get(LuaNative.C_POINTER, 0);
        }
    }

    /**
     * Runs a chunk.
     *
     * @param chunk the code
     * @param arguments what {@code ...} is in the chunk; see {@link Frame}
     * @return the chunk's results
     * @throws LuaError if it cannot be loaded, or raises an error
     * @throws IllegalArgumentException if an argument has no counterpart in Lua
     */
    public List<@Nullable Object> run(Chunk chunk, @Nullable Object... arguments) throws LuaError {
        enter();
        try {
            return call(chunk, arguments, io);
        } finally {
            entered = false;
        }
    }

    /**
     * Runs a chunk and calls the global {@code print} with its results if there are any, as Lua
     * does with an interactive line.
     *
     * @throws LuaError if the chunk cannot be loaded, or either raises an error
     */
    public void runAndPrint(Chunk chunk) throws LuaError {
        enter();
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment headerOnly = scratch.allocate(Frame.HEADER_SIZE, Frame.SLOT_SIZE);
            int status = invoke(chunk, new Object[0], headerOnly);
            if (status != LuaNative.LUA_OK()) {
                throw error(status, takeHeld());
            }
            if (Frame.count(headerOnly) > 0) {
                status = LuaNative.mp_print(lua, io, io.byteSize());
                List<@Nullable Object> values = take();
                if (status != LuaNative.LUA_OK()) {
                    LuaError error = error(status, values);
                    throw new LuaError(
                            status,
                            "error calling 'print' (" + error.getMessage() + ")",
                            null,
                            error.getCause());
                }
            }
        } finally {
            entered = false;
        }
    }

    private List<@Nullable Object> call(
            Chunk chunk, @Nullable Object[] arguments, MemorySegment results) throws LuaError {
        int status = invoke(chunk, arguments, results);
        List<@Nullable Object> values = take();
        if (status != LuaNative.LUA_OK()) {
            throw error(status, values);
        }
        return values;
    }

    /** Stages the chunk, its name in front of it, and runs it. */
    private int invoke(Chunk chunk, @Nullable Object[] arguments, MemorySegment results) {
        byte[] name = chunk.name().getBytes(UTF_8);
        byte[] bytes = chunk.code();
        long needed = name.length + 1L + bytes.length;
        try (Arena overflow = Arena.ofConfined()) {
            MemorySegment staged = needed <= code.byteSize() ? code : overflow.allocate(needed);
            MemorySegment.copy(MemorySegment.ofArray(name), 0, staged, 0, name.length);
            staged.set(JAVA_BYTE, name.length, (byte) 0);
            MemorySegment source = staged.asSlice(name.length + 1L);
            MemorySegment.copy(MemorySegment.ofArray(bytes), 0, source, 0, bytes.length);
            return LuaNative.mp_run(
                    lua,
                    source,
                    bytes.length,
                    staged,
                    chunk.binary() ? TEXT_OR_BINARY : TEXT,
                    Frame.write(arguments, io, overflow),
                    results,
                    results.byteSize());
        }
    }

    /** Takes the values that are in the io part, and those that did not fit into it. */
    private List<@Nullable Object> take() {
        List<@Nullable Object> values = new ArrayList<>();
        boolean held = Frame.isHeld(io);
        try {
            Frame.read(io, values);
            while (values.size() < Frame.count(io)) {
                LuaNative.mp_fetch(lua, values.size(), io, io.byteSize());
                Frame.read(io, values);
            }
        } finally {
            if (held) {
                LuaNative.mp_release(lua);
            }
        }
        return values;
    }

    private List<@Nullable Object> takeHeld() {
        LuaNative.mp_fetch(lua, 0, io, io.byteSize());
        List<@Nullable Object> values = take();
        LuaNative.mp_release(lua);
        return values;
    }

    private LuaError error(int status, List<@Nullable Object> values) {
        String message =
                values.isEmpty() || !(values.getFirst() instanceof byte[] bytes)
                        ? messageOf(status)
                        : new String(bytes, UTF_8);
        String traceback =
                values.size() > 1 && values.get(1) instanceof byte[] bytes
                        ? new String(bytes, UTF_8)
                        : null;
        // What an allocator threw is null to Lua; here it is why there was no memory.
        Throwable cause = heap.rejections() > rejectionsBefore ? heap.lastRejection() : null;
        return new LuaError(status, message, traceback, cause);
    }

    /** For the errors that leave no room for a message of their own. */
    private static String messageOf(int status) {
        return status == LuaNative.LUA_ERRMEM() ? "not enough memory" : "stack overflow";
    }

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

    /**
     * {@return the allocator's counters}
     *
     * @throws IllegalStateException if the state is closed
     * @throws WrongThreadException if another thread made the state
     */
    public AllocatorStatistics statistics() {
        requireOpen();
        return allocator.statistics();
    }

    /** {@return what Lua's requests come through; it remembers why the last was turned down} */
    public CHeap heap() {
        return heap;
    }

    /** {@return how the allocator's free memory lies; as {@link #statistics()}, but not O(1)} */
    public FreeSpace freeSpace() {
        requireOpen();
        return allocator.freeSpace();
    }

    private void requireOpen() {
        requireOwner();
        if (closed) {
            throw new IllegalStateException("state is closed");
        }
    }

    private void requireOwner() {
        if (Thread.currentThread() != owner) {
            throw new WrongThreadException(
                    "state belongs to another thread: owner=%s, current=%s"
                            .formatted(owner, Thread.currentThread()));
        }
    }

    private void enter() {
        requireOpen();
        requireNotEntered();
        entered = true;
        rejectionsBefore = heap.rejections();
    }

    private void requireNotEntered() {
        if (entered) {
            throw new IllegalStateException(
                    "state is running already, and cannot be entered again");
        }
    }

    /**
     * Closes the state and its region. Closing again does nothing. When the thread that made the
     * state has ended, any other may close it.
     *
     * @throws IllegalStateException if the state is running, or too little stack is left to run
     *     finalizers on
     * @throws WrongThreadException if another thread made the state, and is alive
     */
    @Override
    public synchronized void close() {
        if (owner.isAlive()) {
            requireOwner();
        }
        if (closed) {
            releaseAll();
            return;
        }
        requireNotEntered();
        entered = true;
        int status;
        try {
            status = LuaNative.mp_close(lua);
        } finally {
            entered = false;
        }
        if (status != LuaNative.LUA_OK()) {
            throw new IllegalStateException("too little stack is left to close the state on");
        }
        closed = true;
        releaseAll();
    }

    /** Does what is left to do; what fails stays, and is tried again with the next close. */
    private void releaseAll() {
        while (!release.isEmpty()) {
            release.peek().run();
            release.pop();
        }
    }
}
