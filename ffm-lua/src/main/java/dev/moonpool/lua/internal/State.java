package dev.moonpool.lua.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.moonpool.lua.internal.ffi.LuaNative;
import dev.moonpool.lua.internal.ffi.mp_config;
import dev.moonpool.memory.AllocatorStatistics;
import dev.moonpool.memory.BlockAllocator;
import dev.moonpool.memory.CHeap;
import dev.moonpool.memory.FreeSpace;
import dev.moonpool.memory.Lease;
import dev.moonpool.memory.PoolAllocator;
import dev.moonpool.memory.Region;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A {@code lua_State} with the region it lives in: its life, and who may enter it.
 *
 * <ol>
 *   <li>Only the thread that owns a state enters it: whoever made it, until it is handed over.
 *   <li>C is entered when Lua is not running, or has called a Java function; not by an allocator
 *       that Lua has called, nor while the state is being closed.
 *   <li>Values travel in the current frame: the io part, or what C says while a Java function runs.
 *       It is free between any two calls, since whoever reads it reads it at once.
 *   <li>The region, and the memory of the allocator, are retained while the state is open; and the
 *       allocator is claimed, as the state asks it on whatever thread owns the state.
 * </ol>
 */
public final class State implements AutoCloseable {
    /** The smallest io part: room for an error's message and some values. */
    public static final long MIN_IO_BYTE_SIZE = 1024;

    /** If so much of the memory is in use when some is refused, garbage may be what takes it. */
    private static final double MUCH = 0.5;

    private final Region region;
    private final BlockAllocator allocator;
    private final Lease lease;
    private final CHeap heap;
    private final MemorySegment code;
    private final MemorySegment io;
    private final Requests requests;
    private final MemorySegment lua;
    private final ValueMapper mapper;
    private final SpareSlots spareSlots = new SpareSlots();
    private final ForeignTable foreign = new ForeignTable();
    private final HandleTable handles = new HandleTable(this::memoryInUse);
    private final DueHandles dueHandles = new DueHandles(handles);
    private final Exchange exchange;
    private final Call call = new Call(this);
    private final TextCache keys = new TextCache(this);
    private final TextCache texts = new TextCache(this);

    private final Resources resources = new Resources();

    private volatile @Nullable Thread owner = Thread.currentThread();

    /**
     * How often control has gone to C, and come back into Java by a call, in what is under way: 0
     * outside of all calls. While it is odd the state is C's, and cannot be entered.
     */
    int crossings = 1;

    private boolean closing;
    private volatile boolean closed;
    private long rejectionsBefore;

    /** Whether Lua was refused memory since it was last collected. */
    private boolean hasGarbage;

    private MemorySegment frameSegment;
    private long frame;
    private long frameByteSize;

    /**
     * Opens a state.
     *
     * @throws RuntimeException as the mapper makes it, if Lua cannot start: as a rule because the
     *     pool is too small
     * @throws IllegalArgumentException if the io part is smaller than {@link #MIN_IO_BYTE_SIZE}
     * @throws IllegalStateException if the allocator serves another state, or its memory is gone
     * @throws OutOfMemoryError if the region cannot be reserved
     */
    public State(StateConfig config) {
        if (config.layout().ioByteSize() < MIN_IO_BYTE_SIZE) {
            throw new IllegalArgumentException(
                    "io part is too small for values to travel in: ioByteSize=%d, needed=%d"
                            .formatted(config.layout().ioByteSize(), MIN_IO_BYTE_SIZE));
        }
        NativeLibrary.load();
        Resources.closeAbandoned();
        mapper = config.mapper();
        exchange = new Exchange(this, mapper, foreign);
        region = Region.reserveUpTo(config.layout());
        resources.onRelease(region::close);
        try {
            code = region.code();
            // By address: a segment of the region would be retained and released with every call.
            io = MemorySegment.ofAddress(region.io().address());
            frameSegment = io;
            frame = io.address();
            frameByteSize = region.io().byteSize();
            resources.onRelease(region.retain()::close);
            allocator =
                    Objects.requireNonNull(
                            config.allocator().apply(region), "allocator's maker returned null");
            lease = allocator.retain();
            resources.onRelease(lease::close);
            lease.claim();
            heap = new CHeap(allocator);
            resources.onRelease(atEnd(config.atEnd(), heap));
            long number = Callbacks.add(this, heap);
            resources.onRelease(forgetting(number, heap));
            requests =
                    config.direct() ? Requests.direct(allocator, number) : Requests.upcall(number);
            resources.keep(requests);
            lua = open(config, number);
            resources.opened(this, lua);
            crossings = 0;
        } catch (Throwable e) {
            try {
                resources.releaseAll();
            } catch (RuntimeException kept) {
                e.addSuppressed(kept);
            }
            throw e;
        }
    }

    private static Runnable atEnd(Consumer<? super CHeap> action, CHeap heap) {
        return () -> action.accept(heap);
    }

    private static Runnable forgetting(long number, CHeap heap) {
        return () -> Callbacks.remove(number, heap);
    }

    private MemorySegment open(StateConfig config, long number) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment settings = mp_config.allocate(arena);
            mp_config.allocate(settings, requests.function());
            mp_config.ud(settings, requests.ud());
            mp_config.libraries(settings, config.libraries());
            mp_config.flags(settings, config.flags());
            mp_config.invoke(settings, Callbacks.INVOKE);
            mp_config.discard(settings, Callbacks.DISCARD);
            mp_config.runtime(settings, number);
            mp_config.io(settings, io);
            mp_config.io_byte_size(settings, frameByteSize);
            MemorySegment state = arena.allocate(LuaNative.C_POINTER);
            int status = LuaNative.mp_open(settings, state, io, frameByteSize);
            if (status != LuaNative.LUA_OK()) {
                throw mapper.failure(
                        new LuaError(
                                status,
                                "cannot create state: %s (pool of %d bytes)"
                                        .formatted(
                                                message(
                                                        Frame.count(io.address()) > 0
                                                                ? bytes(0)
                                                                : null,
                                                        status),
                                                config.layout().poolByteSize()),
                                null,
                                null,
                                new byte[0],
                                rejection()));
            }
            return state.get(LuaNative.C_POINTER, 0);
        }
    }

    // ------------------------------------------------------------------------------- entering

    /**
     * Begins a call into C. What ends it is {@code crossings--}, without a method: Java's stack may
     * have come to its end, where none can be called.
     *
     * @throws IllegalStateException if the state is closed, or running
     * @throws WrongThreadException if another thread owns the state
     */
    void enter() {
        if (Thread.currentThread() != owner || isOfC()) {
            throw refusal();
        }
        // Calls come first: the stack may end in any of them, and then nothing is lost.
        endDueHandles();
        if (crossings == 0) {
            if (hasGarbage) {
                collectGarbage();
            }
            rejectionsBefore = heap.rejections();
        }
        crossings++;
    }

    /**
     * What failed for want of memory has left garbage, and handles that have ended since. Lua would
     * collect it when the next request is refused, but not where that is its stack's, which every
     * call may need more of: so it would be full for ever.
     */
    private void collectGarbage() {
        hasGarbage = false;
        crossings++;
        try {
            int status = LuaNative.mp_collect(lua, frameSegment, frameByteSize);
            if (status != LuaNative.LUA_OK() && Frame.isHeld(frame)) {
                LuaNative.mp_release(lua);
            }
        } finally {
            crossings--;
        }
    }

    private boolean isOfC() {
        return (crossings & 1) != 0;
    }

    private RuntimeException refusal() {
        RuntimeException wrongThread = wrongThread();
        if (wrongThread != null) {
            return wrongThread;
        }
        if (closed) {
            return new IllegalStateException("state is closed");
        }
        return new IllegalStateException(
                closing
                        ? "state is being closed, and cannot be entered"
                        : "state is running already, and cannot be entered again");
    }

    private @Nullable RuntimeException wrongThread() {
        Thread current = Thread.currentThread();
        Thread expected = owner;
        if (current == expected) {
            return null;
        }
        return new WrongThreadException(
                expected == null
                        ? "state was detached, and no thread owns it: current=" + current
                        : "state belongs to another thread: owner=%s, current=%s"
                                .formatted(expected, current));
    }

    /**
     * Verifies that the caller may look at the state, though not enter it.
     *
     * @throws IllegalStateException if the state is closed
     * @throws WrongThreadException if another thread owns the state
     */
    public void requireOpen() {
        RuntimeException wrongThread = wrongThread();
        if (wrongThread != null) {
            throw wrongThread;
        }
        if (closed) {
            throw new IllegalStateException("state is closed");
        }
    }

    /**
     * Verifies that the caller may enter the state.
     *
     * @throws IllegalStateException if the state is closed, or running
     * @throws WrongThreadException if another thread owns the state
     */
    public void requireEnterable() {
        if (Thread.currentThread() != owner || isOfC() || closed) {
            throw refusal();
        }
    }

    /** {@return whether C is not about to read handles' numbers from another frame} */
    boolean mayEndHandles() {
        return frame == io.address();
    }

    private void endDueHandles() {
        if (mayEndHandles()) {
            dueHandles.end(lua);
        }
    }

    /** Ends a handle that no object of Java's stands for; within the state. */
    void forgetNow(int number) {
        dueHandles.endNow(lua, number);
    }

    /** Ends the handles of the objects in the frame, from an index on. They are nil then. */
    void dropObjects(int first) {
        for (int i = first; i < Frame.written(frame); i++) {
            int number = Exchange.objectNumber(frame, i);
            if (number != 0) {
                Frame.setNil(frame, i);
                forgetNow(number);
            }
        }
    }

    /** {@return whether Lua is running: what is called now is called by a Java function} */
    boolean isNested() {
        return crossings > 2;
    }

    /** {@return whether no thread owns the state} For any thread. */
    public boolean isFree() {
        return owner == null;
    }

    /** {@return whether the calling thread owns the state} */
    public boolean isOwned() {
        return Thread.currentThread() == owner;
    }

    /**
     * Gives the state up, so that another thread can take it over.
     *
     * @throws IllegalStateException if it is closed, or running
     * @throws WrongThreadException if another thread owns it
     */
    public void detach() {
        requireOpen();
        if (crossings > 0) {
            throw new IllegalStateException("state is running, and cannot be handed over");
        }
        lease.handOver();
        owner = null;
    }

    /**
     * Takes over a state that was given up; nothing happens if the thread owns it already.
     *
     * @throws IllegalStateException if the state is closed
     * @throws WrongThreadException if another thread owns it
     */
    public void attach() {
        if (!tryAttach()) {
            throw closed ? new IllegalStateException("state is closed") : refusal();
        }
    }

    /** {@return whether the thread owns the state now} */
    public synchronized boolean tryAttach() {
        if (closed) {
            return false;
        }
        if (owner == null) {
            owner = Thread.currentThread();
        }
        return isOwned();
    }

    // ---------------------------------------------------------------------------------- calls

    /** A function of the host library, which has its arguments and results in a frame. */
    @FunctionalInterface
    interface Downcall {
        /** {@return the status} */
        int call(MemorySegment lua, MemorySegment frame, long byteSize);
    }

    /**
     * Calls a function of the host library.
     *
     * @param downcall the function
     * @param arguments as they look above
     * @return its results, as they look above
     * @throws RuntimeException as the mapper makes it, if there is an error in Lua
     * @throws IllegalArgumentException if an argument has no counterpart in Lua
     */
    List<@Nullable Object> perform(Downcall downcall, @Nullable Object... arguments) {
        enter();
        int inside = crossings;
        MemorySegment usual = frameSegment;
        long usualFrame = frame;
        long usualByteSize = frameByteSize;
        try (Overflow overflow = new Overflow()) {
            crossings++; // the class of an object is made when the first one goes to Lua
            long target = exchange.write(arguments, frame, frameByteSize, overflow);
            crossings--;
            if (target != frame) {
                use(MemorySegment.ofAddress(target), overflow.byteSize());
            }
            int status = send(downcall);
            if (status != LuaNative.LUA_OK() && status != LuaNative.LUA_YIELD()) {
                throw failure(status);
            }
            return takeAll();
        } finally {
            frameSegment = usual;
            frame = usualFrame;
            frameByteSize = usualByteSize;
            crossings = inside - 1;
            Reference.reachabilityFence(arguments); // the frame has no more than their numbers
        }
    }

    private int send(Downcall downcall) {
        try {
            return downcall.call(lua, frameSegment, frameByteSize);
        } catch (Throwable e) {
            foreign.takeBack(); // C throws nothing, so it was not called
            throw e;
        }
    }

    private void use(MemorySegment segment, long byteSize) {
        frameSegment = segment;
        frame = segment.address();
        frameByteSize = byteSize;
    }

    /** Takes the results that are in the frame, and those that did not fit into it. */
    List<@Nullable Object> takeAll() {
        boolean held = Frame.isHeld(frame);
        try {
            List<@Nullable Object> values = new ArrayList<>(Frame.count(frame));
            readAll(values);
            return values;
        } finally {
            if (held) {
                LuaNative.mp_release(lua);
            }
        }
    }

    /** Reads what is in the frame, and what C holds for it. */
    void readAll(List<@Nullable Object> values) {
        int count = Frame.count(frame);
        exchange.read(frame, values);
        int usual = crossings;
        crossings |= 1; // for an allocator that is asked for the handles' memory
        try {
            while (values.size() < count) {
                int before = values.size();
                LuaNative.mp_fetch(lua, before, frameSegment, frameByteSize);
                exchange.read(frame, values);
                if (values.size() == before) {
                    throw new IllegalStateException(
                            "values are not held any more: read=%d, count=%d"
                                    .formatted(before, count));
                }
            }
        } finally {
            crossings = usual;
        }
    }

    /** {@return what is to be thrown for a status that is an error's} */
    RuntimeException failure(int status) {
        boolean held = Frame.isHeld(frame);
        try {
            if (status == LuaNative.LUA_ERRMEM() && memoryInUse(0) > MUCH) {
                handles.outOfMemory();
                hasGarbage = true;
            }
            return mapper.failure(error(status));
        } finally {
            if (held) {
                LuaNative.mp_release(lua);
            }
        }
    }

    /** {@return what is to be thrown when {@code print} failed on what an interactive line gave} */
    RuntimeException printFailure(int status) {
        LuaError error = error(status);
        return mapper.failure(
                new LuaError(
                        status,
                        "error calling 'print' (" + error.getMessage() + ")",
                        error.value(),
                        null,
                        new byte[0],
                        error.getCause()));
    }

    private LuaError error(int status) {
        Object value = Frame.count(frame) > 0 ? exchange.read(frame, 0) : null;
        byte[] @Nullable [] details = details();
        byte[] levels = details[2];
        Throwable cause = value instanceof Throwable thrown ? thrown : rejection();
        return new LuaError(
                status,
                message(details[0], status),
                value,
                details[1] == null ? null : new String(details[1], UTF_8),
                levels == null ? new byte[0] : levels,
                cause);
    }

    /** Reads message, traceback and levels, which stand behind the error value. */
    private byte[] @Nullable [] details() {
        byte[] @Nullable [] details = new byte[3] @Nullable [];
        int count = Frame.count(frame);
        int first = 0; // what the frame begins with
        for (int i = 1; i <= details.length && i < count; i++) {
            if (i - first >= Frame.written(frame)) {
                LuaNative.mp_fetch(lua, i, frameSegment, frameByteSize);
                first = i;
            }
            details[i - 1] = bytes(i - first);
        }
        return details;
    }

    /** What an allocator threw is null to Lua; here it is why there was no memory. */
    private @Nullable Throwable rejection() {
        return heap.rejections() > rejectionsBefore ? heap.lastRejection() : null;
    }

    private static String message(byte @Nullable [] message, int status) {
        if (message != null) {
            return new String(message, UTF_8);
        }
        // These errors leave no room for a message of their own.
        return status == LuaNative.LUA_ERRMEM() ? "not enough memory" : "stack overflow";
    }

    /** {@return the bytes of a value in the frame, null if it is no string} */
    private byte @Nullable [] bytes(int index) {
        return Frame.tag(frame, index) == LuaNative.MP_TAG_STRING()
                ? Frame.bytes(frame, index)
                : null;
    }

    /**
     * {@return a handle with a number that C has given} If that fails, the number is given back.
     */
    Handle newHandle(int number, Handle.Type type, long identity) {
        Handle handle;
        try {
            handle = new Handle(this, number, type, identity);
        } catch (Throwable e) {
            forgetNow(number);
            throw e;
        }
        handle.register();
        return handle;
    }

    HandleTable handles() {
        return handles;
    }

    MemorySegment lua() {
        return lua;
    }

    /** {@return room for values that are to be copied out of the frame} */
    Slots newSlots() {
        return new Slots(mapper, spareSlots);
    }

    MemorySegment code() {
        return code;
    }

    long frame() {
        return frame;
    }

    MemorySegment frameSegment() {
        return frameSegment;
    }

    long frameByteSize() {
        return frameByteSize;
    }

    Exchange exchange() {
        return exchange;
    }

    /** {@return the names of fields} */
    TextCache keys() {
        return keys;
    }

    /** {@return the arguments of calls: these must not take the places of names} */
    TextCache texts() {
        return texts;
    }

    // ------------------------------------------------------------------------- Java functions

    /** Lua calls a Java function. {@return the address of the reply, or 0} */
    long invoked(long id, long argumentsFrame, long argumentsByteSize) {
        if (argumentsFrame != frame) {
            return invokedElsewhere(id, argumentsFrame, argumentsByteSize);
        }
        int usual = crossings;
        crossings += closing ? 0 : 1;
        try {
            if (!closing) { // a long run of Lua's may never leave it, but pass many objects
                endDueHandles();
            }
            if (foreign.get(id) instanceof Callable function) {
                return function.call(call);
            }
            return raise("Java function is gone: id=" + id);
        } catch (Throwable thrown) {
            return raised(thrown);
        } finally {
            crossings = usual;
        }
    }

    /** As above, with arguments in a frame of their own. */
    private long invokedElsewhere(long id, long argumentsFrame, long argumentsByteSize) {
        MemorySegment callersSegment = frameSegment;
        long callersFrame = frame;
        long callersByteSize = frameByteSize;
        use(MemorySegment.ofAddress(argumentsFrame), argumentsByteSize);
        try {
            return invoked(id, frame, frameByteSize);
        } finally {
            frameSegment = callersSegment;
            frame = callersFrame;
            frameByteSize = callersByteSize;
        }
    }

    /** Raises what a function threw, or else why that cannot be. */
    private long raised(Throwable thrown) {
        try {
            return raise(mapper.raised(thrown));
        } catch (RuntimeException | StackOverflowError impossible) {
            String reason = impossible.getMessage();
            return raise(thrown.getClass().getName() + (reason == null ? "" : ": " + reason));
        }
    }

    private long raise(@Nullable Object value) {
        long reply = writeReply(new @Nullable Object[] {value});
        Frame.outcome(reply, LuaNative.MP_RAISED());
        return reply;
    }

    /** Writes a reply of a Java function, into memory of Lua's if the frame is too small. */
    long writeReply(@Nullable Object[] values) {
        return exchange.write(values, frame, frameByteSize, this::replyBuffer);
    }

    private long replyBuffer(long byteSize) {
        int usual = crossings;
        crossings |= 1; // for an allocator that is asked for the memory
        long buffer;
        try {
            buffer = LuaNative.mp_buffer(lua, byteSize).address();
        } finally {
            crossings = usual;
        }
        if (buffer == 0) {
            throw new OutOfMemoryError(
                    "no memory in the state for what a function returns: byteSize=" + byteSize);
        }
        return buffer;
    }

    /** {@return the Java function or object that an id stands for; null if it is nothing's} */
    @Nullable Object foreign(long id) {
        return foreign.get(id);
    }

    /** Lua has no use for a Java function or object any more. */
    void discarded(long id) {
        foreign.remove(id);
    }

    /** {@return how many Java functions and objects Lua knows} */
    public int foreignCount() {
        requireOpen();
        return foreign.size();
    }

    // -------------------------------------------------------------------------------- closing

    /**
     * {@return the allocator's counters}
     *
     * @throws IllegalStateException if the state is closed
     * @throws WrongThreadException if another thread owns the state
     */
    public AllocatorStatistics statistics() {
        requireOpen();
        return allocator.statistics();
    }

    /** The part of the memory that is in use, from 0 to 1, when so many bytes more are. */
    private double memoryInUse(long more) {
        try {
            AllocatorStatistics statistics = allocator.statistics();
            double used = statistics.usedBytes();
            return (used + more) / (used + statistics.remainingBytes());
        } catch (RuntimeException e) {
            return 0; // a user's allocator
        }
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

    /** {@return whether the state is closed} */
    public boolean isClosed() {
        return closed;
    }

    /**
     * Closes the state and its region. Closing again does nothing. When the thread that owned the
     * state has ended, or gave it up, any other may close it.
     *
     * @throws IllegalStateException if the state is running, or too little stack is left to run
     *     finalizers on
     * @throws WrongThreadException if another thread owns the state, and is alive
     */
    @Override
    public void close() {
        takeToClose();
        if (closed) {
            releaseAll();
            return;
        }
        if (crossings > 0) {
            throw isOfC()
                    ? refusal()
                    : new IllegalStateException("state is running, and cannot be closed");
        }
        closing = true;
        crossings++;
        boolean done = false;
        try {
            done = closeLua();
        } finally {
            closing = false;
            crossings -= done ? 0 : 1; // nobody enters it any more
        }
        if (!done) {
            throw new IllegalStateException("too little stack is left to close the state on");
        }
        closed = true;
        releaseAll();
    }

    private void releaseAll() {
        try {
            resources.releaseAll();
        } finally {
            Reference.reachabilityFence(this); // else it looks as if it was forgotten
        }
    }

    /** Lua gives back all that it has, and the state's own region goes as a whole. */
    private boolean closeLua() {
        boolean trims = allocator instanceof PoolAllocator pool && pool.trimsByItself();
        boolean done = false;
        try {
            trimsByItself(false);
            done = resources.closeLua() == LuaNative.LUA_OK();
        } finally {
            if (!done) {
                trimsByItself(trims);
            }
        }
        return done;
    }

    private void trimsByItself(boolean byItself) {
        if (allocator instanceof PoolAllocator pool && pool.region() == region) {
            pool.trimsByItself(byItself);
        }
    }

    /**
     * Makes the thread the owner, if it may be. No more than that is done with the lock: finalizers
     * may wait for a thread that wants the state, and has to be turned down meanwhile.
     */
    private synchronized void takeToClose() {
        Thread expected = owner;
        if (expected == null || !expected.isAlive()) {
            owner = Thread.currentThread();
        }
        RuntimeException wrongThread = wrongThread();
        if (wrongThread != null) {
            throw wrongThread;
        }
    }
}
