package dev.moonpool.lua;

import dev.moonpool.lua.internal.Sequences;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes maps, lists, arrays and records of tables and what is in them.
 *
 * <p>What was made of a table as one type is used again where the table is met again as that type,
 * also while it is still being filled. Records are made when they are complete, so there a table
 * that holds itself cannot be. The tables that were met stay referred to until the end: that is
 * what their identity means something for.
 */
final class TableToJava implements AutoCloseable {
    /** Deeper than this nobody means it, and a script could use up Java's stack. */
    static final int MAX_DEPTH = 200;

    /** Stands for a record that is not complete. */
    private static final Object INCOMPLETE = new Object();

    private record Key(LuaTable table, Target target) {}

    private final Map<Key, Object> made = new HashMap<>();
    private final List<LuaTable> met = new ArrayList<>();
    private final NaturalTables natural = new NaturalTables();
    private final HashedValues hashed = new HashedValues();
    private int depth;

    @Override
    public void close() {
        met.forEach(LuaTable::close);
        natural.close();
    }

    /** {@return a value as a type} */
    @Nullable Object convert(@Nullable Object value, Target target, Place place) {
        Class<?> raw = target.raw();
        if (value == null) {
            return absent(raw, place);
        } else if (raw == Object.class) {
            return value instanceof LuaTable table ? natural.convertNested(table) : value;
        } else if (raw.isInstance(value)) {
            return value;
        } else if (raw == Optional.class) {
            return Optional.ofNullable(convert(value, target.argument(0), place));
        } else if (value instanceof LuaTable table && isContainer(raw)) {
            return nested(table, target, place);
        }
        return Scalars.convert(value, raw, place);
    }

    private static @Nullable Object absent(Class<?> raw, Place place) {
        if (raw.isPrimitive()) {
            throw place.mismatch(null, raw);
        }
        return raw == Optional.class ? Optional.empty() : null;
    }

    private static boolean isContainer(Class<?> raw) {
        return raw.isRecord()
                || (raw.isArray() && raw != byte[].class)
                || raw.isAssignableFrom(ArrayList.class)
                || raw.isAssignableFrom(LinkedHashSet.class)
                || raw.isAssignableFrom(LinkedHashMap.class);
    }

    /** A table within another one: it is ours. */
    private Object nested(LuaTable table, Target target, Place place) {
        met.add(table);
        return container(table, target, place);
    }

    /** {@return a table as a type that is made of tables} */
    Object container(LuaTable table, Target target, Place place) {
        Key key = new Key(table, target);
        Object known = made.get(key);
        if (known == INCOMPLETE) {
            throw new IllegalArgumentException(
                    "table holds itself, and a record cannot: at=%s, type=%s"
                            .formatted(place, target.raw().getName()));
        } else if (known != null) {
            return known;
        } else if (depth == MAX_DEPTH) {
            throw new IllegalArgumentException(
                    "tables are nested too deeply for a type: most=%d, type=%s"
                            .formatted(MAX_DEPTH, target.raw().getName()));
        }
        depth++;
        try {
            Class<?> raw = target.raw();
            if (raw.isRecord()) {
                return record(table, key, place);
            } else if (raw.isArray()) {
                return array(table, key, place);
            } else if (raw.isAssignableFrom(LinkedHashMap.class)) {
                return map(table, key, place);
            }
            return collection(table, key, place);
        } finally {
            depth--;
        }
    }

    private Object record(LuaTable table, Key key, Place place) {
        made.put(key, INCOMPLETE);
        RecordShape shape = RecordShape.of(key.target.raw());
        @Nullable Object[] values = new @Nullable Object[shape.size()];
        int i = 0;
        for (RecordShape.Component component : shape) {
            values[i++] =
                    convert(
                            table.get(component.name()),
                            key.target.within(component.type()),
                            new Place(place, component.name()));
        }
        Object created = shape.create(values);
        hashed.made(created, values);
        made.put(key, created);
        return created;
    }

    private Object array(LuaTable table, Key key, Place place) {
        Object numbers = numbers(table, key.target.raw());
        if (numbers != null) {
            made.put(key, numbers);
            return numbers;
        }
        Target element = key.target.component();
        List<@Nullable Object> values = Sequences.elements(table.handle);
        Object array = Array.newInstance(element.raw(), values.size());
        made.put(key, array);
        for (int i = 0; i < values.size(); i++) {
            Object value = convert(values.get(i), element, new Place(place, i + 1L));
            if (value != null) {
                Array.set(array, i, value);
            }
        }
        return array;
    }

    /** {@return an array made without an object for each element; null if that is not possible} */
    private static @Nullable Object numbers(LuaTable table, Class<?> raw) {
        try {
            if (raw == long[].class) {
                return Sequences.longs(table.handle);
            } else if (raw == double[].class) {
                return Sequences.doubles(table.handle);
            } else if (raw == int[].class) {
                return Arrays.stream(Sequences.longs(table.handle))
                        .mapToInt(Math::toIntExact)
                        .toArray();
            }
        } catch (ClassCastException | ArithmeticException e) {
            return null; // the slow way says which element it is
        }
        return null;
    }

    private Object collection(LuaTable table, Key key, Place place) {
        Collection<@Nullable Object> result =
                key.target.raw().isAssignableFrom(ArrayList.class)
                        ? new ArrayList<>()
                        : new LinkedHashSet<>();
        made.put(key, result);
        hashed.begin(result);
        addAll(table, key.target.argument(0), place, result);
        hashed.end(result);
        return result;
    }

    /** Adds a table's elements. */
    void addAll(
            LuaTable table,
            Target element,
            Place place,
            Collection<? super @Nullable Object> result) {
        long index = 1;
        for (Object value : Sequences.elements(table.handle)) {
            Place at = new Place(place, index++);
            Object converted = convert(value, element, at);
            if (result instanceof Set<?>) {
                hashed.require(converted, at);
            }
            result.add(converted);
        }
    }

    private Object map(LuaTable table, Key key, Place place) {
        Map<@Nullable Object, @Nullable Object> result = new LinkedHashMap<>();
        made.put(key, result);
        hashed.begin(result);
        putAll(table, key.target.argument(0), key.target.argument(1), place, result);
        hashed.end(result);
        return result;
    }

    /** Puts a table's entries. */
    void putAll(
            LuaTable table,
            Target keys,
            Target values,
            Place place,
            Map<? super @Nullable Object, ? super @Nullable Object> result) {
        table.forEach(
                (from, value) -> {
                    Place entry = new Place(place, from);
                    result.put(convertKey(from, keys, entry), convert(value, values, entry));
                });
    }

    /** A table that is a key is so by its identity, which nothing made of it would have. */
    private @Nullable Object convertKey(Object key, Target target, Place place) {
        if (target.raw() == Object.class) {
            return key;
        }
        Object converted = convert(key, target, place);
        hashed.require(converted, place);
        return converted;
    }
}
