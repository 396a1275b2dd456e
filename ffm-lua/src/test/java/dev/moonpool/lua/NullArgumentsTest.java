package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.invoke.MethodHandles;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Nulls where there must be none: who passes one is told which it is, and at once. */
@SuppressWarnings("NullAway")
class NullArgumentsTest {
    private static final Object[] NO_ARRAY = null;

    private final Lua lua = Lua.create();

    @AfterEach
    void worksStill() {
        Raised.assertWorks(lua);
        lua.close();
    }

    private static void assertNames(String parameter, Executable use) {
        assertEquals(parameter, assertThrows(NullPointerException.class, use).getMessage());
    }

    @Test
    void codeIsNamed() {
        assertNames("source", () -> lua.eval(null));
        assertNames("source", () -> lua.load((String) null));
        assertNames("source", () -> LuaChunk.of((String) null));
        assertNames("file", () -> lua.run(null));
        assertNames("file", () -> LuaChunk.of((Path) null));
        assertNames("chunk", () -> lua.load((LuaChunk) null));
        assertNames("code", () -> LuaChunk.binary(null));
        LuaChunk chunk = LuaChunk.of("return 1");
        assertNames("name", () -> chunk.named(null));
        assertNames("table", () -> chunk.in(null));
        assertNames("loader", () -> LuaSearcher.classPath(null, ""));
        assertNames("folder", () -> LuaSearcher.classPath(getClass().getClassLoader(), null));
    }

    @Test
    void theArrayOfTheArgumentsIsNamed() {
        LuaFunction function = lua.load("return ...");
        assertNames("arguments", () -> lua.eval("", NO_ARRAY));
        assertNames("arguments", () -> lua.run(Path.of("/dev/null"), NO_ARRAY));
        assertNames("arguments", () -> function.call(NO_ARRAY));
        assertNames("arguments", () -> function.callAsync(NO_ARRAY));
        LuaCoroutine coroutine = lua.newCoroutine(function);
        assertNames("arguments", () -> coroutine.resume(NO_ARRAY));
        assertNames("text", () -> function.callString(null));
        assertNames("values", () -> LuaValues.of(NO_ARRAY));
        assertNames("values", () -> LuaYield.of(NO_ARRAY));
        assertEquals(LuaValues.of((Object) null), function.call((Object) null));
    }

    @Test
    void functionsAreNamed() {
        assertNames("function", () -> lua.function(null));
        assertNames("function", () -> lua.longFunction((LongUnaryOperator) null));
        assertNames("function", () -> lua.longFunction((LongBinaryOperator) null));
        assertNames("function", () -> lua.doubleFunction((DoubleUnaryOperator) null));
        assertNames("function", () -> lua.doubleFunction((DoubleBinaryOperator) null));
        assertNames("function", () -> lua.stringFunction(null));
        assertNames("function", () -> lua.newCoroutine(null));
        LuaYield yield = LuaYield.of(1);
        assertNames("continuation", () -> yield.then(null));
        assertNames("action", () -> lua.newTable().forEach(null));
        assertNames("stage", () -> lua.await(null));
    }

    @Test
    void namesOfFieldsAreNamed() {
        LuaTable t = lua.newTable();
        assertNames("name", () -> t.get((String) null));
        assertNames("name", () -> t.getLong(null));
        assertNames("name", () -> t.getDouble(null));
        assertNames("name", () -> t.getString(null));
        assertNames("name", () -> t.getTable(null));
        assertNames("name", () -> t.set(null, "text"));
        assertNames("name", () -> t.set((String) null, 1));
        assertNames("name", () -> t.set((String) null, 0.5));
        assertNames("name", () -> t.set((String) null, arguments -> 1));
    }

    @Test
    void nullIsNilWhereAValueMayBe() {
        LuaTable t = lua.newTable();
        t.set("field", 1);
        t.set("field", null);
        assertNull(t.get("field"));
        assertNull(t.get((Object) null));
        assertNull(t.rawGet(null));
        assertThrows(LuaException.class, () -> t.set((Object) null, 1));
        assertThrows(LuaException.class, () -> t.rawSet(null, 1));
    }

    @Test
    void objectsAndTheirTypesAreNamed() {
        LuaType<StringBuilder> type = LuaType.builder(StringBuilder.class).build();
        assertNames("value", () -> lua.toTable(null));
        assertNames("object", () -> lua.wrap(null, type));
        assertNames("object", () -> lua.wrapWeak(null, type));
        assertNames("object", () -> lua.revoke(null));
        assertNames("type", () -> lua.wrap(new StringBuilder(), null));
        assertNames("type", () -> lua.wrapWeak(new StringBuilder(), null));
        assertNames("type", () -> lua.register(null));
        assertNames("type", () -> LuaType.builder(null));
        assertNames("type", () -> LuaType.of(null));
        assertNames("type", () -> LuaType.ofAnnotated(MethodHandles.lookup(), null));
        assertNames("lookup", () -> LuaType.of(null, Runnable.class));
        assertNames("lookup", () -> LuaType.ofAnnotated(null, Runnable.class));
    }

    @Test
    void whatImplementsAnInterfaceIsNamed() {
        LuaTable t = lua.newTable();
        LuaFunction function = lua.load("return 1");
        assertNames("type", () -> lua.implement(null, t));
        assertNames("type", () -> lua.implement(null, function));
        assertNames("table", () -> lua.implement(Runnable.class, (LuaTable) null));
        assertNames("function", () -> lua.implement(Runnable.class, (LuaFunction) null));
    }

    @Test
    void typesAreNamed() {
        LuaTable t = lua.newTable();
        assertNames("type", () -> t.toArray(null));
        assertNames("type", () -> t.toRecord(null));
        assertNames("type", () -> LuaValues.of(1).as(null, 0));
        assertNames("keyType", () -> t.toMap(null, String.class));
        assertNames("valueType", () -> t.toMap(String.class, null));
        assertNames("type", () -> t.toList(null));
    }

    @Test
    void whatABuilderIsGivenIsNamed() {
        Lua.Builder builder = Lua.builder();
        assertNames("layout", () -> builder.layout(null));
        assertNames("allocator", () -> builder.allocator(null));
        assertNames("executor", () -> builder.executor(null));
        assertNames("libraries", () -> builder.libraries((Set<LuaLibrary>) null));
        assertNames("searcher", () -> builder.modules(null));
        assertNames("name", () -> builder.module(null, arguments -> 1));
        assertNames("loader", () -> builder.module("name", null));
    }

    @Test
    void whatATypeIsGivenIsNamed() {
        LuaType.Builder<String> type = LuaType.builder(String.class);
        assertNames("name", () -> type.name(null));
        assertNames("name", () -> type.longMethod(null, (text, x) -> x));
        assertNames("name", () -> type.longProperty(null, String::length));
        assertNames("name", () -> type.metamethod(null, arguments -> 1));
        assertNames("method", () -> type.method("m", (LuaMethod<String>) null));
        assertNames("method", () -> type.longMethod("m", null));
        assertNames("method", () -> type.doubleMethod("m", null));
        assertNames("method", () -> type.metamethod("__eq", (LuaMethod<String>) null));
        assertNames("function", () -> type.metamethod("__eq", (JavaFunction) null));
        assertNames("getter", () -> type.property("p", null));
        assertNames("getter", () -> type.longProperty("p", null));
        assertNames("getter", () -> type.doubleProperty("p", null));
        assertNames("valueType", () -> type.property("p", null, String::length, (text, x) -> {}));
        assertNames("setter", () -> type.longProperty("p", String::length, null));
        assertNames("closer", () -> type.close(null));
    }

    @Test
    void anAllocatorsMakerThatMakesNoneIsSaidTo() {
        assertNames(
                "allocator's maker returned null",
                () -> Lua.builder().allocator(region -> null).build());
    }
}
