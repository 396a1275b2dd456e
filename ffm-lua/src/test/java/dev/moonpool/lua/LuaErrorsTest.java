package dev.moonpool.lua;

import static dev.moonpool.lua.Raised.assertRaises;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.moonpool.lua.LuaException.Kind;
import dev.moonpool.memory.SystemAllocator;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever goes wrong in Lua is an exception, and the state goes on. */
class LuaErrorsTest {
    private final Lua lua = Lua.builder().allocator(SystemAllocator::new).build();

    @AfterEach
    void worksStill() {
        Raised.assertWorks(lua);
        lua.close();
    }

    @Test
    void aSyntaxErrorNamesLineAndToken() {
        LuaException e = Raised.by(lua, "x = 1\nx = = 2");
        assertEquals(Kind.SYNTAX, e.kind());
        assertEquals("[string \"x = 1...\"]:2: unexpected symbol near '='", e.getMessage());
        assertEquals(Optional.empty(), e.traceback());
    }

    @Test
    void aChunkThatEndsTooSoonIsASyntaxError() {
        assertRaises(
                Kind.SYNTAX,
                "[string \"for i = 1, 2 do\"]:1: 'end' expected near <eof>",
                lua,
                "for i = 1, 2 do");
    }

    @Test
    void aPrecompiledChunkIsRefused() {
        assertRaises(
                Kind.SYNTAX,
                "attempt to load a binary chunk (mode is 't')",
                lua,
                "\033Lua is what precompiled chunks start with");
    }

    @Test
    void aRuntimeErrorHasTheTracebackOfWhereItWasRaised() {
        LuaException e =
                Raised.by(
                        lua,
                        """
                        local function inner() error("reason") end
                        function outer() inner() end
                        outer()
                        """);
        String chunk = "[string \"local function inner() error(\"reason\") end...\"]";
        assertEquals(Kind.RUNTIME, e.kind());
        assertEquals(chunk + ":1: reason", e.getMessage());
        assertEquals(
                """
                stack traceback:
                \t[C]: in function 'error'
                \tCHUNK:1: in upvalue 'inner'
                \tCHUNK:2: in function 'outer'
                \tCHUNK:3: in main chunk
                \t[C]: in ?"""
                        .replace("CHUNK", chunk),
                e.traceback().orElseThrow());
    }

    @Test
    void anErrorThatLuaRaisesItselfHasATracebackToo() {
        LuaException e = Raised.by(lua, "local function f() return nil .. 'x' end f()");
        assertTrue(e.getMessage().endsWith(":1: attempt to concatenate a nil value"));
        assertTrue(e.traceback().orElseThrow().contains("in local 'f'"));
    }

    @Test
    void theTracebackOfOneErrorIsNotShownWithTheNext() {
        assertTrue(Raised.by(lua, "error('first')").traceback().isPresent());
        assertFalse(Raised.by(lua, "x =").traceback().isPresent());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "nil;         (error object is a nil value)",
                "true;        (error object is a boolean value)",
                "{};          (error object is a table value)",
                "print;       (error object is a function value)",
                "42;          42",
                "1.5;         1.5",
                "'a\\0b', 0;  'a\0b'",
                "'ä😀', 0;     ä😀",
            })
    void anErrorObjectThatIsNoStringIsDescribed(String object, String message) {
        String expected = message.equals("'a\0b'") ? "a\0b" : message;
        assertRaises(Kind.RUNTIME, expected, lua, "error(" + object + ")");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "return 'made of it';     made of it",
                "return 1;                (error object is a table value)",
                "error('from within', 0); from within",
            })
    void anErrorObjectWithToStringIsWhatThatMakesOfIt(String body, String message) {
        assertRaises(
                Kind.RUNTIME,
                message,
                lua,
                "error(setmetatable({}, {__tostring = function() " + body + " end}))");
    }

    @Test
    void anErrorObjectThatOnlyRaisesItselfEndsWithTheStack() {
        assertRaises(
                Kind.RUNTIME,
                "C stack overflow",
                lua,
                """
                local t
                t = setmetatable({}, {__tostring = function() error(t) end})
                error(t)
                """);
    }

    @Test
    void aMessageHandlerOfTheScriptThatFailsStaysInTheScript() {
        LuaValues results = lua.eval("return xpcall(error, function() error('again') end)");
        assertFalse(results.asBoolean());
    }

    @Test
    void endlessRecursionIsAnError() {
        LuaException e = Raised.by(lua, "local function r() return 1 + r() end r()");
        assertEquals(Kind.RUNTIME, e.kind());
        assertTrue(e.getMessage().endsWith(": stack overflow"), e.getMessage());
        assertTrue(e.traceback().orElseThrow().contains("...\t(skipping "));
    }

    /** Each uses up C's stack in another way. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "local function r(s) return (s:gsub('.', r)) end r('x')",
                "local function r() return coroutine.wrap(r)() end r()",
                "local function r() table.sort({1, 2, 3}, r) end r()",
                "local t = setmetatable({}, {}) getmetatable(t).__index = function(_, k)"
                        + " return t[k] end local _ = t.x",
                "local t = setmetatable({}, {}) getmetatable(t).__tostring = function()"
                        + " return ('%s'):format(t) end tostring(t)",
                "local t = setmetatable({}, {__len = function() return 1 end})"
                        + " getmetatable(t).__index = function() return table.concat(t) end"
                        + " table.concat(t)",
                "local function r() return load(r) end assert(r()())",
                "assert(load('return ' .. ('('):rep(1000)))",
                "assert(load(('do '):rep(1000)))",
                "assert(load('x = ' .. ('{'):rep(1000)))",
                "local p = ('(.'):rep(100) .. ('-'):rep(300000) return ('x'):rep(300000):match(p)",
            })
    void endlessRecursionInCIsAnError(String source) {
        assertEquals(Kind.RUNTIME, Raised.by(lua, source).kind());
    }

    @Test
    void exitIsAnErrorAndEndsNothing() {
        for (String call : new String[] {"os.exit(3)", "os.exit(true, true)"}) {
            LuaException e = Raised.by(lua, call);
            assertEquals(
                    "[string \"" + call + "\"]:1: os.exit is not available in an embedded state",
                    e.getMessage());
        }
    }

    @Test
    void aChunkCannotYield() {
        assertRaises(
                Kind.RUNTIME,
                "attempt to yield from outside a coroutine",
                lua,
                "coroutine.yield(1)");
    }

    @Test
    void anErrorInAFinalizerDisturbsNobody() {
        lua.eval("setmetatable({}, {__gc = function() error('in a finalizer') end})");
        assertEquals(0, lua.eval("return collectgarbage()").asLong());
    }

    @Test
    void finalizersRunWhenTheStateIsClosed() {
        AtomicLong requests = new AtomicLong();
        Lua other = FaultyAllocator.builder(request -> requests.getAndSet(request) < 0).build();
        other.eval("setmetatable({}, {__gc = function() x = ('x'):rep(1e5) end})");
        long before = requests.get();
        other.close();
        assertTrue(requests.get() > before, "a finalizer that allocates was to run");
    }
}
