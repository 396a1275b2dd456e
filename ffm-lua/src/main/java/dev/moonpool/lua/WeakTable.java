package dev.moonpool.lua;

import org.jspecify.annotations.Nullable;

/**
 * The Lua objects of a state that Java refers to weakly: two tables in Lua, which both forget an
 * object that nothing else refers to. Numbers are not used again, and an object has one however
 * often it is added, so that no one needs to clean up.
 *
 * <pre>
 *     numbers   object -> number   keys are weak
 *     objects   number -> object   values are weak
 * </pre>
 */
final class WeakTable {
    private final LuaTable numbers;
    private final LuaTable objects;
    private long last;

    WeakTable(Lua lua) {
        numbers = weak(lua, "k");
        objects = weak(lua, "v");
    }

    private static LuaTable weak(Lua lua, String mode) {
        LuaTable table = lua.newTable();
        try (LuaTable metatable = lua.newTable(0, 1)) {
            metatable.set("__mode", (Object) mode);
            table.setMetatable(metatable);
        }
        return table;
    }

    /** {@return the number of an object} */
    long add(LuaReference reference) {
        Object known = numbers.rawGet(reference);
        long number = known instanceof Long n ? n : ++last;
        if (known == null) {
            numbers.rawSet(reference, number);
        }
        objects.rawSet(number, reference); // a finalizer may have brought it back
        return number;
    }

    /** {@return an object, null if it was collected} */
    @Nullable Object get(long number) {
        return objects.rawGet(number);
    }
}
