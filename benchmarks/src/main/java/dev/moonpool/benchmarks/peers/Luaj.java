package dev.moonpool.benchmarks.peers;

import org.luaj.vm2.Globals;
import org.luaj.vm2.LuaInteger;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;
import org.luaj.vm2.lib.OneArgFunction;
import org.luaj.vm2.lib.jse.CoerceJavaToLua;
import org.luaj.vm2.lib.jse.JsePlatform;

/**
 * LuaJ: Lua 5.2 in Java, without integers of 64 bits. Here its interpreter, its own conversions of
 * strings, and a Java object whose methods it finds by reflection.
 */
sealed class Luaj implements Binding permits LuajCompiled {
    private final LuaValue add;
    private final LuaValue string;
    private final LuaValue loop;
    private final LuaValue callback;
    private final LuaValue method;
    private final LuaTable fields;
    private final LuaTable array;
    private final LuaTable map;

    Luaj() {
        this(JsePlatform.standardGlobals(), CoerceJavaToLua.coerce(new Counter()));
    }

    Luaj(Globals globals, LuaValue counter) {
        add = globals.load(Chunks.ADD, "add").call();
        string = globals.load(Chunks.STRING, "string").call();
        loop = globals.load(Chunks.LOOP, "loop").call();
        callback = globals.load(Chunks.CALLBACK, "callback").call(new Increment());
        method = globals.load(Chunks.METHOD, "method").call(counter);
        fields = globals.load(Chunks.FIELDS, "fields").call().checktable();
        array = globals.load(Chunks.ARRAY, "array").call().checktable();
        map = globals.load(Chunks.MAP, "map").call().checktable();
    }

    private static final class Increment extends OneArgFunction {
        @Override
        public LuaValue call(LuaValue x) {
            return integer(Chunks.increment(x.tolong()));
        }
    }

    static LuaValue integer(long value) {
        return LuaInteger.valueOf(value); // LuaValue.valueOf would make it a double
    }

    LuaValue toLua(String text) {
        return LuaValue.valueOf(text);
    }

    String toJava(LuaValue text) {
        return text.tojstring();
    }

    @Override
    public final long add(long a, long b) {
        return add.call(integer(a), integer(b)).tolong();
    }

    @Override
    public final long callback(int times) {
        return callback.call(integer(times)).tolong();
    }

    @Override
    public final long method(int times) {
        return method.call(integer(times)).tolong();
    }

    @Override
    public final long loop(int times) {
        return loop.call(integer(times)).tolong();
    }

    @Override
    public final String string(String text) {
        return toJava(string.call(toLua(text)));
    }

    @Override
    public final long get(String key) {
        return fields.rawget(toLua(key)).tolong();
    }

    @Override
    public final void set(String key, long value) {
        fields.rawset(toLua(key), integer(value));
    }

    @Override
    public final int entries(long[] keys, long[] values) {
        int count = 0;
        Varargs entry = array.next(LuaValue.NIL);
        while (!entry.arg1().isnil()) {
            keys[count] = entry.arg1().tolong();
            values[count++] = entry.arg(2).tolong();
            entry = array.next(entry.arg1());
        }
        return count;
    }

    @Override
    public final int entries(String[] keys, long[] values) {
        int count = 0;
        Varargs entry = map.next(LuaValue.NIL);
        while (!entry.arg1().isnil()) {
            keys[count] = toJava(entry.arg1());
            values[count++] = entry.arg(2).tolong();
            entry = map.next(entry.arg1());
        }
        return count;
    }

    @Override
    public final void close() {}
}
