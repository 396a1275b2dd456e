package dev.moonpool.lua;

import dev.moonpool.lua.internal.Handle;
import dev.moonpool.lua.internal.Tables;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A table in Lua.
 *
 * <p>{@code get} and {@code set} do what indexing does in Lua, metamethods included; {@code rawGet}
 * and {@code rawSet} leave those out. Reads of a field as a type throw {@link ClassCastException}
 * if something else is there. All throw {@link LuaException} for an error in a metamethod, and
 * {@code set} for a key that is nil or no number.
 */
public final class LuaTable extends LuaReference {
    private static final int PAIRS_AT_ONCE = 1024;

    LuaTable(Lua lua, Handle handle) {
        super(lua, handle);
    }

    /**
     * {@return a field, null for nil}
     *
     * @param name its name
     */
    public @Nullable Object get(String name) {
        return Tables.get(handle, name);
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
     * @param key the key
     */
    public @Nullable Object get(Object key) {
        return Tables.get(handle, key, false);
    }

    /**
     * {@return a field that is a boolean}
     *
     * @param name its name
     */
    public boolean getBoolean(String name) {
        return LuaValues.of(get(name)).asBoolean();
    }

    /**
     * {@return a field that is an integer}
     *
     * @param name its name
     */
    public long getLong(String name) {
        return Tables.getLong(handle, name);
    }

    /**
     * {@return a field that is a number}
     *
     * @param name its name
     */
    public double getDouble(String name) {
        return Tables.getDouble(handle, name);
    }

    /**
     * {@return a field that is a string, decoded as UTF-8}
     *
     * @param name its name
     */
    public String getString(String name) {
        return LuaValues.of(get(name)).asString();
    }

    /**
     * {@return a field that is a table}
     *
     * @param name its name
     */
    public LuaTable getTable(String name) {
        return LuaValues.of(get(name)).asTable();
    }

    /**
     * {@return a field that is a function}
     *
     * @param name its name
     */
    public LuaFunction getFunction(String name) {
        return LuaValues.of(get(name)).asFunction();
    }

    /**
     * Sets a field.
     *
     * @param name its name
     * @param value the value; null removes the field
     */
    public void set(String name, @Nullable Object value) {
        Tables.set(handle, name, value, false);
    }

    /**
     * Sets a field to an integer.
     *
     * @param name its name
     * @param value the value
     */
    public void set(String name, long value) {
        Tables.setLong(handle, name, value);
    }

    /**
     * Sets a field to a float.
     *
     * @param name its name
     * @param value the value
     */
    public void set(String name, double value) {
        Tables.setDouble(handle, name, value);
    }

    /**
     * Sets a field to a new function.
     *
     * @param name its name
     * @param function the function
     */
    public void set(String name, JavaFunction function) {
        Tables.set(handle, name, function, false);
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
     * @param key the key
     */
    public @Nullable Object rawGet(Object key) {
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
     * metamethods. The action may change and remove fields that are there. It must not add any:
     * whether those come is not defined, and Lua may raise an error then.
     *
     * <p>Entries are read some hundreds at a time. What is changed in those that were read already
     * is not seen.
     *
     * @param action the action
     */
    public void forEach(BiConsumer<Object, Object> action) {
        Handle last = null;
        do {
            Tables.Batch batch = Tables.next(handle, last, PAIRS_AT_ONCE);
            if (last != null) {
                last.close();
            }
            last = batch.last();
            List<@Nullable Object> entries = batch.entries();
            for (int i = 0; i < entries.size(); i += 2) {
                action.accept(present(entries.get(i)), present(entries.get(i + 1)));
            }
        } while (last != null);
    }

    private static Object present(@Nullable Object value) {
        if (value == null) {
            throw new AssertionError("no key and no value in a table is nil");
        }
        return value;
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
}
