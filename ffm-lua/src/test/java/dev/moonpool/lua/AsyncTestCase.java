package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A state for tests of calls that do not wait: with stages, and a log that scripts write. */
abstract class AsyncTestCase {
    final Stages stages = new Stages();
    final Lua lua = stages.open(Lua.builder());
    final List<@Nullable Object> log = new ArrayList<>();

    @BeforeEach
    void defineLog() {
        define("log", arguments -> log.add(arguments.get(0)));
    }

    final void define(String name, JavaFunction function) {
        lua.globals().set(name, function);
    }

    @AfterEach
    void close() {
        Raised.assertWorks(lua);
        lua.close();
    }

    final CompletableFuture<LuaValues> start(String source, @Nullable Object... arguments) {
        return lua.load(source).callAsync(arguments);
    }

    static List<@Nullable Object> values(@Nullable Object... values) {
        return Arrays.asList(values);
    }

    static LuaException failure(CompletableFuture<?> future) {
        return assertInstanceOf(LuaException.class, future.exceptionNow());
    }
}
