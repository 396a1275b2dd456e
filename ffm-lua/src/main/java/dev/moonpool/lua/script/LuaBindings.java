package dev.moonpool.lua.script;

import dev.moonpool.lua.LuaTable;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import javax.script.Bindings;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a Lua table as bindings: what is put here is there, and the other way round. Fields
 * whose names are no text are left out, and so is what is behind the table's {@code __index}.
 *
 * <p>Putting null removes a name, as nil does. An iteration goes through the entries that there
 * were when it began. Any thread may use this.
 */
final class LuaBindings extends AbstractMap<String, Object> implements Bindings {
    /** What the names begin with that the engine has for itself, whose values Lua need not take. */
    private static final String RESERVED = "javax.script.";

    private final LuaScriptEngine engine;
    private final LuaTable table;
    private final @Nullable LuaTable own;

    /** The values of reserved names; for a turn. */
    private final Map<String, Object> reserved = new HashMap<>();

    /**
     * Shows a table.
     *
     * @param own what an environment has for its own without its being a variable
     */
    LuaBindings(LuaScriptEngine engine, LuaTable table, @Nullable LuaTable own) {
        this.engine = engine;
        this.table = table;
        this.own = own;
    }

    boolean isOf(LuaScriptEngine other) {
        return engine == other;
    }

    LuaTable table() {
        return table;
    }

    static boolean isReserved(String name) {
        return name.startsWith(RESERVED);
    }

    /** Makes the table {@code arg}, or removes it if there are no arguments; in a turn. */
    void setArguments(@Nullable Object[] arguments) {
        if (own == null) {
            return;
        }
        if (arguments.length == 0) {
            own.rawSet("arg", null);
            return;
        }
        LuaTable arg = table.lua().newTable(arguments.length, 0);
        for (int i = 0; i < arguments.length; i++) {
            arg.rawSet(i + 1L, arguments[i]);
        }
        own.rawSet("arg", arg);
    }

    /** {@return a copy of the variables, without reserved names; in a turn} */
    Map<String, Object> variables() {
        Map<String, Object> copy = new HashMap<>();
        table.forEach(
                (key, value) -> {
                    if (key instanceof String name) {
                        copy.put(name, value);
                    }
                });
        return copy;
    }

    // ----------------------------------------------------------------------------- one by one

    @Override
    public @Nullable Object get(Object key) {
        String name = requireName(key);
        return engine.inTurn(() -> value(name));
    }

    /** The value of a variable, null if there is none; in a turn. */
    private @Nullable Object value(String name) {
        return isReserved(name) ? reserved.get(name) : table.rawGet(name);
    }

    @Override
    public boolean containsKey(Object key) {
        return get(key) != null;
    }

    @Override
    public @Nullable Object put(String key, @Nullable Object value) {
        String name = requireName(key);
        return engine.inTurn(
                () -> {
                    Object before = value(name);
                    set(name, value);
                    return before;
                });
    }

    @Override
    public @Nullable Object remove(Object key) {
        return put(requireName(key), null);
    }

    /** Sets a variable; in a turn. */
    void set(String name, @Nullable Object value) {
        if (!isReserved(name)) {
            try {
                table.rawSet(name, engine.toLua(value));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "value cannot be a variable in Lua: name=%s, class=%s (%s)"
                                .formatted(name, className(value), e.getMessage()),
                        e);
            }
        } else if (value == null) {
            reserved.remove(name);
        } else {
            reserved.put(name, value);
        }
    }

    private static String className(@Nullable Object value) {
        return value == null ? "null" : value.getClass().getName();
    }

    private static String requireName(Object key) {
        String name = (String) Objects.requireNonNull(key, "name");
        if (name.isEmpty()) {
            throw new IllegalArgumentException("name is empty");
        }
        return name;
    }

    // ------------------------------------------------------------------------------- together

    @Override
    public void putAll(Map<? extends String, ? extends Object> values) {
        Map<String, Object> copy = new HashMap<>(values); // of whatever it is, outside of the turn
        engine.inTurn(
                () -> {
                    copy.forEach(this::put);
                    return null;
                });
    }

    @Override
    public void clear() {
        engine.inTurn(
                () -> {
                    variables().keySet().forEach(name -> set(name, null));
                    reserved.clear();
                    return null;
                });
    }

    @Override
    public Set<Entry<String, Object>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public int size() {
                return entries().size();
            }

            @Override
            public Iterator<Entry<String, Object>> iterator() {
                return new WriteThroughIterator(entries().iterator());
            }

            @Override
            public void clear() {
                LuaBindings.this.clear();
            }
        };
    }

    private List<Entry<String, Object>> entries() {
        return engine.inTurn(
                () -> {
                    Map<String, Object> all = variables();
                    all.remove(""); // a name in Lua, but not here
                    all.putAll(reserved);
                    return List.copyOf(all.entrySet());
                });
    }

    private final class WriteThroughIterator implements Iterator<Entry<String, Object>> {
        private final Iterator<Entry<String, Object>> copies;
        private @Nullable String last;

        private WriteThroughIterator(Iterator<Entry<String, Object>> copies) {
            this.copies = copies;
        }

        @Override
        public boolean hasNext() {
            return copies.hasNext();
        }

        @Override
        public Entry<String, Object> next() {
            Entry<String, Object> copy = copies.next();
            last = copy.getKey();
            return new SimpleEntry<>(copy) {
                private static final long serialVersionUID = 1;

                @Override
                public Object setValue(Object value) {
                    put(getKey(), value);
                    return super.setValue(value);
                }
            };
        }

        @Override
        public void remove() {
            if (last == null) {
                throw new IllegalStateException("no entry to be removed");
            }
            LuaBindings.this.remove(last);
            last = null;
        }
    }
}
