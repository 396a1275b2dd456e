package dev.moonpool.lua.script;

import dev.moonpool.lua.script.LuaScriptEngine.Work;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import javax.script.Bindings;
import org.jspecify.annotations.Nullable;

/**
 * A table in Lua that stands for bindings of another kind: it gets what they have before a script
 * runs, and they get what the script changed. For a turn.
 */
final class Mirror {
    private final LuaBindings variables;

    /** The variables as both sides last knew them. */
    private Map<String, Object> known = Map.of();

    private int depth;

    Mirror(LuaBindings variables) {
        this.variables = variables;
    }

    /** {@return what comes of work with the values of bindings} */
    <T extends @Nullable Object, X extends Throwable> T run(Bindings bindings, Work<T, X> work)
            throws X {
        if (depth > 0) {
            copyTo(bindings); // what the script that runs already has changed until now
        }
        copyFrom(bindings);
        depth++;
        T result;
        try {
            result = work.with(variables);
        } catch (Throwable e) {
            depth--;
            try {
                copyTo(bindings);
            } catch (RuntimeException alsoThrown) {
                e.addSuppressed(alsoThrown);
            }
            throw e;
        }
        depth--;
        copyTo(bindings);
        return result;
    }

    private void copyFrom(Bindings bindings) {
        for (String name : variables.variables().keySet()) {
            if (name.isEmpty() || !bindings.containsKey(name)) {
                variables.set(name, null);
            }
        }
        // A copy: finalizers that run meanwhile may use the same bindings.
        new HashMap<>(bindings)
                .forEach(
                        (name, value) -> {
                            if (!LuaBindings.isReserved(name)) {
                                variables.set(name, value);
                            }
                        });
        known = variables.variables();
    }

    private void copyTo(Bindings bindings) {
        Map<String, Object> now = variables.variables();
        now.forEach(
                (name, value) -> {
                    if (!Objects.deepEquals(value, known.get(name)) && !name.isEmpty()) {
                        bindings.put(name, value);
                    }
                });
        known.keySet().stream().filter(name -> !now.containsKey(name)).forEach(bindings::remove);
        known = now;
    }
}
