package dev.moonpool.lua;

import dev.moonpool.lua.internal.Conversions;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/**
 * Lua values in order: what a chunk or function returned, or what a Java function is called with.
 * As a list it holds Java's natural types: null, {@code Boolean}, {@code Long}, {@code Double},
 * {@code String} ({@code byte[]} if it is no UTF-8), {@link LuaTable}, {@link LuaFunction}, {@link
 * LuaCoroutine}, {@link LuaUserdata}, and Java's own objects as they are.
 *
 * <p>The typed reads do not convert, but for an integer read as a double, and a float that is a
 * whole number read as a long. They throw {@link ClassCastException} if something else is there,
 * and {@link IndexOutOfBoundsException} if nothing is. Those without an index read the first value.
 *
 * <p>Unmodifiable. It does not depend on the state, but for the tables, functions, coroutines and
 * userdata among the values; any thread may use it.
 */
public final class LuaValues extends AbstractList<@Nullable Object> implements RandomAccess {
    private final List<@Nullable Object> values;

    LuaValues(List<@Nullable Object> values) {
        this.values = values;
    }

    /**
     * {@return values in order, for a Java function to return or to yield}
     *
     * @param values the values
     */
    public static LuaValues of(@Nullable Object... values) {
        Objects.requireNonNull(values, "values");
        List<@Nullable Object> copy = new ArrayList<>(values.length);
        Collections.addAll(copy, values);
        return new LuaValues(copy);
    }

    @Override
    public int size() {
        return values.size();
    }

    /** {@return a value as its natural type} */
    @Override
    public @Nullable Object get(int index) {
        return values.get(index);
    }

    /** {@return the first value, a boolean} */
    public boolean asBoolean() {
        return asBoolean(0);
    }

    /**
     * {@return a boolean}
     *
     * @param index which value, from 0
     */
    public boolean asBoolean(int index) {
        return Conversions.toBoolean(get(index), index);
    }

    /** {@return the first value, an integer} */
    public long asLong() {
        return asLong(0);
    }

    /**
     * {@return an integer}
     *
     * @param index which value, from 0
     */
    public long asLong(int index) {
        return Conversions.toLong(get(index), index);
    }

    /** {@return the first value, a number} */
    public double asDouble() {
        return asDouble(0);
    }

    /**
     * {@return a number} An integer beyond 2<sup>53</sup> is rounded.
     *
     * @param index which value, from 0
     */
    public double asDouble(int index) {
        return Conversions.toDouble(get(index), index);
    }

    /** {@return the first value, a string, decoded as UTF-8} */
    public String asString() {
        return asString(0);
    }

    /**
     * {@return a string, decoded as UTF-8} Bytes that are no UTF-8 become U+FFFD; {@link #asBytes}
     * has them as they are.
     *
     * @param index which value, from 0
     */
    public String asString(int index) {
        return Conversions.toText(get(index), index);
    }

    /** {@return the bytes of the first value, a string} */
    public byte[] asBytes() {
        return asBytes(0);
    }

    /**
     * {@return the bytes of a string} The array is the caller's.
     *
     * @param index which value, from 0
     */
    public byte[] asBytes(int index) {
        return Conversions.toBytes(get(index), index);
    }

    /** {@return the first value, a table} */
    public LuaTable asTable() {
        return asTable(0);
    }

    /**
     * {@return a table}
     *
     * @param index which value, from 0
     */
    public LuaTable asTable(int index) {
        return as(LuaTable.class, index);
    }

    /** {@return the first value, a function} */
    public LuaFunction asFunction() {
        return asFunction(0);
    }

    /**
     * {@return a function}
     *
     * @param index which value, from 0
     */
    public LuaFunction asFunction(int index) {
        return as(LuaFunction.class, index);
    }

    /**
     * {@return a value of a class: one of those above, or a Java object's}
     *
     * @param type the class
     * @param index which value, from 0
     * @param <T> the class
     */
    public <T> T as(Class<T> type, int index) {
        Objects.requireNonNull(type, "type");
        Object value = get(index);
        if (!type.isInstance(value)) {
            throw Conversions.mismatch(value, index, "a " + type.getSimpleName());
        }
        return type.cast(value);
    }
}
