package dev.moonpool.lua;

import dev.moonpool.lua.internal.Callable;
import dev.moonpool.lua.internal.Chunk;
import dev.moonpool.lua.internal.Chunks;
import dev.moonpool.lua.internal.Coroutines;
import dev.moonpool.lua.internal.EarlyClasses;
import dev.moonpool.lua.internal.Foreign;
import dev.moonpool.lua.internal.Functions;
import dev.moonpool.lua.internal.Handle;
import dev.moonpool.lua.internal.State;
import dev.moonpool.lua.internal.StateConfig;
import dev.moonpool.lua.internal.Tables;
import dev.moonpool.lua.internal.ffi.LuaNative;
import dev.moonpool.memory.AllocatorStatistics;
import dev.moonpool.memory.BlockAllocator;
import dev.moonpool.memory.FreeSpace;
import dev.moonpool.memory.PoolAllocator;
import dev.moonpool.memory.Region;
import dev.moonpool.memory.RegionLayout;
import dev.moonpool.memory.SystemAllocator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A Lua state in a region of its own. All memory that Lua asks for comes from the allocator on that
 * region.
 *
 * <p>A state belongs to one thread at a time, the one that made it until it is handed over with
 * {@link #detach()} and {@link #attach()}: every call from another one throws {@link
 * WrongThreadException}. A Java function that Lua calls may use the state; an allocator that it
 * calls may not: that throws {@link IllegalStateException}, as does every call after {@link
 * #close()}.
 *
 * <p>Lua needs stack: a thread that has less than 640 KiB of it left cannot run a chunk, and gets a
 * {@link LuaException} that says so.
 *
 * <p>A state is a guest of its process: {@code os.exit} raises an error instead of ending it, and
 * Lua runs in the C locale, whatever the process's is, which {@code os.setlocale} cannot change.
 */
public final class Lua implements AutoCloseable {
    private final State state;
    private final Mailbox mailbox;
    private @Nullable LuaTable globals;
    private final Grants grants = new Grants(this);
    private @Nullable WeakTable weakTable;

    private Lua(Builder builder) {
        int libraries = 0;
        for (LuaLibrary library : builder.libraries) {
            libraries |= library.bit();
        }
        int flags = builder.environment ? 0 : LuaNative.MP_IGNORE_ENVIRONMENT();
        if (builder.trusted) {
            flags |= LuaNative.MP_TRUSTED();
        }
        state =
                new State(
                        new StateConfig(
                                builder.layout,
                                builder::makeAllocator,
                                builder.direct,
                                libraries,
                                flags,
                                new Values(this),
                                heap -> {}));
        mailbox = new Mailbox(state, builder.executor);
        try {
            builder.modules().install(this, builder.libraries);
            EarlyClasses.begin(earlyClasses());
        } catch (Throwable e) {
            state.close();
            throw e;
        }
    }

    /**
     * What may be needed where Java's stack ends, and initialises something; what reports first.
     */
    private static List<Class<?>> earlyClasses() {
        return List.of(
                LuaException.class,
                StackTraces.class,
                Values.class,
                LuaKind.class,
                LuaReference.class,
                LuaCoroutine.class,
                Scan.class,
                Overload.class,
                Granted.class,
                Member.class,
                Target.class,
                JavaToTable.class,
                TableToJava.class,
                RecordShape.class);
    }

    /**
     * {@return a new state in the reference layout, on a pool allocator, with all libraries}
     *
     * @throws OutOfMemoryError if the system cannot reserve the region
     */
    public static Lua create() {
        return builder().build();
    }

    /** {@return a builder that starts from what {@link #create()} makes} */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Runs Lua source.
     *
     * @param source the chunk, as text
     * @param arguments what {@code ...} is in it: null, {@code Boolean}, an integer or floating
     *     point number, {@code String} (as UTF-8), {@code byte[]}, a {@link LuaReference} of this
     *     state, a {@link JavaFunction}, or a Java object that was granted to Lua, each
     * @return what it returns
     * @throws LuaException if it cannot be compiled, or raises an error
     * @throws IllegalArgumentException if an argument is something else
     */
    public LuaValues eval(String source, @Nullable Object... arguments) {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(arguments, "arguments");
        return new LuaValues(Chunks.run(state, Chunk.of(source), arguments));
    }

    /**
     * Runs a file of Lua source. A byte order mark is skipped, and a first line that starts with
     * '#'.
     *
     * @param file the file, as text in UTF-8
     * @param arguments as in {@link #eval}
     * @return what it returns
     * @throws IOException if it cannot be read
     * @throws LuaException if it cannot be compiled, or raises an error
     * @throws IllegalArgumentException as in {@link #eval}
     */
    public LuaValues run(Path file, @Nullable Object... arguments) throws IOException {
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(arguments, "arguments");
        return new LuaValues(Chunks.run(state, Chunk.ofFile(file, Chunk.Mode.TEXT), arguments));
    }

    /**
     * {@return a chunk as a function, to be called as often as one likes}
     *
     * @param chunk the chunk
     * @throws LuaException if it cannot be compiled
     */
    public LuaFunction load(LuaChunk chunk) {
        Objects.requireNonNull(chunk, "chunk");
        LuaTable environment = chunk.environment();
        return (LuaFunction)
                Chunks.load(
                        state, chunk.chunk(), environment == null ? null : handleOf(environment));
    }

    /**
     * {@return Lua source as a function, to be called as often as one likes}
     *
     * @param source the source
     * @throws LuaException if it cannot be compiled
     */
    public LuaFunction load(String source) {
        return load(LuaChunk.of(source));
    }

    private Handle handleOf(LuaReference reference) {
        if (reference.lua() != this) {
            throw new IllegalArgumentException("value is another state's: " + reference);
        }
        return reference.handle;
    }

    /** {@return the table of the global variables} */
    public LuaTable globals() {
        state.requireOpen();
        LuaTable known = globals;
        if (known == null || known.isClosed()) {
            known = eval("return _ENV").asTable();
            globals = known;
        }
        return known;
    }

    /** {@return a new table} */
    public LuaTable newTable() {
        return newTable(0, 0);
    }

    /**
     * {@return a new table with room for what will come}
     *
     * @param elements how many elements, from index 1 on
     * @param fields how many other fields
     * @throws IllegalArgumentException if one of them is negative
     */
    public LuaTable newTable(int elements, int fields) {
        if (elements < 0 || fields < 0) {
            throw new IllegalArgumentException(
                    "room for a negative number: elements=%d, fields=%d"
                            .formatted(elements, fields));
        }
        return (LuaTable) Tables.create(state, elements, fields);
    }

    /**
     * {@return a new table with the contents of a map, an iterable, an array or a record} So are
     * the maps, collections, arrays and records within, however deep; one that is met more than
     * once becomes one table, so that those that refer to each other still do. Many entries go to
     * Lua at a time.
     *
     * <ul>
     *   <li>an iterable's and an array's elements have indices from 1 on, a record's components
     *       their names
     *   <li>null and an empty {@code Optional} are left out, and leave a hole among elements
     *   <li>an enum's constant is its name, as a key too; a {@code byte[]} within is a string
     *   <li>all other values and keys are as in {@link #eval}; so is what is within and of a class
     *       that has a {@linkplain #register type} here, be it a collection or a record
     * </ul>
     *
     * @param value the map, iterable, array or record
     * @throws IllegalArgumentException if it is something else, or if there is a key or a value in
     *     it that has no counterpart in Lua, or is another state's; the message has its path; or if
     *     there is a record whose package is not open to this module
     * @throws LuaException if the state's memory does not suffice
     */
    public LuaTable toTable(Object value) {
        return JavaToTable.convert(this, Objects.requireNonNull(value, "value"));
    }

    /**
     * {@return a new function in Lua that calls one in Java}
     *
     * @param function the function
     */
    public LuaFunction function(JavaFunction function) {
        return hold(Values.callable(Objects.requireNonNull(function, "function")));
    }

    /**
     * {@return a new function in Lua that calls one in Java, without making objects}
     *
     * @param function called with an integer; anything else raises a ClassCastException
     */
    public LuaFunction longFunction(LongUnaryOperator function) {
        return hold(TypedFunctions.longs(Objects.requireNonNull(function, "function")));
    }

    /**
     * {@return a new function in Lua that calls one in Java, without making objects}
     *
     * @param function called with two integers; anything else raises a ClassCastException
     */
    public LuaFunction longFunction(LongBinaryOperator function) {
        return hold(TypedFunctions.longs(Objects.requireNonNull(function, "function")));
    }

    /**
     * {@return a new function in Lua that calls one in Java, without making objects}
     *
     * @param function called with a number; anything else raises a ClassCastException
     */
    public LuaFunction doubleFunction(DoubleUnaryOperator function) {
        return hold(TypedFunctions.doubles(Objects.requireNonNull(function, "function")));
    }

    /**
     * {@return a new function in Lua that calls one in Java, without making objects}
     *
     * @param function called with two numbers; anything else raises a ClassCastException
     */
    public LuaFunction doubleFunction(DoubleBinaryOperator function) {
        return hold(TypedFunctions.doubles(Objects.requireNonNull(function, "function")));
    }

    /**
     * {@return a new function in Lua that calls one in Java}
     *
     * @param function called with a string; anything else raises a ClassCastException
     */
    public LuaFunction stringFunction(UnaryOperator<String> function) {
        return hold(TypedFunctions.strings(Objects.requireNonNull(function, "function")));
    }

    private LuaFunction hold(Callable function) {
        return new LuaFunction(this, Functions.hold(state, function, Handle.Type.FUNCTION));
    }

    /**
     * {@return a new coroutine}
     *
     * @param function what runs in it
     */
    public LuaCoroutine newCoroutine(LuaFunction function) {
        return (LuaCoroutine)
                Coroutines.create(handleOf(Objects.requireNonNull(function, "function")));
    }

    /** Collects all garbage in the state, and lets go of references that Java does not use. */
    public void collectGarbage() {
        Functions.collect(state);
    }

    /**
     * Lets the coroutines of {@link LuaFunction#callAsync} go on that can, once each: those whose
     * stage is complete, and those that have yielded without one. Those whose future was cancelled,
     * or completed by somebody else, are closed. A stage that another thread completes may tell
     * that thread before it tells this state: then its coroutine goes on with the next call.
     *
     * @return how many there were
     * @throws IllegalStateException if the state is closed, or cannot be entered
     * @throws WrongThreadException if another thread owns it
     */
    public int runPending() {
        return mailbox.run();
    }

    /**
     * Waits until a stage is complete, and lets coroutines go on meanwhile as {@link #runPending}
     * does. A Java function that Lua has called may wait so too; the call of {@link
     * LuaFunction#callAsync} that it is a part of cannot end before it.
     *
     * @param stage any stage, one of {@link LuaFunction#callAsync} for one
     * @param <T> its result
     * @return what it gives
     * @throws java.util.concurrent.CompletionException if it failed; the cause is what with
     * @throws java.util.concurrent.CancellationException if it was cancelled
     * @throws InterruptedException if the thread is interrupted before; the stage goes on
     * @throws IllegalStateException if the state is closed, or cannot be entered
     * @throws WrongThreadException if another thread owns it
     */
    public <T extends @Nullable Object> T await(CompletionStage<T> stage)
            throws InterruptedException {
        return mailbox.await(Objects.requireNonNull(stage, "stage"));
    }

    /**
     * Gives the state up, so that another thread can {@link #attach()} it, or the {@linkplain
     * Builder#executor executor} can run coroutines. Costs a lock that nobody holds.
     *
     * @throws IllegalStateException if it is closed, or running
     * @throws WrongThreadException if another thread owns it
     */
    public void detach() {
        mailbox.detach();
    }

    /**
     * Makes the calling thread, which may be a virtual one, the owner of a state that was given up.
     * Does nothing if it owns the state already. A state that was not given up by its thread before
     * that ended can be closed, but nobody can own it. If the {@linkplain Builder#executor
     * executor} runs coroutines of the state, it waits until they yield; what runs on an executor
     * for another state does not wait, and is turned down.
     *
     * @throws IllegalStateException if the state is closed
     * @throws WrongThreadException if another thread owns it
     */
    public void attach() {
        mailbox.attach();
    }

    /** {@return whether the calling thread owns the state} Any thread may ask. */
    public boolean isAttached() {
        return state.isOwned();
    }

    // ------------------------------------------------------------------------- Java objects

    /**
     * Gives objects of a class to Lua with a type by themselves, wherever values go there: as
     * arguments, results, in fields. Objects of classes below it are among them, unless another
     * type is nearer: that of the class itself, of its interfaces in their order, then of what is
     * above it.
     *
     * @param type the type; doing it again with the same one does nothing
     * @throws IllegalStateException if the class has another type in this state
     * @throws IllegalArgumentException if objects of the class have a counterpart in Lua anyway
     */
    public void register(LuaType<?> type) {
        grants.register(Objects.requireNonNull(type, "type"));
    }

    /**
     * {@return an object in Lua} Lua keeps it alive as long as it has a use for it. Types stay in
     * the state, so they are for being made once and used again.
     *
     * @param object the object
     * @param type what Lua may do with it
     * @param <T> a class of the object
     * @throws IllegalArgumentException if objects of its class have a counterpart in Lua anyway, a
     *     {@link LuaReference} for one
     */
    public <T> LuaUserdata wrap(T object, LuaType<? super T> type) {
        return wrap(object, type, Foreign.Hold.STRONG);
    }

    /**
     * {@return an object in Lua, which does not keep it alive} When it was collected, each use of
     * it by Lua raises an error, and Java gets a {@link java.lang.ref.WeakReference} that was
     * cleared where it would get the object.
     *
     * @param object the object
     * @param type what Lua may do with it
     * @param <T> a class of the object
     * @throws IllegalArgumentException if objects of its class have a counterpart in Lua anyway, a
     *     {@link LuaReference} for one
     */
    public <T> LuaUserdata wrapWeak(T object, LuaType<? super T> type) {
        return wrap(object, type, Foreign.Hold.WEAK);
    }

    private LuaUserdata wrap(Object object, LuaType<?> type, Foreign.Hold hold) {
        Objects.requireNonNull(object, "object");
        return grants.wrap(object, Objects.requireNonNull(type, "type"), hold);
    }

    /**
     * Takes an object away from Lua, with whatever types it was given out. Each use of the userdata
     * that are there raises an error from now on. The object can be given out again, as another
     * userdata.
     *
     * @param object the object
     * @return whether Lua had it
     */
    public boolean revoke(Object object) {
        return grants.revoke(Objects.requireNonNull(object, "object"));
    }

    /**
     * {@return an interface that a table implements} A method calls the function of its name in the
     * table, with the table as the first argument: {@code table:name(...)}. A default method that
     * the table does not have does what it does in Java; any other throws {@link
     * UnsupportedOperationException}.
     *
     * <p>The function's first result becomes what the method returns, as parameters do in {@link
     * LuaType}; if it cannot, the method throws {@link ClassCastException}. An error in it is a
     * {@link LuaException}, or, if it is an exception of Java's that the method declares, that
     * exception. In Lua the object is the table.
     *
     * <p>The object keeps the table alive. It is equal to others that the same table implements.
     *
     * @param type the interface
     * @param table the table
     * @param <T> the interface
     * @throws IllegalArgumentException if it is no interface, or one that cannot be implemented so
     */
    public <T> T implement(Class<T> type, LuaTable table) {
        return type.cast(
                Implementation.of(
                        this,
                        Objects.requireNonNull(type, "type"),
                        Objects.requireNonNull(table, "table")));
    }

    /**
     * {@return a functional interface that a function implements, as {@link #implement(Class,
     * LuaTable)} does it}
     *
     * @param type the interface, which has one abstract method
     * @param function what the abstract method calls; default methods do what they do in Java
     * @param <T> the interface
     * @throws IllegalArgumentException if it is no such interface
     */
    public <T> T implement(Class<T> type, LuaFunction function) {
        return type.cast(
                Implementation.of(
                        this,
                        Objects.requireNonNull(type, "type"),
                        Objects.requireNonNull(function, "function")));
    }

    Grants grants() {
        return grants;
    }

    WeakTable weakTable() {
        WeakTable known = weakTable;
        if (known == null) {
            WeakTable created = new WeakTable(this); // may set off a finalizer that asks for it too
            known = weakTable;
            if (known == null) {
                known = created;
                weakTable = known;
            }
        }
        return known;
    }

    State state() {
        return state;
    }

    Mailbox mailbox() {
        return mailbox;
    }

    /** {@return the counters of the allocator at this moment} */
    public AllocatorStatistics statistics() {
        return state.statistics();
    }

    /** {@return how the free memory of the allocator lies} Costs a walk through all of it. */
    public FreeSpace freeSpace() {
        return state.freeSpace();
    }

    /**
     * Closes the state, running the finalizers that wait, and gives its region back to the system.
     * Closing again does nothing. When the thread that made the state has ended, any other may
     * close it. If the executor runs coroutines of the state, it waits until they yield.
     *
     * <p>Coroutines that have not ended are dropped, as Lua does: what they have to close stays
     * unclosed, finalizers run. Their futures are complete with a {@link
     * java.util.concurrent.CancellationException} then.
     *
     * @throws IllegalStateException if the state is running, or the stack is too short for it
     * @throws WrongThreadException if another thread made the state, and is alive
     */
    @Override
    public void close() {
        mailbox.close();
    }

    /** Says what a state is made of. Can be used more than once; for one thread at a time. */
    public static final class Builder {
        private RegionLayout layout = RegionLayout.REFERENCE;
        private long maxMemory; // 0 for none
        private Function<? super Region, ? extends BlockAllocator> allocator = PoolAllocator::new;
        private boolean direct = true;
        private Set<LuaLibrary> libraries = EnumSet.allOf(LuaLibrary.class);
        private boolean environment = true;
        private @Nullable Executor executor;
        private boolean trusted;
        private final List<LuaSearcher> searchers = new ArrayList<>();
        private final Map<String, JavaFunction> preloaded = new LinkedHashMap<>();

        private Builder() {}

        /**
         * Sets the sizes of the region's parts.
         *
         * @param layout the sizes; the reference layout unless set
         * @return this builder
         */
        public Builder layout(RegionLayout layout) {
            Objects.requireNonNull(layout, "layout");
            this.layout = maxMemory == 0 ? layout : layout.withMaxPoolByteSize(maxMemory);
            return this;
        }

        /**
         * Sets the allocator that serves every request of the state. As a rule it is made on the
         * state's region. It is the state's until the state is closed: what would take its memory
         * away is refused, and so is another state that is to be built on it, on whatever thread,
         * unless it serves several threads at once, as a {@link SystemAllocator} does where {@link
         * #direct} is off. But freeing a block that Lua uses damages the state, and so does using
         * the allocator, or an arena or a heap on it, on another thread than the one that owns the
         * state.
         *
         * @param allocator makes it, {@code PoolAllocator::new} unless set
         * @return this builder
         */
        public Builder allocator(Function<? super Region, ? extends BlockAllocator> allocator) {
            this.allocator = Objects.requireNonNull(allocator, "allocator");
            return this;
        }

        /**
         * Sets whether C serves by itself the requests that need no decision, where the allocator
         * is a {@link PoolAllocator} or a {@link SystemAllocator}. Java is asked for the rest.
         * Which blocks Lua gets, and what the statistics say, is the same either way.
         *
         * @param direct false to send every request to Java, as for other allocators; true unless
         *     set
         * @return this builder
         */
        public Builder direct(boolean direct) {
            this.direct = direct;
            return this;
        }

        /**
         * Sets how much memory the pool allocator may take: the pool and the growth area are made
         * so large, and no larger, that blocks and the free memory between them fit. It takes the
         * place of the sizes that the layout has for these.
         *
         * <p>What Java holds counts: each reference to a table, function, userdata or coroutine
         * keeps it until it is {@linkplain LuaReference#close() closed}, or until Java's collector
         * has found it unreachable. When the limit is near, a collection is asked for, as the JDK
         * does for direct buffers; with a small limit, close what you do not keep.
         *
         * @param byteSize the limit in bytes; a new state with all libraries takes 24 KiB of it
         * @return this builder
         * @throws IllegalArgumentException if no region can have it
         */
        public Builder maxMemory(long byteSize) {
            this.layout = layout.withMaxPoolByteSize(byteSize);
            this.maxMemory = byteSize;
            return this;
        }

        /**
         * Sets the libraries that are opened.
         *
         * @param libraries the libraries; all unless set
         * @return this builder
         */
        public Builder libraries(Set<LuaLibrary> libraries) {
            this.libraries = Set.copyOf(Objects.requireNonNull(libraries, "libraries"));
            return this;
        }

        /**
         * Sets whether {@code LUA_PATH} and {@code LUA_CPATH} of the process say where modules are
         * looked for.
         *
         * @param environment false for Lua's defaults; true unless set
         * @return this builder
         */
        public Builder environment(boolean environment) {
            this.environment = environment;
            return this;
        }

        /**
         * Sets whether scripts are trusted with what can crash the process. Those that are not
         * cannot load precompiled code ({@link LuaChunk#binary} is Java's to use), nor native
         * modules, and of {@code debug} they have what stays within Lua: no registry, no metatables
         * for userdata, no C functions that are in the stack, nor locals and upvalues of any.
         *
         * @param trusted true for the libraries as {@code lua} has them; false unless set
         * @return this builder
         */
        public Builder trusted(boolean trusted) {
            this.trusted = trusted;
            return this;
        }

        /**
         * Sets what lets coroutines of {@link LuaFunction#callAsync} go on while no thread owns the
         * state: a short task owns it then. There is one such task at a time. It gives the state up
         * at its end, so what is done when a future completes may use the state, if it is done at
         * once. While a thread owns the state, {@link Lua#runPending} and {@link Lua#await} do this
         * work alone.
         *
         * @param executor runs the tasks, on threads with stack enough for Lua; virtual ones will
         *     do. One that runs a task before {@code execute} returns will do for stages, but nests
         *     a task for each time that a coroutine yields otherwise. If it turns a task down, the
         *     coroutines wait for the next one, or for an owner. None unless set
         * @return this builder
         */
        public Builder executor(Executor executor) {
            this.executor = Objects.requireNonNull(executor, "executor");
            return this;
        }

        /**
         * Adds a place where {@code require} looks for modules; those that were added first are
         * asked first. Each module is run once in a state: {@code require} answers with the same
         * value from then on.
         *
         * <p>With {@link LuaLibrary#PACKAGE}, the searchers are in {@code package.searchers} behind
         * that of {@code package.preload}, and so before the file system. Without it, there is a
         * {@code require} all the same, which knows the libraries that are opened, the modules that
         * {@link #module} added, and what the searchers find: nothing else, and what it has loaded
         * no script can replace.
         *
         * @param searcher finds modules
         * @return this builder
         */
        public Builder modules(LuaSearcher searcher) {
            searchers.add(Objects.requireNonNull(searcher, "searcher"));
            return this;
        }

        /**
         * Adds a module that is made in Java. It comes before what searchers find.
         *
         * @param name what {@code require} is called with
         * @param loader makes the module's value when it is first required, once in a state; it is
         *     called with the name, as a loader in {@code package.preload} is
         * @return this builder
         */
        public Builder module(String name, JavaFunction loader) {
            preloaded.put(
                    Objects.requireNonNull(name, "name"), Objects.requireNonNull(loader, "loader"));
            return this;
        }

        private BlockAllocator makeAllocator(Region region) {
            BlockAllocator made = allocator.apply(region);
            if (maxMemory != 0 && made instanceof SystemAllocator) {
                throw new IllegalArgumentException(
                        "maxMemory is no limit for a SystemAllocator: maxMemory=" + maxMemory);
            }
            return made;
        }

        private Modules modules() {
            return new Modules(List.copyOf(searchers), new LinkedHashMap<>(preloaded));
        }

        /**
         * {@return a new state}
         *
         * @throws LuaException if the pool is too small for a state with these libraries
         * @throws IllegalArgumentException if the layout's io part is smaller than 1024 bytes, or
         *     there is a limit for memory, and the allocator is a {@link SystemAllocator}
         * @throws IllegalStateException if the allocator serves another state already, or its
         *     memory is gone
         * @throws OutOfMemoryError if the system cannot reserve the region
         */
        public Lua build() {
            return new Lua(this);
        }
    }
}
