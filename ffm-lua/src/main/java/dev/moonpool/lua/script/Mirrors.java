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
        Key key = new Key(bindings, unused);
        Mirror known = mirrors.get(key);
        if (known != null) {
            return known;
        }
        // A finalizer that runs meanwhile may use the engine: for the same bindings, too.
        Mirror made = new Mirror(engine.createBindings());
        Mirror others = mirrors.putIfAbsent(key, made);
        return others == null ? made : others;
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
