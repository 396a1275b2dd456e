package dev.moonpool.benchmarks.peers;

import party.iroiro.luajava.JFunction;
import party.iroiro.luajava.LuaNatives;

/**
 * luajava's fastest way: Lua's C API as {@link LuaNatives} has it, one JNI call for each function,
 * without the checks of the stack that {@link party.iroiro.luajava.Lua} adds; and its only way into
 * Java that needs no reflection, {@link JFunction}. The object with a method is a table with a
 * {@code JFunction} that is bound to the object: finding the object through a userdata costs more.
 */
final class LuajavaNatives extends Luajava {
    private final LuaNatives natives = lua.getLuaNatives();
    private final long state = lua.getPointer();

    LuajavaNatives() {
        pushCallback(
                called -> {
                    long l = called.getPointer();
                    natives.lua_pushinteger(l, Chunks.increment(natives.lua_tointeger(l, 1)));
                    return 1;
                });
        lua.newTable();
        lua.push(methodOf(new Counter()));
        lua.setField(-2, "add");
        pushMethod();
        lua.checkStack(4);
    }

    private JFunction methodOf(Counter counter) {
        return called -> {
            long l = called.getPointer();
            natives.lua_pushinteger(l, counter.add(natives.lua_tointeger(l, 2)));
            return 1;
        };
    }

    private void call(int arguments) {
        if (natives.lua_pcall(state, arguments, 1, 0) != 0) {
            throw new IllegalStateException(natives.lua_tostring(state, -1));
        }
    }

    private long popInteger() {
        long integer = natives.lua_tointeger(state, -1);
        natives.lua_settop(state, TOP);
        return integer;
    }

    @Override
    public long add(long a, long b) {
        natives.lua_pushvalue(state, ADD);
        natives.lua_pushinteger(state, a);
        natives.lua_pushinteger(state, b);
        call(2);
        return popInteger();
    }

    @Override
    long repeat(int function, int times) {
        natives.lua_pushvalue(state, function);
        natives.lua_pushinteger(state, times);
        call(1);
        return popInteger();
    }

    @Override
    public String string(String text) {
        natives.lua_pushvalue(state, STRING);
        natives.luaJ_pushstring(state, text);
        call(1);
        String result = natives.lua_tostring(state, -1);
        natives.lua_settop(state, TOP);
        return result;
    }

    @Override
    public long get(String key) {
        natives.luaJ_getfield(state, FIELDS, key);
        return popInteger();
    }

    @Override
    public void set(String key, long value) {
        natives.lua_pushinteger(state, value);
        natives.lua_setfield(state, FIELDS, key);
    }

    @Override
    public int entries(long[] keys, long[] values) {
        int count = 0;
        natives.lua_pushnil(state);
        while (natives.lua_next(state, ARRAY) != 0) {
            keys[count] = natives.lua_tointeger(state, TOP + 1);
            values[count++] = natives.lua_tointeger(state, TOP + 2);
            natives.lua_settop(state, TOP + 1);
        }
        return count;
    }

    @Override
    public int entries(String[] keys, long[] values) {
        int count = 0;
        natives.lua_pushnil(state);
        while (natives.lua_next(state, MAP) != 0) {
            keys[count] = natives.lua_tostring(state, TOP + 1);
            values[count++] = natives.lua_tointeger(state, TOP + 2);
            natives.lua_settop(state, TOP + 1);
        }
        return count;
    }
}
