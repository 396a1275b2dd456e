package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.moonpool.lua.LuaException.Kind;
import org.jspecify.annotations.Nullable;

/** What a chunk raises. */
final class Raised {
    private Raised() {}

    static LuaException by(Lua lua, String source, @Nullable Object... arguments) {
        return assertThrows(LuaException.class, () -> lua.eval(source, arguments));
    }

    static void assertRaises(Kind kind, String message, Lua lua, String source) {
        LuaException e = by(lua, source);
        assertEquals(message, e.getMessage());
        assertEquals(kind, e.kind(), message);
    }

    /** Asserts that a state still does what it should. */
    static void assertWorks(Lua lua) {
        assertEquals(42, lua.eval("return ... + 1", 41).asLong());
    }
}
