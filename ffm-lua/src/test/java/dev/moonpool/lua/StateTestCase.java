package dev.moonpool.lua;

import org.junit.jupiter.api.AfterEach;

/** Tests with a state that must work on whatever they do to it. */
abstract class StateTestCase {
    final Lua lua = States.unlimited();

    @AfterEach
    void worksStill() {
        Raised.assertWorks(lua);
        lua.close();
    }

    final LuaTable table(String source) {
        return lua.eval("return " + source).asTable();
    }

    final LuaCoroutine coroutine(String body) {
        return lua.newCoroutine(lua.load(body));
    }
}
