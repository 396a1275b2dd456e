package dev.moonpool.lua;

import dev.moonpool.lua.internal.ForeignClass;
import dev.moonpool.lua.internal.Handle;
import dev.moonpool.lua.internal.Tables;
import org.jspecify.annotations.Nullable;

/**
 * A userdata in Lua: a Java object that was given out with {@link Lua#wrap}; or what Java cannot
 * look into, a file of the library {@code io}, for one. Where Lua passes a Java object to Java, it
 * comes out as itself, not as one of these.
 *
 * <p>To {@link #close()} it lets go of the reference to the userdata; Lua still has the object.
 */
public final class LuaUserdata extends LuaReference {
    private final @Nullable ForeignClass type;

    LuaUserdata(Lua lua, Handle handle) {
        this(lua, handle, null);
    }

    /** One that is a Java object, of this class. */
    LuaUserdata(Lua lua, Handle handle, @Nullable ForeignClass type) {
        super(lua, handle);
        this.type = type;
    }

    /**
     * Takes the Java object away from Lua: each use of this userdata raises an error from now on.
     * Does nothing if it was done before, or there is no Java object.
     */
    public void revoke() {
        lua.grants().revoke(this);
    }

    @Override
    public LuaWeakReference<LuaUserdata> weak() {
        return new LuaWeakReference<>(this, LuaUserdata.class);
    }

    @Nullable ForeignClass type() {
        return type;
    }

    @Nullable LuaTable metatable() {
        return (LuaTable) Tables.metatable(handle);
    }
}
