package dev.moonpool.lua;

import dev.moonpool.lua.internal.ffi.LuaNative;

/** Lua's standard libraries. */
public enum LuaLibrary {
    /**
     * The basic functions: print, pairs, pcall, load and so on. {@code loadfile} and {@code dofile}
     * are among them where there is {@link #IO} too, or the state is {@linkplain
     * Lua.Builder#trusted trusted}.
     */
    BASE(LuaNative.MP_LIB_BASE()),
    /** {@code require} and {@code package}; in a trusted state it can load native code. */
    PACKAGE(LuaNative.MP_LIB_PACKAGE()),
    /** {@code coroutine}. */
    COROUTINE(LuaNative.MP_LIB_COROUTINE()),
    /** {@code table}. */
    TABLE(LuaNative.MP_LIB_TABLE()),
    /** {@code io}: files, and the standard streams of the process. */
    IO(LuaNative.MP_LIB_IO()),
    /** {@code os}: the clock, the environment, other processes. Its {@code exit} is an error. */
    OS(LuaNative.MP_LIB_OS()),
    /** {@code string}, and methods on strings. */
    STRING(LuaNative.MP_LIB_STRING()),
    /** {@code math}. */
    MATH(LuaNative.MP_LIB_MATH()),
    /** {@code utf8}. */
    UTF8(LuaNative.MP_LIB_UTF8()),
    /**
     * {@code debug}: looks into other functions' locals and upvalues; in a {@linkplain
     * Lua.Builder#trusted trusted} state it reaches everything, the registry included, and can
     * crash the process, as it can the {@code lua} command.
     */
    DEBUG(LuaNative.MP_LIB_DEBUG());

    private final int bit;

    LuaLibrary(int bit) {
        this.bit = bit;
    }

    int bit() {
        return bit;
    }
}
