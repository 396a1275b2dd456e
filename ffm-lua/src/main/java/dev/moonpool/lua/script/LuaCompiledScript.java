package dev.moonpool.lua.script;

import dev.moonpool.lua.LuaFunction;
import javax.script.CompiledScript;
import javax.script.ScriptContext;
import javax.script.ScriptEngine;
import javax.script.ScriptException;
import org.jspecify.annotations.Nullable;

/** A script that was compiled once, and runs with the variables of any context. */
final class LuaCompiledScript extends CompiledScript {
    private final LuaScriptEngine engine;

    /** Takes the table of the variables, and the arguments. */
    private final LuaFunction function;

    LuaCompiledScript(LuaScriptEngine engine, LuaFunction function) {
        this.engine = engine;
        this.function = function;
    }

    @Override
    public @Nullable Object eval(ScriptContext context) throws ScriptException {
        return engine.evaluate(
                context,
                (variables, arguments) -> {
                    @Nullable Object[] all = new @Nullable Object[arguments.length + 1];
                    all[0] = variables.table();
                    System.arraycopy(arguments, 0, all, 1, arguments.length);
                    return function.call(all);
                });
    }

    @Override
    public ScriptEngine getEngine() {
        return engine;
    }
}
