package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LuaLibrariesTest {
    private static final String ENVIRONMENT_PATH = "/from/the/environment/?.lua";

    private static Lua with(Set<LuaLibrary> libraries) {
        return Lua.builder().libraries(libraries).build();
    }

    @ParameterizedTest
    @EnumSource
    void isThereIfAskedForAndNoOtherIs(LuaLibrary library) {
        try (Lua lua = with(EnumSet.of(library))) {
            for (LuaLibrary any : LuaLibrary.values()) {
                assertEquals(any == library, isThere(any, lua), any.name());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void isNotThereIfLeftOutButAllOthersAre(LuaLibrary library) {
        try (Lua lua = with(EnumSet.complementOf(EnumSet.of(library)))) {
            for (LuaLibrary any : LuaLibrary.values()) {
                assertEquals(any != library, isThere(any, lua), any.name());
            }
        }
    }

    private static boolean isThere(LuaLibrary library, Lua lua) {
        String global =
                library == LuaLibrary.BASE ? "print" : library.name().toLowerCase(Locale.ROOT);
        return lua.eval("return " + global + " ~= nil").asBoolean();
    }

    @Test
    void areAllThereByDefault() {
        try (Lua lua = Lua.create()) {
            for (LuaLibrary library : LuaLibrary.values()) {
                assertEquals(true, isThere(library, lua), library.name());
            }
        }
    }

    @Test
    void needNotBeThereAtAll() {
        try (Lua lua = with(Set.of())) {
            Raised.assertWorks(lua);
            assertEquals(
                    "[string \"print(1)\"]:1: attempt to call a nil value (global 'print')",
                    Raised.by(lua, "print(1)").getMessage());
        }
    }

    @Test
    void readFilesOnlyWithTheLibraryForThem() {
        String readers = "return loadfile ~= nil, dofile ~= nil";
        try (Lua all = Lua.create();
                Lua few = with(EnumSet.of(LuaLibrary.BASE, LuaLibrary.STRING));
                Lua trusted =
                        Lua.builder().libraries(Set.of(LuaLibrary.BASE)).trusted(true).build()) {
            assertEquals(List.of(true, true), all.eval(readers));
            assertEquals(List.of(false, false), few.eval(readers));
            assertEquals(List.of(true, true), trusted.eval(readers));
        }
    }

    @Test
    void areRequiredAsModulesToo() {
        try (Lua lua = Lua.create()) {
            assertEquals(List.of(true), lua.eval("return require 'string' == string"));
        }
    }

    @Test
    void areCopiedByTheBuilder() {
        Set<LuaLibrary> libraries = EnumSet.of(LuaLibrary.BASE);
        Lua.Builder builder = Lua.builder().libraries(libraries);
        libraries.add(LuaLibrary.IO);
        try (Lua lua = builder.build()) {
            assertEquals(false, isThere(LuaLibrary.IO, lua));
        }
    }

    @Test
    void lookForModulesWhereTheEnvironmentSaysUnlessToldNotTo() {
        CEnvironment.set("LUA_PATH_5_4", ENVIRONMENT_PATH);
        try {
            assertEquals(ENVIRONMENT_PATH, path(true));
            assertNotEquals(ENVIRONMENT_PATH, path(false));
        } finally {
            CEnvironment.unset("LUA_PATH_5_4");
        }
    }

    private static String path(boolean environment) {
        try (Lua lua = Lua.builder().environment(environment).build()) {
            return lua.eval("return package.path").asString();
        }
    }
}
