package dev.moonpool.benchmarks.peers;

import static java.util.Objects.requireNonNull;

import party.iroiro.luajava.Lua;

/**
 * luajava by {@link Lua}, which checks the stack, and turns errors into exceptions; the object with
 * a method is a Java object, whose methods luajava finds by reflection.
 */
final class LuajavaChecked extends Luajava {
    LuajavaChecked() {
        pushCallback(
                called -> {
                    called.push(Chunks.increment(called.toInteger(1)));
                    return 1;
                });
        lua.pushJavaObject(new Counter());
        pushMethod();
    }

    private long popInteger() {
        long integer = lua.toInteger(-1);
        lua.pop(1);
        return integer;
    }

    @Override
    public long add(long a, long b) {
        lua.pushValue(ADD);
        lua.push(a);
        lua.push(b);
        lua.pCall(2, 1);
        return popInteger();
    }

    @Override
    long repeat(int function, int times) {
        lua.pushValue(function);
        lua.push(times);
        lua.pCall(1, 1);
        return popInteger();
    }

    @Override
    public String string(String text) {
        lua.pushValue(STRING);
        lua.push(text);
        lua.pCall(1, 1);
        return popString();
    }

    private String popString() {
        String string = requireNonNull(lua.toString(-1));
        lua.pop(1);
        return string;
    }

    @Override
    public long get(String key) {
        lua.getField(FIELDS, key);
        return popInteger();
    }

    @Override
    public void set(String key, long value) {
        lua.push(value);
        lua.setField(FIELDS, key);
    }

    @Override
    public int entries(long[] keys, long[] values) {
        int count = 0;
        lua.pushNil();
        while (lua.next(ARRAY) != 0) {
            keys[count] = lua.toInteger(-2);
            values[count++] = popInteger();
        }
        return count;
    }

    @Override
    public int entries(String[] keys, long[] values) {
        int count = 0;
        lua.pushNil();
        while (lua.next(MAP) != 0) {
            keys[count] = requireNonNull(lua.toString(-2));
            values[count++] = popInteger();
        }
        return count;
    }
}
