package dev.moonpool.lua;

import static dev.moonpool.lua.Messages.assertSays;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code require} finds modules where the program says; with Lua's own library and without. */
class LuaModulesTest {
    private static final ClassLoader LOADER = LuaModulesTest.class.getClassLoader();

    private static Lua.Builder builder(boolean withPackage) {
        return Lua.builder()
                .libraries(
                        withPackage
                                ? EnumSet.allOf(LuaLibrary.class)
                                : EnumSet.complementOf(EnumSet.of(LuaLibrary.PACKAGE)));
    }

    private static LuaSearcher sources(Map<String, String> sources) {
        return name -> sources.containsKey(name) ? LuaChunk.of(sources.get(name)) : null;
    }

    private static Lua lua(boolean withPackage, Map<String, String> sources) {
        return builder(withPackage).modules(sources(sources)).build();
    }

    private static String messageOf(Lua lua, String source) {
        return assertThrows(LuaException.class, () -> lua.eval(source)).getMessage();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void findsModulesOnTheClassPath(boolean withPackage) {
        try (Lua lua =
                builder(withPackage)
                        .modules(LuaSearcher.classPath(LOADER, "META-INF/scripts"))
                        .build()) {
            assertEquals(
                    List.of(
                            "Good evening, moon",
                            "greetings",
                            "META-INF/scripts/greetings/init.lua"),
                    lua.eval(
                            """
                            local greetings = require "greetings"
                            return greetings.polite "moon", greetings.name, greetings.path
                            """));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void runsAModuleOnce(boolean withPackage) {
        List<String> asked = new ArrayList<>();
        LuaSearcher searcher =
                name -> {
                    asked.add(name);
                    return name.equals("m") ? LuaChunk.of("return {}") : null;
                };
        try (Lua lua = builder(withPackage).modules(searcher).build()) {
            assertTrue(lua.eval("return require 'm' == require 'm'").asBoolean());
            assertEquals(List.of("m"), asked);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void isTrueForAModuleThatReturnsNothing(boolean withPackage) {
        try (Lua lua = lua(withPackage, Map.of("m", "x = 1", "f", "return false"))) {
            assertEquals(true, lua.eval("return (require 'm')").get(0));
            assertEquals(false, lua.eval("return (require 'f')").get(0));
            assertEquals(1L, lua.eval("return x").asLong());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void asksSearchersInOrder(boolean withPackage) {
        try (Lua lua =
                builder(withPackage)
                        .modules(sources(Map.of("a", "return 1")))
                        .modules(sources(Map.of("a", "return 2", "b", "return 3")))
                        .build()) {
            assertEquals(List.of(1L, 3L), lua.eval("return (require 'a'), (require 'b')"));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void knowsLibrariesThatAreOpen(boolean withPackage) {
        try (Lua lua = lua(withPackage, Map.of())) {
            assertTrue(
                    lua.eval("return require 'string' == string and require '_G' == _G")
                            .asBoolean());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void takesModulesThatAreMadeInJava(boolean withPackage) {
        List<Object> calls = new ArrayList<>();
        try (Lua lua =
                builder(withPackage)
                        .module(
                                "clock",
                                arguments -> {
                                    calls.add(arguments.get(0));
                                    return LuaValues.of(12L);
                                })
                        .modules(sources(Map.of("clock", "return 0")))
                        .build()) {
            assertEquals(
                    List.of(12L, 12L), lua.eval("return (require 'clock'), (require 'clock')"));
            assertEquals(List.of("clock"), calls);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void saysWhatItTried(boolean withPackage) {
        try (Lua lua =
                builder(withPackage)
                        .modules(LuaSearcher.classPath(LOADER, "scripts"))
                        .modules(name -> null)
                        .build()) {
            String message = messageOf(lua, "require 'a.b'");
            String tried =
                    "\n\tno resource 'scripts/a/b.lua'\n\tno resource 'scripts/a/b/init.lua'"
                            + "\n\tno module 'a.b' in the program";
            assertTrue(message.contains("module 'a.b' not found:"), message);
            assertTrue(message.contains(tried), message);
            assertEquals(withPackage, message.contains("no field package.preload['a.b']"));
            assertEquals(withPackage, message.contains("no file"));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void namesTheModuleThatAnErrorIsIn(boolean withPackage, @TempDir Path folder)
            throws IOException {
        Files.createDirectories(folder.resolve("lib/deep"));
        Files.writeString(folder.resolve("lib/deep/bad.lua"), "local x = 1\nerror 'boom'");
        Files.writeString(folder.resolve("lib/syntax.lua"), "x = = 1");
        Files.writeString(folder.resolve("lib/late.lua"), "return function()\nerror 'late' end");
        try (URLClassLoader loader = loader(folder);
                Lua lua =
                        builder(withPackage)
                                .modules(LuaSearcher.classPath(loader, "lib"))
                                .build()) {
            var e = assertThrows(LuaException.class, () -> lua.eval("require 'deep.bad'"));
            assertEquals("lib/deep/bad.lua:2: boom", e.getMessage());
            assertTrue(e.traceback().orElseThrow().contains("lib/deep/bad.lua:2:"));
            assertEquals("lib/late.lua:2: late", messageOf(lua, "require 'late'()"));
            String syntax = messageOf(lua, "require 'syntax'");
            assertTrue(
                    syntax.contains(
                            "error loading module 'syntax' from 'lib/syntax.lua':\n\tlib/syntax.lua:1:"),
                    syntax);
        }
    }

    private static URLClassLoader loader(Path folder) throws IOException {
        return new URLClassLoader(new URL[] {folder.toUri().toURL()}, null);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void neverLeavesTheFolder(boolean withPackage, @TempDir Path folder) throws IOException {
        Files.createDirectories(folder.resolve("lib/a"));
        Files.writeString(folder.resolve("secret.lua"), "return 'secret'");
        Files.writeString(folder.resolve("lib/a/b.lua"), "return 'b'");
        try (URLClassLoader loader = loader(folder);
                Lua lua =
                        builder(withPackage)
                                .modules(LuaSearcher.classPath(loader, "lib"))
                                .build()) {
            assertEquals("b", lua.eval("return (require 'a.b')").asString());
            for (String name :
                    List.of(
                            "../secret",
                            "..secret",
                            "a/b",
                            "/a/b",
                            "a\\b",
                            "",
                            ".",
                            "a..b",
                            "a.",
                            ".a",
                            "file:a",
                            "a\nb",
                            "..",
                            "../../secret")) {
                assertSays("this is no module's name", refused(lua, name));
            }
            assertSays("not found", refused(lua, "a\0b")); // Lua's own require stops at the NUL
        }
    }

    private static LuaException refused(Lua lua, String name) {
        return assertThrows(LuaException.class, () -> lua.eval("return require(...)", name), name);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void raisesWhatASearcherThrows(boolean withPackage) {
        IOException broken = new IOException("disk on fire");
        LuaSearcher searcher =
                name -> {
                    throw broken;
                };
        try (Lua lua = builder(withPackage).modules(searcher).build()) {
            var e = assertThrows(LuaException.class, () -> lua.eval("require 'm'"));
            assertSame(broken, e.getCause());
            assertEquals(broken, lua.eval("return select(2, pcall(require, 'm'))").get(0));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void canBeTriedAgainAfterAnError(boolean withPackage) {
        try (Lua lua = lua(withPackage, Map.of("m", "if not ready then error 'no' end return 1"))) {
            assertEquals(false, lua.eval("return pcall(require, 'm')").get(0));
            assertEquals(1L, lua.eval("ready = true return (require 'm')").asLong());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void endsWhereModulesRequireEachOther(boolean withPackage) {
        try (Lua lua = lua(withPackage, Map.of("a", "require 'b'", "b", "require 'a'"))) {
            String message = messageOf(lua, "require 'a'");
            assertTrue(message.contains(withPackage ? "overflow" : "'a' requires itself"), message);
            assertEquals(1L, lua.eval("return 1").asLong());
        }
    }

    @Test
    void canYieldWhileAModuleIsLoaded() {
        try (Lua lua = lua(false, Map.of("m", "coroutine.yield(1) return 2"))) {
            assertEquals(
                    List.of(1L, 2L, 2L),
                    lua.eval(
                            """
                            local c = coroutine.wrap(function() return (require 'm') end)
                            local first = c()
                            assert(not pcall(require, 'm'))
                            return first, c(), (require 'm')
                            """));
        }
    }

    @Test
    void forgetsAModuleWhoseCoroutineWasGivenUp() throws InterruptedException {
        try (Lua lua = lua(false, Map.of("m", "coroutine.yield() return 2"))) {
            lua.eval("coroutine.wrap(function() require 'm' end)()");
            Garbage.assertCollected( // the handle of what marks the module comes first
                    lua,
                    """
                    local c = coroutine.wrap(function() return (require 'm') end)
                    return pcall(c) and c() == 2
                    """);
        }
    }

    @Test
    void cannotBeTamperedWithByAScript() {
        Set<LuaLibrary> few = EnumSet.of(LuaLibrary.BASE, LuaLibrary.STRING, LuaLibrary.TABLE);
        try (Lua lua =
                Lua.builder()
                        .libraries(few)
                        .modules(sources(Map.of("m", "return 'genuine'", "n", "return 'too'")))
                        .build()) {
            LuaFunction require = lua.globals().getFunction("require");
            lua.eval(
                    """
                    assert(package == nil and require 'm' == 'genuine')
                    require, package = nil, { loaded = { n = 'forged' } }
                    local function forged() return 'forged' end
                    pairs, next, rawget, rawset, setmetatable, pcall = forged, forged, forged
                    _G.string.format = forged
                    """);
            assertEquals("genuine", require.call("m").asString());
            assertEquals("too", require.call("n").asString());
        }
    }

    @Test
    void isThereWithoutAnyLibrary() {
        try (Lua lua =
                Lua.builder()
                        .libraries(Set.of())
                        .modules(sources(Map.of("m", "return 1")))
                        .build()) {
            assertEquals(1L, lua.eval("return (require 'm')").asLong());
        }
        try (Lua lua =
                Lua.builder()
                        .libraries(Set.of(LuaLibrary.PACKAGE))
                        .modules(sources(Map.of("m", "return 1")))
                        .build()) {
            assertEquals(1L, lua.eval("return (require 'm')").asLong());
        }
    }

    @Test
    void isNotThereUnlessItIsAskedFor() {
        try (Lua lua = builder(false).build()) {
            assertEquals(true, lua.eval("return require == nil").get(0));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void refusesANameThatIsNoString(boolean withPackage) {
        try (Lua lua = lua(withPackage, Map.of())) {
            for (String name : List.of("nil", "{}", "true", "0/0")) {
                assertThrows(LuaException.class, () -> lua.eval("require(" + name + ")"));
            }
            assertThrows(LuaException.class, () -> lua.eval("require()"));
            assertThrows(LuaException.class, () -> lua.eval("require '\\xff'"));
        }
    }

    @Test
    void comesBeforeTheFileSystemAndAfterPreload() {
        try (Lua lua = lua(true, Map.of("m", "return 'searcher'"))) {
            lua.eval("package.preload.p = function() return 'preload' end package.path = ''");
            assertEquals(
                    List.of("searcher", "preload", 3L),
                    lua.eval("return (require 'm'), (require 'p'), #package.searchers"));
        }
    }

    @Test
    void canServeSeveralStates() {
        Lua.Builder builder =
                builder(false).modules(sources(Map.of("m", "n = (n or 0) + 1 return n")));
        try (Lua first = builder.build();
                Lua second = builder.build()) {
            assertEquals(1L, first.eval("require 'm' return (require 'm')").asLong());
            assertEquals(1L, second.eval("return (require 'm')").asLong());
        }
    }

    @Test
    void refusesAFolderWithASlashAtItsEnds() {
        for (String folder : List.of("/", "/a", "a/")) {
            assertThrows(
                    IllegalArgumentException.class, () -> LuaSearcher.classPath(LOADER, folder));
        }
    }
}
