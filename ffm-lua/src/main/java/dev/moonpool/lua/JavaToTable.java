package dev.moonpool.lua;

import dev.moonpool.lua.internal.Conversions;
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
    private record Contents(Node node, Object container) {}

    private final Grants grants;
    private final TableWriter writer;
    private final IdentityHashMap<Object, Node> nodes = new IdentityHashMap<>();
    private final Queue<Contents> pending = new ArrayDeque<>();

    private JavaToTable(Grants grants, TableWriter writer) {
        this.grants = grants;
        this.writer = writer;
    }

    static LuaTable convert(Lua lua, Object value) {
        if (!(value instanceof Iterable<?> || value instanceof byte[] || isContainer(value))) {
            throw new IllegalArgumentException(
                    "value is no map, iterable, array or record: class="
                            + value.getClass().getName());
        }
        try (LuaTable nodes = lua.newTable()) {
            new JavaToTable(lua.grants(), new TableWriter(nodes.handle)).fill(value);
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
        Node first = node(root);
        assert first.number() == 1;
        for (Contents next = pending.poll(); next != null; next = pending.poll()) {
            writer.begin(next.node);
            putAll(next.container);
        }
        writer.flush();
    }

    private Node node(Object container) {
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
        pending.add(new Contents(created, container));
        return created;
    }

    private static int hint(int size) {
        return Math.clamp(size, 0, MAX_HINT);
    }

    private void putAll(Object container) {
        switch (container) {
            case Map<?, ?> map -> {
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    put(key(entry.getKey()), entry.getValue());
                }
            }
            case Record value -> {
                for (RecordShape.Component component : RecordShape.of(value.getClass())) {
                    put(component.name(), component.get(value));
                }
            }
            case Iterable<?> values -> {
                long index = 1;
                for (Object value : values) {
                    put(index++, value);
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
                    put(i + 1L, Array.get(container, i));
                }
            }
        }
    }

    private static Object key(@Nullable Object key) {
        return switch (key) {
            case null -> throw new IllegalArgumentException("map has a key that is null");
            case Enum<?> constant -> constant.name();
            case Number n when Double.isNaN(n.doubleValue()) ->
                    throw new IllegalArgumentException("map has a key that is NaN");
            default -> key;
        };
    }

    private void put(Object key, @Nullable Object value) {
        Object low = value instanceof Optional<?> optional ? optional.orElse(null) : value;
        if (low == null) {
            return;
        }
        try {
            writer.put(key, value(low));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "entry has no counterpart in Lua: key=%s, key's class=%s, value's class=%s"
                            .formatted(
                                    Conversions.shown(key),
                                    key.getClass().getName(),
                                    low.getClass().getName()),
                    e);
        }
    }

    private Object value(Object value) {
        if (isContainer(value) && !grants.isRegistered(value.getClass())) {
            return node(value);
        }
        return value instanceof Enum<?> constant ? constant.name() : value;
    }
}
