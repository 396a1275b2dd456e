package dev.moonpool.lua;

import dev.moonpool.lua.internal.Conversions;
import dev.moonpool.lua.internal.Handle;
import dev.moonpool.lua.internal.Sequences;
import dev.moonpool.lua.internal.Tables;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A table in Lua.
 *
 * <p>{@code get} and {@code set} do what indexing does in Lua, metamethods included; {@code rawGet}
 * and {@code rawSet} leave those out. Reads of a field as a type throw {@link ClassCastException}
 * if something else is there, or nothing; its message has the key and the value. All throw {@link
 * LuaException} for an error in a metamethod, and {@code set} for a key that is nil or no number.
 */
public final class LuaTable extends LuaReference {
    LuaTable(Lua lua, Handle handle) {
        super(lua, handle);
    }

    /**
     * {@return a field, null for nil}
     *
     * @param name its name
     */
    public @Nullable Object get(String name) {
        return Tables.get(handle, Objects.requireNonNull(name, "name"));
    }

    /**
     * {@return an element, null for nil}
     *
     * @param index its index; a Lua sequence begins at 1
     */
    public @Nullable Object get(long index) {
        return Tables.get(handle, index, false);
    }

    /**
     * {@return the value at a key, null for nil}
     *
     * @param key the key; there is never a value at null
     */
    public @Nullable Object get(@Nullable Object key) {
        return Tables.get(handle, key, false);
    }

    /**
     * {@return a field that is a boolean}
     *
     * @param name its name
     */
    public boolean getBoolean(String name) {
        return Conversions.toBoolean(get(name), name);
    }

    /**
     * {@return a field that is an integer}
     *
     * @param name its name
     */
    public long getLong(String name) {
        return Tables.getLong(handle, Objects.requireNonNull(name, "name"));
    }

    /**
     * {@return a field that is a number}
     *
     * @param name its name
     */
    public double getDouble(String name) {
        return Tables.getDouble(handle, Objects.requireNonNull(name, "name"));
    }

    /**
     * {@return a field that is a string, decoded as UTF-8}
     *
     * @param name its name
     */
    public String getString(String name) {
        return Conversions.toText(get(name), name);
    }

    /**
     * {@return a field that is a table}
     *
     * @param name its name
     */
    public LuaTable getTable(String name) {
        return get(LuaTable.class, name);
    }

    /**
     * {@return a field that is a function}
     *
     * @param name its name
     */
    public LuaFunction getFunction(String name) {
        return get(LuaFunction.class, name);
    }

    private <T> T get(Class<T> type, String name) {
        Object value = get(name);
        if (!type.isInstance(value)) {
            throw Conversions.mismatch(value, name, "a " + type.getSimpleName());
        }
        return type.cast(value);
    }

    /**
     * Sets a field.
     *
     * @param name its name
     * @param value the value; null removes the field
     */
    public void set(String name, @Nullable Object value) {
        Tables.set(handle, Objects.requireNonNull(name, "name"), value, false);
    }

    /**
     * Sets a field to an integer.
     *
     * @param name its name
     * @param value the value
     */
    public void set(String name, long value) {
        Tables.setLong(handle, Objects.requireNonNull(name, "name"), value);
    }

    /**
     * Sets a field to a float.
     *
     * @param name its name
     * @param value the value
     */
    public void set(String name, double value) {
        Tables.setDouble(handle, Objects.requireNonNull(name, "name"), value);
    }

    /**
     * Sets a field to a string of one character, where {@code long} would take the number of it.
     *
     * @param name its name
     * @param value the character
     */
    public void set(String name, char value) {
        set(name, String.valueOf(value));
    }

    /**
     * Sets a field to a new function.
     *
     * @param name its name
     * @param function the function; null removes the field
     */
    public void set(String name, @Nullable JavaFunction function) {
        Tables.set(handle, Objects.requireNonNull(name, "name"), function, false);
    }

    /**
     * Sets the value at a key: an element, if that is an integer.
     *
     * @param key the key
     * @param value the value; null removes the key
     */
    public void set(Object key, @Nullable Object value) {
        Tables.set(handle, key, value, false);
    }

    /**
     * {@return the value at a key without metamethods, null for nil}
     *
     * @param key the key; there is never a value at null
     */
    public @Nullable Object rawGet(@Nullable Object key) {
        return Tables.get(handle, key, true);
    }

    /**
     * Sets the value at a key without metamethods.
     *
     * @param key the key
     * @param value the value; null removes the key
     */
    public void rawSet(Object key, @Nullable Object value) {
        Tables.set(handle, key, value, true);
    }

    /** {@return the length, as {@code #} gives it} */
    public long length() {
        return Tables.length(handle, false);
    }

    /** {@return the length without the metamethod} */
    public long rawLength() {
        return Tables.length(handle, true);
    }

    /**
     * Calls an action with each key and value, in the order of Lua's {@code next}, without
     * metamethods. As {@link #entries}, with an object for each.
     *
     * @param action the action
     */
    public void forEach(BiConsumer<Object, Object> action) {
        Objects.requireNonNull(action, "action");
        try (LuaEntries entries = entries()) {
            while (entries.next()) {
                action.accept(entries.key(), entries.value());
            }
        }
    }

    /**
     * {@return the entries, to go through them in the order of Lua's {@code next}, without
     * metamethods} Meanwhile fields that are there may be changed and removed. None must be added:
     * whether those come is not defined, and Lua may raise an error then.
     *
     * <p>Entries are read some hundreds at a time. What is changed in those that were read already
     * is not seen.
     */
    public LuaEntries entries() {
        return new LuaEntries(handle);
    }

    /**
     * {@return the table's contents as a new map, in the order of Lua's {@code next}} Keys and
     * values are as {@link #forEach} has them: tables stay tables, which {@link #toJava} converts
     * too. A key that is a string but no UTF-8 is a {@code byte[]}, which a map does not find.
     */
    public Map<Object, Object> toMap() {
        Map<Object, Object> map = new LinkedHashMap<>();
        forEach(map::put);
        return map;
    }

    /**
     * {@return the table's contents as a new map of these types, in the order of Lua's {@code
     * next}}
     *
     * @param keyType what each key becomes, as a component of {@link #toRecord} does; {@code
     *     Object} leaves it as it is
     * @param valueType what each value becomes, likewise
     * @param <K> the keys' type
     * @param <V> the values' type
     * @throws ClassCastException if one is something else
     * @throws IllegalArgumentException as in {@link #toRecord}
     */
    public <K, V> Map<K, V> toMap(Class<K> keyType, Class<V> valueType) {
        Objects.requireNonNull(keyType, "keyType");
        Objects.requireNonNull(valueType, "valueType");
        Map<Object, Object> map = new LinkedHashMap<>();
        try (TableToJava conversion = new TableToJava()) {
            conversion.putAll(
                    this, Target.of(keyType), Target.of(valueType), Place.root("map"), map);
        }
        @SuppressWarnings("unchecked") // made of nothing else
        Map<K, V> result = (Map<K, V>) map;
        return result;
    }

    /**
     * {@return the elements from index 1 to {@link #rawLength} as a new list} An element that is
     * nil is null; Lua does not promise which length a table with such holes has. Tables stay
     * tables.
     *
     * @throws IllegalArgumentException if a million more of the elements are nil than are not
     */
    public List<@Nullable Object> toList() {
        return Sequences.elements(handle);
    }

    /**
     * {@return the elements from index 1 to {@link #rawLength} as a new list of this type}
     *
     * @param type what each element becomes, as a component of {@link #toRecord} does; nil is null
     * @param <E> the type
     * @throws ClassCastException if one is something else
     * @throws IllegalArgumentException as in {@link #toList()} and {@link #toRecord}
     */
    public <E> List<@Nullable E> toList(Class<E> type) {
        Objects.requireNonNull(type, "type");
        List<@Nullable Object> list = new ArrayList<>();
        try (TableToJava conversion = new TableToJava()) {
            conversion.addAll(this, Target.of(type), Place.root("list"), list);
        }
        @SuppressWarnings("unchecked") // made of nothing else
        List<@Nullable E> result = (List<@Nullable E>) (List<?>) list;
        return result;
    }

    /**
     * {@return the elements from index 1 to {@link #rawLength} as a new array} For {@code long[]},
     * {@code double[]} and {@code int[]} no objects are made.
     *
     * @param type the array's class, such as {@code long[].class}; each element becomes one as a
     *     component of {@link #toRecord} does
     * @param <A> the class
     * @throws ClassCastException if an element is something else, or nil where a primitive is due
     * @throws IllegalArgumentException if it is no array's class, or as in {@link #toList()} and
     *     {@link #toRecord}
     */
    public <A> A toArray(Class<A> type) {
        Objects.requireNonNull(type, "type");
        if (!type.isArray()) {
            throw new IllegalArgumentException("class is no array's: class=" + type.getName());
        }
        try (TableToJava conversion = new TableToJava()) {
            Place place = Place.root(type.getSimpleName());
            return type.cast(conversion.container(this, Target.of(type), place));
        }
    }

    /**
     * {@return the table as a new record} Each component gets the field of its name, as {@link
     * #get(String)} reads it, as its type:
     *
     * <ul>
     *   <li>a primitive or its box: a boolean; a number, where it fits without loss but for that of
     *       floating point; a string of one {@code char}
     *   <li>{@code String}, {@code byte[]}: a string
     *   <li>an enum: a string, the constant's name
     *   <li>a record, an array, {@code List}, {@code Set}, {@code Collection}, {@code Map} with
     *       types in them: a table
     *   <li>{@code Optional}: what is in it, or nil
     *   <li>{@code Object}: anything, tables as {@link #toJava} converts them
     *   <li>{@link LuaTable}, {@link LuaFunction}, a Java object's class: just that
     * </ul>
     *
     * <p>What is missing is null, and an error for a primitive. Tables that are met more than once
     * as the same type become one object.
     *
     * @param type the record's class; Moonpool's module must be able to use it
     * @param <R> the class
     * @throws ClassCastException if a field is something else than its component; the message has
     *     its path and value
     * @throws IllegalArgumentException if the class's package is not open to this module; if a
     *     record would hold itself, or more than 200 are nested; or if an element of a set or a key
     *     of a map would hold itself, or have more than 200 tables nested or 65,536 in all in it
     * @throws LuaException for an error in a metamethod
     */
    public <R extends Record> R toRecord(Class<R> type) {
        Objects.requireNonNull(type, "type");
        try (TableToJava conversion = new TableToJava()) {
            Place place = Place.root(type.getSimpleName());
            return type.cast(conversion.container(this, Target.of(type), place));
        }
    }

    /**
     * {@return the table as a new {@code List}, if all that it has are elements from index 1 on, or
     * else as a new {@code Map}; and so the tables among its values, however deep} Without
     * metamethods. A table without contents becomes a map. A table that is met more than once
     * becomes one object, so that those that refer to each other still do. Keys are left as they
     * are.
     *
     * @throws LuaException if there are more tables than a state has handles for, some million
     */
    public Object toJava() {
        try (NaturalTables conversion = new NaturalTables()) {
            return conversion.convert(this);
        }
    }

    /** {@return the metatable, null if there is none} */
    public @Nullable LuaTable metatable() {
        return (LuaTable) Tables.metatable(handle);
    }

    /**
     * Sets the metatable.
     *
     * @param metatable the metatable; null for none
     */
    public void setMetatable(@Nullable LuaTable metatable) {
        Tables.setMetatable(handle, metatable);
    }

    @Override
    public LuaWeakReference<LuaTable> weak() {
        return new LuaWeakReference<>(this, LuaTable.class);
    }
}
