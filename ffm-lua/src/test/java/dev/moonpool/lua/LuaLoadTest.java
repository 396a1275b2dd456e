package dev.moonpool.lua;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.moonpool.lua.LuaException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chunks as functions: their names, their environments, what they may be made of. */
class LuaLoadTest {
    private final Lua lua = States.unlimited();

    @TempDir private Path folder;

    @AfterEach
    void worksStill() {
        Raised.assertWorks(lua);
        lua.close();
    }

    @Test
    void aChunkIsCalledAsOftenAsOneLikes() {
        LuaFunction add = lua.load("n = (n or 0) + ... return n");
        assertEquals(1, add.callLong(1));
        assertEquals(3, add.callLong(2));
        assertEquals(List.of(13L), add.call(10));
    }

    @Test
    void messagesQuoteItsBeginningUnlessItHasAName() {
        LuaException e = assertThrows(LuaException.class, () -> lua.load("x = = 1"));
        assertEquals("[string \"x = = 1\"]:1: unexpected symbol near '='", e.getMessage());
        LuaChunk named = LuaChunk.of("x = = 1").named("rules/discount.lua");
        e = assertThrows(LuaException.class, () -> lua.load(named));
        assertEquals("rules/discount.lua:1: unexpected symbol near '='", e.getMessage());
        assertEquals(Kind.SYNTAX, e.kind());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ä😀.lua", "with blank", "=name", "@name"})
    void aNameMayBeAnything(String name) {
        LuaChunk chunk = LuaChunk.of("\nerror('reason')").named(name);
        LuaException e = assertThrows(LuaException.class, () -> lua.load(chunk).call());
        assertEquals(name + ":2: reason", e.getMessage());
    }

    @Test
    void aLongNameIsShownInPart() {
        LuaChunk chunk = LuaChunk.of("error('reason')").named("x".repeat(100_000));
        LuaException e = assertThrows(LuaException.class, () -> lua.load(chunk).call());
        assertTrue(e.getMessage().matches("\\.\\.\\.x+:1: reason"), e.getMessage());
        assertTrue(e.getMessage().length() < 100);
    }

    @Test
    void anEnvironmentIsAllThatAChunkSees() {
        LuaTable environment = lua.newTable();
        environment.set("given", 20);
        LuaFunction f = lua.load(LuaChunk.of("set = given + 1 return set, print").in(environment));
        LuaValues results = f.call();
        assertEquals(21, results.asLong());
        assertNull(results.get(1));
        assertEquals(21, environment.getLong("set"));
        assertNull(lua.globals().get("set"));
    }

    @Test
    void anEnvironmentMayInheritTheGlobals() {
        LuaTable environment = lua.eval("return setmetatable({}, {__index = _G})").asTable();
        LuaFunction f = lua.load(LuaChunk.of("x = tostring(1) return x").in(environment));
        assertEquals("1", f.call().asString());
        assertEquals("1", environment.rawGet("x"));
        assertNull(lua.globals().get("x"));
    }

    @Test
    void chunksInOneEnvironmentShareIt() {
        LuaTable environment = lua.newTable();
        lua.load(LuaChunk.of("x = 1").in(environment)).call();
        LuaFunction f = lua.load(LuaChunk.of("x = x + 1 return x").in(environment));
        assertEquals(2, f.callLong());
        assertEquals(3, f.callLong());
    }

    @Test
    void aChunkIsImmutable() {
        LuaTable environment = lua.newTable();
        environment.set("x", "inside");
        lua.globals().set("x", "outside");
        LuaChunk chunk = LuaChunk.of("return x, error('reason')");
        LuaChunk named = chunk.named("named");
        LuaChunk inside = chunk.in(environment);
        assertTrue(error(chunk).startsWith("[string \"return x"), error(chunk));
        assertEquals("named:1: reason", error(named));
        LuaFunction f = lua.load(LuaChunk.of("return x"));
        assertEquals("outside", f.call().asString());
        assertTrue(error(inside).contains("attempt to call a nil value"), error(inside));
        assertTrue(error(named.in(environment)).startsWith("named:1: attempt"));
        assertTrue(error(inside.named("both")).startsWith("both:1: attempt"));
    }

    private String error(LuaChunk chunk) {
        return assertThrows(LuaException.class, () -> lua.load(chunk).call()).getMessage();
    }

    @Test
    void aFunctionThatWasDumpedIsLoadedAgain() {
        LuaFunction f =
                lua.load(LuaChunk.of("local a, b = ...\nreturn a * b + k").named("code.lua"));
        lua.globals().set("k", 2);
        for (boolean strip : new boolean[] {false, true}) {
            byte[] code = f.dump(strip);
            assertEquals(42, lua.load(LuaChunk.binary(code)).callLong(8, 5));
            try (Lua other = Lua.create()) {
                LuaTable environment = other.newTable();
                environment.set("k", 1);
                assertEquals(41, other.load(LuaChunk.binary(code).in(environment)).callLong(8, 5));
            }
        }
        assertTrue(f.dump(true).length < f.dump(false).length);
    }

    @Test
    void whatWasStrippedHasNoLines() {
        LuaFunction f = lua.load(LuaChunk.of("\n\nerror('reason')").named("code.lua"));
        LuaFunction full = lua.load(LuaChunk.binary(f.dump(false)));
        assertEquals(
                "code.lua:3: reason", assertThrows(LuaException.class, full::call).getMessage());
        LuaFunction stripped = lua.load(LuaChunk.binary(f.dump(true)));
        assertEquals("reason", assertThrows(LuaException.class, stripped::call).getMessage());
    }

    @Test
    void aFunctionWithoutUpvaluesIsDumpedAndLoadedInAnEnvironment() {
        LuaFunction f = lua.eval("return function(a) return a + 1 end").asFunction();
        LuaTable environment = lua.newTable();
        assertEquals(2, lua.load(LuaChunk.binary(f.dump(true)).in(environment)).callLong(1));
    }

    @Test
    void onlyFunctionsOfLuasCanBeDumped() {
        for (LuaFunction f :
                List.of(lua.globals().getFunction("print"), lua.function(arguments -> 1))) {
            LuaException e = assertThrows(LuaException.class, () -> f.dump(false));
            assertTrue(e.getMessage().contains("unable to dump given function"), e.getMessage());
        }
    }

    @Test
    void codeIsTextOrBinaryAsItSays() {
        byte[] code = lua.load("return 1").dump(false);
        String asText = new String(code, ISO_8859_1);
        LuaException e = assertThrows(LuaException.class, () -> lua.load(asText));
        assertEquals(Kind.SYNTAX, e.kind());
        assertTrue(
                e.getMessage().endsWith("attempt to load a binary chunk (mode is 't')"),
                e.getMessage());
        LuaChunk text = LuaChunk.binary("return 1".getBytes(UTF_8));
        e = assertThrows(LuaException.class, () -> lua.load(text));
        assertEquals(Kind.SYNTAX, e.kind());
        assertTrue(
                e.getMessage().endsWith("attempt to load a text chunk (mode is 'b')"),
                e.getMessage());
    }

    @Test
    void codeThatIsCutIsAnError() {
        byte[] code = lua.load("local t = {...} return #t, 'text'").dump(false);
        for (int length = 1; length < code.length; length++) {
            LuaChunk cut = LuaChunk.binary(Arrays.copyOf(code, length));
            LuaException e = assertThrows(LuaException.class, () -> lua.load(cut));
            assertEquals(Kind.SYNTAX, e.kind());
            assertTrue(e.getMessage().contains("truncated"), e.getMessage());
        }
    }

    @Test
    void theCodeIsCopied() {
        byte[] code = lua.load("return 1").dump(false);
        LuaChunk chunk = LuaChunk.binary(code);
        Arrays.fill(code, (byte) 0);
        assertEquals(1, lua.load(chunk).callLong());
    }

    @Test
    void aBigFunctionIsDumpedWhole() {
        LuaFunction f = lua.load("return '" + "x".repeat(1 << 20) + "'");
        assertEquals(
                "x".repeat(1 << 20), lua.load(LuaChunk.binary(f.dump(false))).call().asString());
    }

    @Test
    void aFileIsLoadedUnderItsPath() throws IOException {
        Path file = Files.writeString(folder.resolve("f.lua"), "#!lua\nerror('reason')");
        LuaFunction f = lua.load(LuaChunk.of(file));
        String message = assertThrows(LuaException.class, f::call).getMessage();
        assertTrue(message.endsWith("f.lua:2: reason"), message);
        assertThrows(NoSuchFileException.class, () -> LuaChunk.of(folder.resolve("missing")));
    }

    @Test
    void sourceWithHalfASurrogatePairIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> LuaChunk.of("return '\ud800'"));
        assertThrows(IllegalArgumentException.class, () -> lua.load("return '\udc00'"));
        assertThrows(IllegalArgumentException.class, () -> lua.eval("return '\ud800'"));
    }

    @Test
    void chunksMayBeLoadedWhileOthersAre() {
        lua.globals().set("load2", arguments -> lua.load(arguments.asString()));
        assertEquals(
                List.of(3L),
                lua.eval(
                        """
                        local parts = {'return ', '1', ' + ', '2'}
                        local i = 0
                        local f = assert(load(function()
                            assert(load2('return ' .. i)() == i)
                            i = i + 1
                            return parts[i]
                        end))
                        return f()
                        """));
    }
}
