package dev.moonpool.lua.script;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;
import javax.script.Bindings;
import org.jspecify.annotations.Nullable;

/**
 * The mirrors of an engine: bindings that are no Lua tables have one each as long as they are in
 * use, so that functions which a script defines see its variables when the next one calls them. For
 * a turn.
 */
final class Mirrors {
    private final LuaScriptEngine engine;
    private final Map<Key, Mirror> mirrors = new HashMap<>();
    private final ReferenceQueue<Bindings> unused = new ReferenceQueue<>();

    Mirrors(LuaScriptEngine engine) {
        this.engine = engine;
    }

    /** {@return the mirror of bindings} */
    Mirror of(Bindings bindings) {
        Reference<? extends Bindings> due;
        while ((due = unused.poll()) != null) {
            mirrors.remove(due);
        }
        return mirrors.computeIfAbsent(
                new Key(bindings, unused), key -> new Mirror(engine.createBindings()));
    }

    /** Which bindings, not what is in them. */
    private static final class Key extends WeakReference<Bindings> {
        private final int hash;

        private Key(Bindings bindings, ReferenceQueue<Bindings> unused) {
            super(bindings, unused);
            hash = System.identityHashCode(bindings);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            Bindings mine = get();
            return this == other
                    || (mine != null && other instanceof Key that && that.refersTo(mine));
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }
}
