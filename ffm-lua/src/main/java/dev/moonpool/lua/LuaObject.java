package dev.moonpool.lua;

/**
 * A Lua value that has no counterpart in Java: what it is, and which one. It does not keep the
 * object alive.
 *
 * @param type its type as Lua's {@code type} names it: table, function, userdata or thread
 * @param identity two objects that are alive at the same time have different ones
 */
public record LuaObject(String type, long identity) {

    /** {@return the type and the identity, as Lua's {@code tostring} shows them} */
    @Override
    public String toString() {
        return "%s: 0x%x".formatted(type, identity);
    }
}
