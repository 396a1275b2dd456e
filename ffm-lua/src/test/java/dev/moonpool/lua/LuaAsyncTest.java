package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.moonpool.lua.LuaException.Kind;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Java functions that answer with a stage, and calls that do not wait for them; in one thread. */
@SuppressWarnings("FutureReturnValueIgnored") // Lua waits for most
class LuaAsyncTest extends AsyncTestCase {
    // ---------------------------------------------------------------------------------- results

    @Test
    void aFunctionThatDoesNotWaitIsCompleteAtOnce() {
        assertEquals(values(1L, "x"), start("return ...", 1, "x").join());
        assertEquals(0, lua.runPending());
    }

    @Test
    void goesOnWhenTheStageIsComplete() {
        CompletableFuture<LuaValues> result = start("log('before'); return wait() + 1");
        assertEquals(values("before"), log);
        assertEquals(0, lua.runPending());
        assertFalse(result.isDone());
        stages.complete(41);
        assertFalse(result.isDone(), "the owner has to come by");
        assertEquals(1, lua.runPending());
        assertEquals(values(42L), result.join());
        assertEquals(0, lua.runPending());
    }

    @Test
    void aStageThatIsCompleteAlreadyDoesNotYield() {
        define("ready", arguments -> CompletableFuture.completedStage(arguments.get(0)));
        define(
                "broken",
                arguments -> CompletableFuture.failedStage(new IOException("broken stage")));
        assertEquals(values(5L), lua.eval("return ready(5)"));
        assertEquals("java.io.IOException: broken stage", Raised.by(lua, "broken()").getMessage());
        assertEquals(values(6L), start("return ready(6)").join());
    }

    @Test
    void aStageGivesNilSeveralValuesOrAnotherStage() {
        CompletableFuture<LuaValues> result =
                start("return select('#', wait()), select('#', wait()), wait()");
        stages.complete(null);
        lua.runPending();
        stages.complete(LuaValues.of());
        lua.runPending();
        CompletableFuture<@Nullable Object> last = new CompletableFuture<>();
        stages.complete(last);
        lua.runPending();
        assertFalse(result.isDone());
        last.complete(LuaValues.of("a", null));
        lua.runPending();
        assertEquals(values(1L, 0L, "a", null), result.join());
    }

    @Test
    void waitsInsideMetamethodsProtectedCallsAndCoroutines() {
        CompletableFuture<LuaValues> result =
                start(
                        """
                        local t = setmetatable({}, {__index = function(_, k) return wait() .. k end})
                        local ok, x = pcall(function() return t.x end)
                        local inner = coroutine.wrap(function() return coroutine.yield(wait()) end)
                        -- what waits inside gets out only if it is passed on
                        coroutine.yield(inner())
                        return ok, x, inner()
                        """);
        stages.complete("in ");
        lua.runPending();
        CompletableFuture<@Nullable Object> inner = stages.next();
        assertEquals(0, lua.runPending(), "it waits for the stage of the inner coroutine");
        inner.complete("inside");
        lua.runPending();
        assertEquals(values(true, "in x", "inside"), result.join());
    }

    @Test
    void whoResumesTooEarlyGetsTheSameStageAgain() {
        LuaCoroutine coroutine = lua.newCoroutine(lua.load("return wait()"));
        Object pending = coroutine.resume().getFirst();
        assertInstanceOf(CompletionStage.class, pending);
        assertSame(pending, coroutine.resume("ignored").getFirst());
        stages.complete("done");
        assertTrue(((CompletableFuture<?>) pending).isDone());
        assertEquals(values("done"), coroutine.resume());
        assertEquals(
                values(true),
                lua.eval(
                        """
                        local co = coroutine.create(wait)
                        local _, first = coroutine.resume(co)
                        local _, second = coroutine.resume(co)
                        return first == second
                        """));
    }

    @Test
    void whatLuaYieldsOtherwiseLetsOthersGoFirst() {
        LuaFunction function =
                lua.load("for i = 1, 2 do log(... .. i) assert(not coroutine.yield({}, i)) end");
        CompletableFuture<LuaValues> a = function.callAsync("a");
        CompletableFuture<LuaValues> b = function.callAsync("b");
        assertEquals(values("a1", "b1"), log);
        assertEquals(2, lua.runPending());
        assertEquals(values("a1", "b1", "a2", "b2"), log);
        assertEquals(2, lua.runPending());
        assertTrue(a.isDone() && b.isDone());
        assertEquals(0, lua.runPending());
    }

    @Test
    void onTheOwnersThreadWhoWaitsForTheFutureUsesItsTables() {
        CompletableFuture<Object> field =
                start("return {field = wait()}").thenApply(values -> values.asTable().get("field"));
        stages.complete("value");
        lua.runPending();
        assertEquals("value", field.join());
    }

    // ----------------------------------------------------------------------------------- errors

    @Test
    void anErrorIsTheOneThatACallThrows() {
        LuaException atOnce = failure(start("error({code = 1})"));
        assertEquals(Kind.RUNTIME, atOnce.kind());
        assertEquals(1L, assertInstanceOf(LuaTable.class, atOnce.value()).get("code"));
        CompletableFuture<LuaValues> later = start("wait() error('later')");
        stages.complete(null);
        lua.runPending();
        assertEquals("[string \"wait() error('later')\"]:1: later", failure(later).getMessage());
        assertTrue(failure(later).traceback().orElseThrow().contains("in main chunk"));
        CompletableFuture<LuaValues> large = start("wait() return ('x'):rep(2e8)");
        stages.complete(null);
        lua.runPending();
        assertEquals(Kind.MEMORY, failure(large).kind());
    }

    @Test
    void whatAStageFailsWithIsRaisedAsTheSameObject() {
        IOException thrown = new IOException("no connection");
        CompletableFuture<LuaValues> caught = start("return pcall(wait)");
        stages.next().completeExceptionally(thrown);
        lua.runPending();
        assertEquals(values(false, thrown), caught.join());

        CompletableFuture<@Nullable Object> source = new CompletableFuture<>();
        define("derived", arguments -> source.thenApply(value -> value));
        CompletableFuture<LuaValues> unwrapped = start("return select(2, pcall(derived))");
        CompletableFuture<LuaValues> uncaught = start("derived()");
        source.completeExceptionally(thrown);
        lua.runPending();
        assertSame(thrown, unwrapped.join().getFirst());
        assertSame(thrown, failure(uncaught).getCause());
        assertSame(thrown, failure(uncaught).value());
    }

    @Test
    void aLuaExceptionOfAStageRaisesItsValue() {
        CompletableFuture<LuaValues> result = start("return pcall(wait)");
        stages.next().completeExceptionally(LuaException.of(7));
        lua.runPending();
        assertEquals(values(false, 7L), result.join());
    }

    @Test
    void aStageThatWasCancelledRaisesThat() {
        CompletableFuture<LuaValues> result = start("wait()");
        stages.next().cancel(false);
        lua.runPending();
        assertInstanceOf(CancellationException.class, failure(result).getCause());
    }

    @Test
    void whatHasNoCounterpartInLuaIsAnErrorThere() {
        CompletableFuture<LuaValues> result = start("wait()");
        stages.complete(Thread.currentThread());
        lua.runPending();
        assertInstanceOf(IllegalArgumentException.class, failure(result).getCause());
        assertThrows(
                IllegalArgumentException.class, () -> start("return ...", Thread.currentThread()));
    }

    @Test
    void aStageThatRefusesToTellIsAnError() {
        UnsupportedOperationException refusal = new UnsupportedOperationException("no");
        define(
                "odd",
                arguments ->
                        new CompletableFuture<Object>() {
                            @Override
                            public CompletableFuture<Object> whenComplete(
                                    BiConsumer<? super Object, ? super Throwable> action) {
                                throw refusal;
                            }
                        });
        assertSame(refusal, failure(start("odd()")).getCause());
    }

    @Test
    void outsideOfACoroutineAStageIsAnError() {
        Raised.assertRaises(
                Kind.RUNTIME, "attempt to yield from outside a coroutine", lua, "wait()");
        stages.complete("nobody waits");
        assertEquals(0, lua.runPending());
        CompletableFuture<LuaValues> sorted =
                start("table.sort({2, 1}, function(a, b) return wait() end)");
        assertEquals("attempt to yield across a C-call boundary", failure(sorted).getMessage());
    }
}
