package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Coroutines that have ended leave nothing behind. */
class LuaAsyncMemoryTest {
    private static final int CYCLES = 20_000;

    /** What Lua's tables and stacks may differ by after the same work. */
    private static final long TOLERANCE = 4096;

    private final Stages stages = new Stages();

    /** Runs a function to its end, again and again. */
    private void assertLeavesNothing(
            String source, Consumer<CompletableFuture<LuaValues>> afterItWaits) {
        try (Lua lua = stages.open(Lua.builder())) {
            LuaFunction function = lua.load(source);
            repeat(100, lua, function, afterItWaits);
            long bytes = collected(lua);
            int foreign = lua.state().foreignCount();
            repeat(CYCLES, lua, function, afterItWaits);
            assertTrue(collected(lua) <= bytes + TOLERANCE, lua.statistics().toString());
            assertEquals(foreign, lua.state().foreignCount());
            assertTrue(lua.statistics().peakBytes() < 8 << 20, lua.statistics().toString());
        }
    }

    private void repeat(
            int cycles,
            Lua lua,
            LuaFunction function,
            Consumer<CompletableFuture<LuaValues>> afterItWaits) {
        for (int i = 0; i < cycles; i++) {
            CompletableFuture<LuaValues> result = function.callAsync();
            afterItWaits.accept(result);
            while (lua.runPending() > 0) {}
            assertTrue(result.isDone());
        }
        stages.clear();
    }

    private static long collected(Lua lua) {
        lua.collectGarbage();
        lua.collectGarbage(); // what finalizers have kept until now
        return lua.statistics().liveBytes();
    }

    @Test
    void thoseThatReturn() {
        assertLeavesNothing("return wait()", result -> stages.complete("done"));
    }

    @Test
    void thoseThatDoNotWait() {
        assertLeavesNothing("return 1, 2, 3", result -> {});
    }

    @Test
    void thoseThatRaiseAnError() {
        assertLeavesNothing("wait() error('reason')", result -> stages.complete(null));
    }

    @Test
    void thoseWhoseStageFails() {
        RuntimeException reason = new RuntimeException("reason");
        assertLeavesNothing("wait()", result -> stages.next().completeExceptionally(reason));
    }

    @Test
    void thoseThatAreCancelled() {
        assertLeavesNothing("wait()", result -> result.cancel(false));
    }

    @Test
    void thoseThatYieldObjects() {
        assertLeavesNothing("coroutine.yield({}, print, coroutine.running())", result -> {});
    }
}
