package dev.moonpool.lua.script;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.moonpool.lua.Lua;
import dev.moonpool.lua.LuaChunk;
import dev.moonpool.lua.LuaException;
import dev.moonpool.lua.LuaFunction;
import dev.moonpool.lua.LuaTable;
import dev.moonpool.lua.LuaValues;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.Objects;
import javax.script.AbstractScriptEngine;
import javax.script.Bindings;
import javax.script.Compilable;
import javax.script.CompiledScript;
import javax.script.Invocable;
import javax.script.ScriptContext;
import javax.script.ScriptEngine;
import javax.script.ScriptEngineFactory;
import javax.script.ScriptException;
import org.jspecify.annotations.Nullable;

/**
 * A Lua state as a script engine. {@link LuaScriptEngineFactory} says what users can rely on.
 *
 * <ol>
 *   <li>Whatever enters the state does so in a turn, {@link #inTurn}: it has the lock, and the
 *       state is attached to its thread. Between the outermost turns no thread owns the state,
 *       unless a user attached it.
 *   <li>The stack may end anywhere but in what begins and ends a turn. The lock is a monitor, which
 *       the JVM gives up with the block, and what else it takes is tried out before.
 *   <li>In a turn, {@code current} is the context of the script that runs. A Java function that the
 *       script calls may begin another turn.
 * </ol>
 */
final class LuaScriptEngine extends AbstractScriptEngine
        implements Compilable, Invocable, AutoCloseable {
    private static final String PRELUDE = "engine.lua";
    private static final String UNNAMED = "<eval>";

    /** Compiled, these frames still take some times as much stack as what ends a turn does. */
    private static final int STACK_DEPTH = 128;

    private final LuaScriptEngineFactory factory;
    private final Lua lua = Lua.create();
    private final Object lock = new Object();
    private final LuaFunction environment;
    private final LuaFunction bind;
    private final LuaFunction methods;
    private final Mirrors mirrors = new Mirrors(this);
    private @Nullable ScriptContext current;
    private boolean closed;

    LuaScriptEngine(LuaScriptEngineFactory factory) {
        this.factory = factory;
        LuaValues prelude =
                lua.load(LuaChunk.of(prelude()).named(PRELUDE))
                        .call(
                                lua.function(this::find),
                                lua.function(this::write),
                                lua.function(this::loaded));
        environment = prelude.asFunction(0);
        bind = prelude.asFunction(1);
        methods = prelude.asFunction(2);
        lua.detach();
        context.setBindings(createBindings(), ScriptContext.ENGINE_SCOPE);
    }

    /**
     * Scripts cannot load precompiled code, which can crash the process; this is the engine's own.
     */
    private LuaFunction loaded(LuaValues codeAndVariables) {
        return lua.load(
                LuaChunk.binary(codeAndVariables.asBytes(0)).in(codeAndVariables.asTable(1)));
    }

    private static String prelude() {
        try (InputStream in = LuaScriptEngine.class.getResourceAsStream(PRELUDE)) {
            return new String(Objects.requireNonNull(in, PRELUDE).readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---------------------------------------------------------------------------------- turns

    /** What is done with the state. */
    @FunctionalInterface
    interface Task<T extends @Nullable Object, X extends Throwable> {
        T run() throws X;
    }

    /**
     * {@return what comes of a task that has the state, in the context that is current, or else in
     * the engine's}
     *
     * @throws IllegalStateException if the engine is closed
     * @throws WrongThreadException if another thread attached the state by itself
     */
    <T extends @Nullable Object, X extends Throwable> T inTurn(Task<T, X> task) throws X {
        synchronized (lock) {
            return inTurn(context(), task);
        }
    }

    private <T extends @Nullable Object, X extends Throwable> T inTurn(
            ScriptContext context, Task<T, X> task) throws X {
        synchronized (lock) {
            ScriptContext before = current;
            boolean attached = !lua.isAttached();
            if (attached) {
                int enough = useStack(STACK_DEPTH);
                assert enough == STACK_DEPTH;
                lua.attach();
            }
            try {
                current = context;
                return task.run();
            } finally {
                current = before;
                if (attached) {
                    lua.detach();
                }
            }
        }
    }

    /** Overflows if a turn could begin with what is left of the stack, but not end. */
    private static int useStack(int depth) {
        return depth == 0 ? 0 : 1 + useStack(depth - 1);
    }

    /**
     * The context of the script that runs; the engine's if none does. With the lock, or the state.
     */
    private ScriptContext context() {
        ScriptContext known = current;
        return known == null ? getContext() : known;
    }

    /** What is done with the variables of a context. */
    @FunctionalInterface
    interface Work<T extends @Nullable Object, X extends Throwable> {
        T with(LuaBindings variables) throws X;
    }

    /** {@return what comes of work in a turn, with the variables of a context} */
    private <T extends @Nullable Object, X extends Throwable> T run(
            ScriptContext context, Work<T, X> work) throws X {
        return inTurn(
                context,
                () -> {
                    Bindings variables =
                            Objects.requireNonNull(
                                    context.getBindings(ScriptContext.ENGINE_SCOPE),
                                    "context has no bindings in ENGINE_SCOPE");
                    return variables instanceof LuaBindings ours && ours.isOf(this)
                            ? work.with(ours)
                            : mirrors.of(variables).run(variables, work);
                });
    }

    // ------------------------------------------------------------------- what the prelude calls

    /** The value of a name in the scopes around the script's own. */
    private @Nullable Object find(LuaValues arguments) {
        String name = arguments.asString();
        if (name.isEmpty()) {
            return null; // bindings do not take it
        }
        ScriptContext context = context();
        for (int scope : context.getScopes()) {
            Object value =
                    scope == ScriptContext.ENGINE_SCOPE ? null : context.getAttribute(name, scope);
            if (value != null) {
                return toLua(value);
            }
        }
        return null;
    }

    private LuaValues write(LuaValues arguments) throws IOException {
        Writer writer = context().getWriter();
        writer.write(arguments.asString());
        writer.flush();
        return LuaValues.of();
    }

    // --------------------------------------------------------------------------------- values

    /**
     * {@return a value for Lua} Whatever the state takes goes as it is. This is the place for what
     * only a script engine knows.
     */
    @Nullable Object toLua(@Nullable Object value) {
        return value instanceof LuaBindings bindings && bindings.isOf(this)
                ? bindings.table()
                : value;
    }

    @Nullable Object[] toLua(@Nullable Object @Nullable [] values) {
        @Nullable Object[] converted =
                values == null ? new @Nullable Object[0] : new @Nullable Object[values.length];
        for (int i = 0; i < converted.length; i++) {
            converted[i] = toLua(Objects.requireNonNull(values)[i]);
        }
        return converted;
    }

    /** {@return results as Java sees them: none is null, several are a list} */
    private static @Nullable Object result(LuaValues values) {
        return switch (values.size()) {
            case 0 -> null;
            case 1 -> values.get(0);
            default -> values;
        };
    }

    // -------------------------------------------------------------------------------- scripts

    @Override
    public @Nullable Object eval(String script, ScriptContext context) throws ScriptException {
        LuaChunk chunk = chunk(script, context);
        return evaluate(
                context,
                (variables, arguments) -> {
                    try (LuaFunction function = lua.load(chunk.in(variables.table()))) {
                        return function.call(arguments);
                    }
                });
    }

    @Override
    public @Nullable Object eval(Reader reader, ScriptContext context) throws ScriptException {
        return eval(textOf(reader), context);
    }

    /** A script, ready to run. */
    @FunctionalInterface
    interface Program {
        LuaValues run(LuaBindings variables, @Nullable Object[] arguments);
    }

    @Nullable Object evaluate(ScriptContext context, Program program) throws ScriptException {
        try {
            return run(
                    context,
                    variables -> {
                        @Nullable Object[] arguments = arguments(context);
                        variables.setArguments(arguments);
                        return result(program.run(variables, arguments));
                    });
        } catch (LuaException | IllegalArgumentException e) {
            throw ScriptErrors.of(e);
        }
    }

    private @Nullable Object[] arguments(ScriptContext context) {
        Object arguments = context.getAttribute(ScriptEngine.ARGV);
        if (arguments != null && !(arguments instanceof Object[])) {
            throw new IllegalArgumentException(
                    "attribute is no array: name=%s, class=%s"
                            .formatted(ScriptEngine.ARGV, arguments.getClass().getName()));
        }
        return toLua((@Nullable Object @Nullable []) arguments);
    }

    @Override
    public CompiledScript compile(String script) throws ScriptException {
        LuaChunk chunk = chunk(script, getContext());
        try {
            return inTurn(
                    () -> {
                        try (LuaFunction main = lua.load(chunk)) {
                            return new LuaCompiledScript(this, bind.call(main).asFunction());
                        }
                    });
        } catch (LuaException e) {
            throw ScriptErrors.of(e);
        }
    }

    @Override
    public CompiledScript compile(Reader reader) throws ScriptException {
        return compile(textOf(reader));
    }

    private static LuaChunk chunk(String script, ScriptContext context) throws ScriptException {
        Objects.requireNonNull(script, "script");
        Object name = context.getAttribute(ScriptEngine.FILENAME);
        try {
            return LuaChunk.of(LuaSource.ofScript(script))
                    .named(name == null ? UNNAMED : name.toString());
        } catch (IllegalArgumentException e) {
            throw ScriptErrors.of(e);
        }
    }

    private static String textOf(Reader reader) throws ScriptException {
        try {
            return Objects.requireNonNull(reader, "reader").readAllAsString();
        } catch (IOException e) {
            throw new ScriptException(e);
        }
    }

    // ------------------------------------------------------------------------------ functions

    @Override
    public @Nullable Object invokeFunction(String name, @Nullable Object... arguments)
            throws ScriptException, NoSuchMethodException {
        return invoke(null, name, arguments);
    }

    @Override
    public @Nullable Object invokeMethod(Object object, String name, @Nullable Object... arguments)
            throws ScriptException, NoSuchMethodException {
        return invoke(tableOf(object), name, arguments);
    }

    private @Nullable Object invoke(
            @Nullable LuaTable object, String name, @Nullable Object... arguments)
            throws ScriptException, NoSuchMethodException {
        try {
            return result(call(object, name, arguments));
        } catch (LuaException | IllegalArgumentException e) {
            throw ScriptErrors.of(e);
        }
    }

    /** {@return the results of a table's method, or of a global function if the table is null} */
    private LuaValues call(
            @Nullable LuaTable object, String name, @Nullable Object @Nullable [] arguments)
            throws NoSuchMethodException {
        Objects.requireNonNull(name, "name");
        return inFunctions(
                object,
                holder -> {
                    if (!(holder.get(name) instanceof LuaFunction found)) {
                        throw new NoSuchMethodException("no function in Lua: name=" + name);
                    }
                    try (LuaFunction function = found) {
                        @Nullable Object[] values = toLua(arguments);
                        return function.call(object == null ? values : behind(object, values));
                    }
                });
    }

    /** What is done with a table that has functions. */
    @FunctionalInterface
    interface Use<T extends @Nullable Object, X extends Throwable> {
        T of(LuaTable holder) throws X;
    }

    /** {@return what comes of the use of a table, or of the global variables if it is null} */
    <T extends @Nullable Object, X extends Throwable> T inFunctions(
            @Nullable LuaTable object, Use<T, X> use) throws X {
        return run(getContext(), variables -> use.of(object == null ? variables.table() : object));
    }

    /** {@return a table whose methods are the functions among variables; in a turn} */
    LuaTable methods(LuaTable variables) {
        return methods.call(variables).asTable();
    }

    private static @Nullable Object[] behind(LuaTable object, @Nullable Object[] arguments) {
        @Nullable Object[] all = new @Nullable Object[arguments.length + 1];
        all[0] = object;
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return all;
    }

    /** {@return whether a table, or the global variables, have a function of this name} */
    boolean hasFunction(@Nullable LuaTable object, String name) {
        return inFunctions(object, holder -> holder.get(name) instanceof LuaFunction);
    }

    @Override
    public <T> @Nullable T getInterface(Class<T> type) {
        return TableProxy.create(this, null, type);
    }

    @Override
    public <T> @Nullable T getInterface(Object object, Class<T> type) {
        LuaTable table = tableOf(object);
        if (type == Bindings.class) {
            return type.cast(new LuaBindings(this, table, null));
        }
        return TableProxy.create(this, table, type);
    }

    private LuaTable tableOf(Object object) {
        if (toLua(object) instanceof LuaTable table && table.lua() == lua) {
            return table;
        }
        throw new IllegalArgumentException("object is no table of this engine: object=" + object);
    }

    // ------------------------------------------------------------------------ everything else

    @Override
    public LuaBindings createBindings() {
        return inTurn(
                () -> {
                    LuaValues tables = environment.call();
                    return new LuaBindings(this, tables.asTable(0), tables.asTable(1));
                });
    }

    @Override
    public ScriptEngineFactory getFactory() {
        return factory;
    }

    /**
     * Closes the state. Closing again does nothing.
     *
     * @throws IllegalStateException if the calling thread is running a script
     * @throws WrongThreadException if another thread attached the state by itself, and is alive
     */
    @Override
    public void close() {
        if (Thread.holdsLock(lock)) {
            throw new IllegalStateException("engine is running, and cannot be closed");
        }
        synchronized (lock) {
            if (!closed) {
                lua.close();
                closed = true;
            }
        }
    }
}
