package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Scripts that are where one does not expect them, or take away what one counts on. */
class HostileScriptsTest {
    private final Lua lua = Lua.create();

    @AfterEach
    void close() {
        lua.close();
    }

    @Test
    void hooksThatCallJavaLeaveArgumentsAndResultsAlone() {
        LuaTable table = lua.newTable();
        table.set("key", "value");
        lua.globals().set("f", arguments -> "reply");
        lua.eval("debug.sethook(function(event) f(event, 1, 2, 3) end, 'cr')");
        assertEquals("value", table.get((Object) "key"));
        table.set((Object) "key", "other");
        assertEquals(List.of(table, "text", 1L), lua.eval("return ...", table, "text", 1L));
        List<Object> entries = new ArrayList<>();
        table.forEach((key, value) -> entries.addAll(List.of(key, value)));
        assertEquals(List.of("key", "other"), entries);
        assertEquals("abab", lua.load("local s = ... return s .. s").callString("ab"));
    }

    @Test
    void noFunctionOfTheStackIsAFunctionOfC() {
        assertNull(lua.eval("return debug.getinfo(0, 'f').func").get(0));
        assertNull(lua.eval("return debug.getinfo(coroutine.running(), 0, 'f').func").get(0));
        assertEquals(true, lua.eval("return debug.getinfo(print, 'f').func == print").get(0));
        assertEquals(
                true,
                lua.eval("local function f() return debug.getinfo(1, 'f').func == f end return f()")
                        .get(0));
    }

    @Test
    void whatKeepsJavaFunctionsAndObjectsIsOutOfReach() {
        lua.register(LuaType.builder(Thread.class).build());
        lua.globals().set("f", _ -> "reply");
        assertNull(lua.eval("return debug.getupvalue(f, 1)").get(0));
        Thread object = Thread.currentThread();
        assertEquals(false, lua.eval("return debug.getmetatable(...)", object).get(0));
    }

    @Test
    void functionsOfTheHostDoNothingForScripts() {
        try (Lua trusted = Lua.builder().trusted(true).build()) {
            LuaValues called =
                    trusted.eval(
                            """
                            local messages = {}
                            local level = 0
                            while true do
                              local info = debug.getinfo(level, 'fS')
                              if not info then break end
                              if level > 0 and info.what == 'C' then
                                messages[#messages + 1] = select(2, pcall(info.func, io.stdout))
                                messages[#messages + 1] = select(2, pcall(info.func))
                              end
                              level = level + 1
                            end
                            return table.unpack(messages)
                            """);
            String message = "function of the host library called by a script";
            assertEquals(List.of(message, message), called);
        }
    }

    @Test
    void aCoroutineGoesOnWhenItsReferenceWasClosedByWhatItCalled() {
        LuaCoroutine[] coroutine = new LuaCoroutine[1];
        lua.globals()
                .set(
                        "drop",
                        arguments -> {
                            coroutine[0].close();
                            lua.collectGarbage();
                            return null;
                        });
        coroutine[0] =
                lua.newCoroutine(
                        lua.load(
                                """
                                drop()
                                coroutine.wrap(function() -- it is this that runs, and is alive
                                  collectgarbage()
                                  local t = {}
                                  for i = 1, 1000 do t[i] = {i} end
                                end)()
                                return 'still here'
                                """));
        assertEquals("still here", coroutine[0].resume().asString());
    }

    @Test
    void theGlobalsAreWhatTheyAreWhateverTheirNameIs() {
        lua.eval("_G = nil; marker = 1");
        assertEquals(1, lua.globals().getLong("marker"));
    }

    @Test
    void anExceptionMayBeTheFirstObjectThatIsPassed() {
        IllegalStateException thrown = new IllegalStateException("a value");
        assertSame(thrown, lua.eval("return ...", thrown).get(0));
    }

    @Test
    void garbageOfJavasIsCollectedAsFastAsItComes() {
        LuaFunction ignore = lua.load("");
        int most = 0;
        for (int i = 0; i < 50_000; i++) {
            ignore.call((JavaFunction) arguments -> null, new IllegalStateException("garbage"));
            most = Math.max(most, lua.state().foreignCount());
        }
        assertEquals(0, most / 10_000, "of Java's were there at a time: " + most);
    }
}
