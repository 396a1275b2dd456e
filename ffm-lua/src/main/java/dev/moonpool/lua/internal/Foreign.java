package dev.moonpool.lua.internal;

/**
 * A Java object on its way to Lua.
 *
 * @param object the object
 * @param type its class there
 */
public record Foreign(Object object, Handle type) {}
