package dev.moonpool.lua;

import dev.moonpool.lua.internal.Handle;

/**
 * A userdata in Lua that Java cannot look into: a file of the library {@code io}, for one. Objects
 * of Java's are no such: they come out of Lua as what they are.
 */
public final class LuaUserdata extends LuaReference {
    LuaUserdata(Lua lua, Handle handle) {
        super(lua, handle);
    }
}
