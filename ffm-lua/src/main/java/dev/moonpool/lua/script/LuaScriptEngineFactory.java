package dev.moonpool.lua.script;

import java.util.List;
import javax.script.ScriptEngine;
import javax.script.ScriptEngineFactory;
import org.jspecify.annotations.Nullable;

/**
 * Lua for {@code javax.script} (JSR-223). The engines are {@link javax.script.Compilable}, {@link
 * javax.script.Invocable} and {@link AutoCloseable}.
 *
 * {@snippet :
 * ScriptEngine engine = new ScriptEngineManager().getEngineByName("lua");
 * engine.put("price", 40);
 * Object total = engine.eval("total = price * 1.05  return total"); // 42.0
 * engine.get("total"); // 42.0
 * }
 *
 * <p><b>Variables.</b> Bindings in {@code ENGINE_SCOPE} are the script's global variables. Those
 * that an engine makes are live: they are a table in Lua, which Java and Lua both read and write.
 * What is in any others is copied in before a script runs and out after it. The standard library is
 * behind them: a script can hide a name of it, and removing that variable shows it again. A name
 * that is in neither is looked up in the other scopes of the context. The modules that a script
 * requires do not see its variables. Names that begin with {@code javax.script.} are Java's alone.
 *
 * <p><b>Values.</b> What Java gives is what {@link dev.moonpool.lua.Lua#eval} takes, anything else
 * an {@link IllegalArgumentException}, or a {@link javax.script.ScriptException} where a script is
 * run. Java objects are granted by {@link dev.moonpool.lua.Lua#register}, to the state that any
 * table of the engine leads to, as below. What comes out is null for nil, {@code Boolean}, {@code
 * Long}, {@code Double}, {@code String} ({@code byte[]} if it is no UTF-8), or what {@code
 * dev.moonpool.lua} has for tables and functions. A script's result is that of its {@code return}:
 * null for none, and a {@code List} for several; {@code return (s:gsub(a, b))} is a single one.
 * {@code getInterface(table, Bindings.class)} is a live map of a table's fields.
 *
 * <p><b>Names and arguments.</b> The attribute {@code javax.script.filename} is what messages call
 * the script; {@code javax.script.argv}, an array, is {@code ...} in it, and the table {@code arg}.
 * A first line that begins with '#' is skipped.
 *
 * <p><b>Output.</b> {@code print}, and {@code io.write} unless {@code io.output} was set, write to
 * the context's writer, and flush it. All else of the library {@code io} is the process's own:
 * {@code io.stdout} and {@code io.stderr} as files, {@code io.read}, which does not read from the
 * context's reader, and {@code warn}.
 *
 * <p><b>Errors.</b> An error in Lua is a {@code ScriptException} with the file's name and the line,
 * whose cause is the {@link dev.moonpool.lua.LuaException}. The engine can be used further. Methods
 * of an implemented interface convert and throw what those of {@link
 * dev.moonpool.lua.Lua#implement} do: the {@code LuaException} itself, or the exception of Java's
 * that the method declares. A call with too little stack left throws {@link StackOverflowError} or
 * a {@code LuaException}, and leaves the engine as it was.
 *
 * <p><b>Threads.</b> Any thread may use an engine, its bindings, compiled scripts and interfaces;
 * they wait for each other. So a script that waits for another thread's use of the same engine
 * waits forever, and so do two scripts, of two engines and on two threads, that each use the
 * other's engine or its bindings. Between two calls no thread owns the Lua state: who wants to use
 * a table or function that came out directly calls {@code table.lua().attach()} before, and {@code
 * detach()} after it. Until then other threads' use of the engine throws {@link
 * WrongThreadException}.
 *
 * <p><b>Lifetime.</b> An engine has a Lua state of its own, which {@code close()} ends: {@code
 * ((AutoCloseable) engine).close()}. Using it afterwards throws {@link IllegalStateException}. A
 * forgotten engine is closed some time after it is garbage, when another Lua state is made.
 *
 * <p><b>Safety.</b> Scripts get all of Lua's libraries, {@code io}, {@code os}, {@code package} and
 * {@code debug} included, and may take 4 GiB: run none here that you do not trust. For those,
 * {@link dev.moonpool.lua.Lua#builder()} chooses what there is.
 */
public final class LuaScriptEngineFactory implements ScriptEngineFactory {
    private static final String LANGUAGE = "Lua";
    private static final String LANGUAGE_VERSION = "5.4";

    /** For {@link java.util.ServiceLoader}. */
    public LuaScriptEngineFactory() {}

    @Override
    public String getEngineName() {
        return "Moonpool";
    }

    @Override
    public String getEngineVersion() {
        Class<?> here = LuaScriptEngineFactory.class;
        String version =
                here.getModule().isNamed()
                        ? here.getModule().getDescriptor().rawVersion().orElse(null)
                        : here.getPackage().getImplementationVersion();
        return version == null ? "unknown" : version;
    }

    @Override
    public List<String> getExtensions() {
        return List.of("lua");
    }

    @Override
    public List<String> getMimeTypes() {
        return List.of("text/x-lua", "application/x-lua");
    }

    @Override
    public List<String> getNames() {
        return List.of("lua", LANGUAGE, "moonpool");
    }

    @Override
    public String getLanguageName() {
        return LANGUAGE;
    }

    @Override
    public String getLanguageVersion() {
        return LANGUAGE_VERSION;
    }

    /**
     * {@inheritDoc}
     *
     * <p>{@code THREADING} is null. Any thread may use an engine, but scripts never run at the same
     * time in it, and that is what the other answers promise.
     */
    @Override
    public @Nullable Object getParameter(String key) {
        return switch (key) {
            case ScriptEngine.ENGINE -> getEngineName();
            case ScriptEngine.ENGINE_VERSION -> getEngineVersion();
            case ScriptEngine.LANGUAGE -> getLanguageName();
            case ScriptEngine.LANGUAGE_VERSION -> getLanguageVersion();
            case ScriptEngine.NAME -> getNames().getFirst();
            default -> null;
        };
    }

    @Override
    public String getMethodCallSyntax(String object, String method, String... arguments) {
        return LuaSource.methodCall(object, method, arguments);
    }

    @Override
    public String getOutputStatement(String toDisplay) {
        return "print(" + LuaSource.quote(toDisplay) + ")";
    }

    @Override
    public String getProgram(String... statements) {
        return LuaSource.program(statements);
    }

    /**
     * {@inheritDoc}
     *
     * @throws OutOfMemoryError if the system cannot reserve the region
     */
    @Override
    public ScriptEngine getScriptEngine() {
        return new LuaScriptEngine(this);
    }
}
