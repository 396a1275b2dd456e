package dev.moonpool.benchmarks.peers;

import dev.moonpool.lua.Lua;
import dev.moonpool.lua.LuaEntries;
import dev.moonpool.lua.LuaFunction;
import dev.moonpool.lua.LuaTable;
import dev.moonpool.lua.LuaType;

/** Moonpool: C Lua 5.4 through FFM, in memory that Java owns; by its typed calls. */
final class Moonpool implements Binding {
    private static final LuaType<Counter> COUNTER =
            LuaType.builder(Counter.class).longMethod("add", Counter::add).build();

    private final Lua lua = Lua.create();
    private final LuaFunction add = function(Chunks.ADD);
    private final LuaFunction string = function(Chunks.STRING);
    private final LuaFunction loop = function(Chunks.LOOP);
    private final LuaFunction callback =
            function(Chunks.CALLBACK, lua.longFunction(Chunks::increment));
    private final LuaFunction method = function(Chunks.METHOD, lua.wrap(new Counter(), COUNTER));
    private final LuaTable fields = table(Chunks.FIELDS);
    private final LuaTable array = table(Chunks.ARRAY);
    private final LuaTable map = table(Chunks.MAP);

    private LuaFunction function(String chunk, Object... arguments) {
        return lua.eval(chunk, arguments).asFunction();
    }

    private LuaTable table(String chunk) {
        return lua.eval(chunk).asTable();
    }

    @Override
    public long add(long a, long b) {
        return add.callLong(a, b);
    }

    @Override
    public long callback(int times) {
        return callback.callLong(times);
    }

    @Override
    public long method(int times) {
        return method.callLong(times);
    }

    @Override
    public long loop(int times) {
        return loop.callLong(times);
    }

    @Override
    public String string(String text) {
        return string.callString(text);
    }

    @Override
    public long get(String key) {
        return fields.getLong(key);
    }

    @Override
    public void set(String key, long value) {
        fields.set(key, value);
    }

    @Override
    public int entries(long[] keys, long[] values) {
        int count = 0;
        try (LuaEntries entries = array.entries()) {
            while (entries.next()) {
                keys[count] = entries.keyAsLong();
                values[count++] = entries.valueAsLong();
            }
        }
        return count;
    }

    @Override
    public int entries(String[] keys, long[] values) {
        int count = 0;
        try (LuaEntries entries = map.entries()) {
            while (entries.next()) {
                keys[count] = entries.keyAsString();
                values[count++] = entries.valueAsLong();
            }
        }
        return count;
    }

    @Override
    public void close() {
        lua.close();
    }
}
