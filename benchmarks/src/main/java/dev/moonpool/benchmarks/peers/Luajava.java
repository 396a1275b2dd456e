package dev.moonpool.benchmarks.peers;

import party.iroiro.luajava.JFunction;
import party.iroiro.luajava.Lua;
import party.iroiro.luajava.lua54.Lua54;

/**
 * luajava: C Lua 5.4 through JNI. All functions and tables stay at fixed places of the Lua stack,
 * so that none has to be looked up.
 */
abstract sealed class Luajava implements Binding permits LuajavaNatives, LuajavaChecked {
    static final int ADD = 1;
    static final int STRING = 2;
    static final int LOOP = 3;
    static final int FIELDS = 4;
    static final int ARRAY = 5;
    static final int MAP = 6;
    static final int CALLBACK = 7;
    static final int METHOD = 8;

    /** The top of the stack between two calls. */
    static final int TOP = METHOD;

    final Lua lua = new Lua54();

    /** The subclass goes on with {@link #pushCallback} and {@link #pushMethod}. */
    Luajava() {
        lua.openLibraries();
        lua.run(Chunks.ADD);
        lua.run(Chunks.STRING);
        lua.run(Chunks.LOOP);
        lua.run(Chunks.FIELDS);
        lua.run(Chunks.ARRAY);
        lua.run(Chunks.MAP);
    }

    final void pushCallback(JFunction increment) {
        lua.load(Chunks.CALLBACK);
        lua.push(increment);
        lua.pCall(1, 1);
    }

    /** Takes the object whose method is called from the top of the stack. */
    final void pushMethod() {
        lua.load(Chunks.METHOD);
        lua.insert(METHOD);
        lua.pCall(1, 1);
    }

    @Override
    public final long callback(int times) {
        return repeat(CALLBACK, times);
    }

    @Override
    public final long method(int times) {
        return repeat(METHOD, times);
    }

    @Override
    public final long loop(int times) {
        return repeat(LOOP, times);
    }

    /** {@return what a function returns that is given how often to do what it does} */
    abstract long repeat(int function, int times);

    @Override
    public final void close() {
        lua.close();
    }
}
