package dev.moonpool.lua;

import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** A Java function that answers each call with a new stage, for the test to complete in turn. */
final class Stages implements JavaFunction {
    private final Queue<CompletableFuture<@Nullable Object>> stages = new ConcurrentLinkedQueue<>();

    /** Opens a state that has this function as {@code wait}. */
    Lua open(Lua.Builder builder) {
        Lua lua = builder.maxMemory(128 << 20).build();
        lua.globals().set("wait", this);
        return lua;
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // Lua waits for it
    public Object call(LuaValues arguments) {
        CompletableFuture<@Nullable Object> stage = new CompletableFuture<>();
        stages.add(stage);
        return stage;
    }

    /** The oldest stage that was not taken. */
    CompletableFuture<@Nullable Object> next() {
        return stages.remove();
    }

    /** Completes the oldest stage that was not taken. */
    void complete(@Nullable Object value) {
        next().complete(value);
    }

    /** How many stages were not taken. */
    int count() {
        return stages.size();
    }

    void clear() {
        stages.clear();
    }
}
