package dev.moonpool.lua;

import dev.moonpool.lua.internal.TableWriter;
import dev.moonpool.lua.internal.TableWriter.Node;
import java.lang.reflect.Array;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Makes tables of maps, iterables, arrays and records.
 *
 * <p>A breadth-first walk. Each container is a node, numbered when it is met for the first time:
 * one that is met again is the same table, so that cycles need no care. There is no recursion, so
 * that no depth is too much.
 */
final class JavaToTable {
    /** A collection's own word on its size is not worth more than this. */
    private static final int MAX_HINT = 1 << 20;

    /** What a table is still to get. */
    private record Contents(Node node, Object container, Place place) {}

    private final Lua lua;
    private final TableWriter writer;
    private final IdentityHashMap<Object, Node> nodes = new IdentityHashMap<>();
    private final Queue<Contents> pending = new ArrayDeque<>();

    private JavaToTable(Lua lua, TableWriter writer) {
        this.lua = lua;
        this.writer = writer;
    }

    static LuaTable convert(Lua lua, Object value) {
        if (!(value instanceof Iterable<?> || value instanceof byte[] || isContainer(value))) {
            throw new IllegalArgumentException(
                    "value is no map, iterable, array or record: class="
                            + value.getClass().getName());
        }
        try (LuaTable nodes = lua.newTable()) {
            new JavaToTable(lua, new TableWriter(nodes.handle)).fill(value);
            Object root = nodes.rawGet(1L);
            if (root instanceof LuaTable table) {
                return table;
            }
            throw new AssertionError(root);
        }
    }

    /** Whether a value becomes a table wherever it is, unless its class has a type. */
    private static boolean isContainer(Object value) {
        if (value instanceof JavaFunction) {
            return false;
        }
        Class<?> type = value.getClass();
        return value instanceof Map<?, ?>
                || value instanceof Collection<?>
                || value instanceof Record
                || (type.isArray() && type != byte[].class);
    }

    private void fill(Object root) {
        Place place =
                Place.root(root instanceof Record ? root.getClass().getSimpleName() : "value");
        Node first = node(root, place);
        assert first.number() == 1;
        for (Contents next = pending.poll(); next != null; next = pending.poll()) {
            writer.begin(next.node);
            putAll(next.container, next.place);
        }
        writer.flush();
    }

    private Node node(Object container, Place place) {
        Node known = nodes.get(container);
        if (known != null) {
            return known;
        }
        int number = nodes.size() + 1;
        Node created =
                switch (container) {
                    case Map<?, ?> map -> new Node(number, 0, hint(map.size()));
                    case Record value ->
                            new Node(number, 0, RecordShape.of(value.getClass()).size());
                    case Collection<?> values -> new Node(number, hint(values.size()), 0);
                    case Iterable<?> values -> new Node(number, 0, 0);
                    default -> new Node(number, Array.getLength(container), 0);
                };
        nodes.put(container, created);
        pending.add(new Contents(created, container, place));
        return created;
    }

    private static int hint(int size) {
        return Math.clamp(size, 0, MAX_HINT);
    }

    private void putAll(Object container, Place place) {
        switch (container) {
            case Map<?, ?> map -> {
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    put(key(entry.getKey(), place), entry.getValue(), place);
                }
            }
            case Record value -> {
                for (RecordShape.Component component : RecordShape.of(value.getClass())) {
                    put(component.name(), component.get(value), place);
                }
            }
            case Iterable<?> values -> {
                long index = 1;
                for (Object value : values) {
                    put(index++, value, place);
                }
            }
            case long[] values -> writer.putLongs(values.length, i -> values[i]);
            case int[] values -> writer.putLongs(values.length, i -> values[i]);
            case short[] values -> writer.putLongs(values.length, i -> values[i]);
            case byte[] values -> writer.putLongs(values.length, i -> values[i]);
            case double[] values -> writer.putDoubles(values.length, i -> values[i]);
            case float[] values -> writer.putDoubles(values.length, i -> values[i]);
            default -> {
                int length = Array.getLength(container);
                for (int i = 0; i < length; i++) {
                    put(i + 1L, Array.get(container, i), place);
                }
            }
        }
    }

    private static Object key(@Nullable Object key, Place place) {
        return switch (key) {
            case null ->
                    throw new IllegalArgumentException("map has a key that is null: at=" + place);
            case Enum<?> constant -> constant.name();
            case Number n when Double.isNaN(n.doubleValue()) ->
                    throw new IllegalArgumentException("map has a key that is NaN: at=" + place);
            default -> key;
        };
    }

    private void put(Object key, @Nullable Object value, Place place) {
        Object low = value instanceof Optional<?> optional ? optional.orElse(null) : value;
        if (low == null) {
            return;
        }
        try {
            writer.put(key, value(key, low, place));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(refusal(key, low, new Place(place, key)), e);
        }
    }

    private String refusal(Object key, Object value, Place at) {
        if (isAnothers(key)) {
            return "key is another state's: at=" + at;
        } else if (isAnothers(value)) {
            return "value is another state's: at=%s, value=%s".formatted(at, value);
        }
        return "entry has no counterpart in Lua: at=%s, key's class=%s, value's class=%s"
                .formatted(at, key.getClass().getName(), value.getClass().getName());
    }

    private boolean isAnothers(Object value) {
        return value instanceof LuaReference reference && reference.lua() != lua;
    }

    private Object value(Object key, Object value, Place place) {
        if (isContainer(value) && !lua.grants().isRegistered(value.getClass())) {
            return node(value, new Place(place, key));
        }
        return value instanceof Enum<?> constant ? constant.name() : value;
    }
}
