package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Calls that do not wait: how they are awaited, and cancelled. */
@SuppressWarnings("FutureReturnValueIgnored") // Lua waits for most
class LuaAwaitTest extends AsyncTestCase {
    @Test
    void awaitRunsWhatIsReady() throws InterruptedException {
        CompletableFuture<LuaValues> a = start("coroutine.yield() return wait()");
        CompletableFuture<LuaValues> b = start("coroutine.yield() resolve() return 'b'");
        define("resolve", arguments -> stages.next().complete("a"));
        assertEquals(values("a"), lua.await(a));
        assertEquals(values("b"), b.join());
        assertEquals("now", lua.await(CompletableFuture.completedStage("now")));
    }

    @Test
    void awaitThrowsWhatJoinThrows() {
        LuaException e = failure(start("error('reason')"));
        assertSame(
                e,
                assertThrows(
                                CompletionException.class,
                                () -> lua.await(CompletableFuture.failedFuture(e)))
                        .getCause());
        CompletableFuture<LuaValues> cancelled = new CompletableFuture<>();
        cancelled.cancel(false);
        assertThrows(CancellationException.class, () -> lua.await(cancelled));
    }

    @Test
    void awaitIsInterrupted() throws InterruptedException {
        CompletableFuture<LuaValues> result = start("while true do coroutine.yield(wait()) end");
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, () -> lua.await(result));
        CompletableFuture<LuaValues> busy = start("while true do coroutine.yield() end");
        start("coroutine.yield() interrupt()");
        define(
                "interrupt",
                arguments -> {
                    Thread.currentThread().interrupt();
                    return null;
                });
        assertThrows(InterruptedException.class, () -> lua.await(busy));
    }

    @Test
    void aJavaFunctionMayAwaitAndRunPendingToo() {
        CompletableFuture<String> stage = new CompletableFuture<>();
        define("await", arguments -> lua.await(stage));
        define("run", arguments -> lua.runPending());
        define("resolve", arguments -> stage.complete("awaited"));
        CompletableFuture<LuaValues> other = start("coroutine.yield() resolve()");
        assertEquals(values("awaited"), lua.eval("return await()"));
        assertTrue(other.isDone());
        start("coroutine.yield() log('ran')");
        assertEquals(values(1L), lua.eval("return run()"));
        CompletableFuture<LuaValues> itself = start("coroutine.yield() return run()");
        assertEquals(1, lua.runPending());
        assertEquals(values(0L), itself.join());
    }

    // ------------------------------------------------------------------------------- cancelling

    private static final String GUARDED =
            """
            local x <close> = setmetatable({}, {__close = function() log('closed') end})
            wait()
            log('went on')
            """;

    @Test
    void cancellingTheFutureClosesTheCoroutine() {
        CompletableFuture<LuaValues> result = start(GUARDED);
        assertTrue(result.cancel(true));
        assertEquals(values(), log, "the owner has to come by");
        assertEquals(1, lua.runPending());
        assertEquals(values("closed"), log);
        stages.complete("too late");
        assertEquals(0, lua.runPending());
        assertEquals(values("closed"), log);
    }

    @Test
    void whoCompletesTheFutureOtherwiseClosesTheCoroutineToo() {
        CompletableFuture<LuaValues> result = start(GUARDED);
        stages.complete("in time, but not seen yet");
        result.complete(LuaValues.of("else"));
        assertEquals(1, lua.runPending());
        assertEquals(values("closed"), log);
        assertEquals(values("else"), result.join());
    }

    @Test
    void aCoroutineThatIsCancelledWhileItRunsIsClosedWhereItNextYields() {
        CompletableFuture<LuaValues> result = start("wait() cancel() " + GUARDED);
        define("cancel", arguments -> result.cancel(false));
        stages.complete(null);
        assertEquals(1, lua.runPending());
        assertEquals(values("closed"), log);
        assertTrue(result.isCancelled());
        assertEquals(0, lua.runPending());
    }

    @Test
    void closingMayFailWaitAndRunOthers() {
        define("run", arguments -> lua.runPending());
        CompletableFuture<LuaValues> result =
                start(
                        """
                        local function guard(f) return setmetatable({}, {__close = f}) end
                        local a <close> = guard(function() log('outermost') end)
                        local b <close> = guard(function() error('lost') end)
                        local c <close> = guard(function() log(select(2, pcall(wait))) end)
                        local d <close> = guard(function() log(run()) end)
                        wait()
                        """);
        result.cancel(false);
        start("coroutine.yield() log('other')");
        assertEquals(1, lua.runPending());
        assertEquals(
                values("other", 1L, "attempt to yield across a C-call boundary", "outermost"), log);
    }

    @Test
    void closingTheStateCancelsWhatIsUnfinished() {
        Lua other = Lua.create();
        CompletableFuture<@Nullable Object> stage = new CompletableFuture<>();
        other.globals().set("wait", (JavaFunction) arguments -> stage);
        CompletableFuture<LuaValues> waiting = other.load("wait()").callAsync();
        CompletableFuture<LuaValues> ready = other.load("coroutine.yield()").callAsync();
        CompletableFuture<String> told = waiting.handle((values, e) -> e.getMessage());
        other.close();
        assertTrue(waiting.isCancelled());
        assertTrue(ready.isCancelled());
        assertEquals("state was closed before the coroutine ended", told.join());
        stage.complete("too late");
        assertThrows(IllegalStateException.class, other::runPending);
        assertThrows(IllegalStateException.class, () -> other.await(stage));
    }

    @Test
    void whoWaitsForAFutureMayCloseOrGiveUpTheState() {
        Lua other = Lua.create();
        LuaFunction function = other.load("coroutine.yield()");
        CompletableFuture<Void> detached = function.callAsync().thenRun(other::detach);
        CompletableFuture<Void> closed = function.callAsync().thenRun(other::close);
        CompletableFuture<LuaValues> last = function.callAsync();
        assertEquals(1, other.runPending());
        assertTrue(detached.isDone());
        assertThrows(WrongThreadException.class, other::runPending);
        other.attach();
        assertEquals(1, other.runPending());
        closed.join();
        assertTrue(last.isCancelled());
    }
}
