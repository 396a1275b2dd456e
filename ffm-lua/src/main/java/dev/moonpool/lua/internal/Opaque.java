package dev.moonpool.lua.internal;

/**
 * A Lua value that has no counterpart in Java.
 *
 * @param typeName its type as Lua's {@code type} names it
 * @param address tells objects apart while they live
 */
public record Opaque(String typeName, long address) {}
