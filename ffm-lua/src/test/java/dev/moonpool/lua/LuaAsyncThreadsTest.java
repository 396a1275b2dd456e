package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.moonpool.lua.LuaException.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Stages that other threads complete. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("FutureReturnValueIgnored") // Lua waits for them
class LuaAsyncThreadsTest {
    private static final int MANY = 10_000;

    private final Stages stages = new Stages();

    private static List<CompletableFuture<LuaValues>> startMany(Lua lua, String source) {
        LuaFunction function = lua.load(source);
        List<CompletableFuture<LuaValues>> results = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            results.add(function.callAsync(i));
        }
        return results;
    }

    private static CompletableFuture<Void> all(List<CompletableFuture<LuaValues>> futures) {
        return CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new));
    }

    private static void assertResults(List<CompletableFuture<LuaValues>> results) {
        for (int i = 0; i < results.size(); i++) {
            assertEquals(i, results.get(i).join().asLong());
        }
    }

    private void completeAll() {
        for (int i = 0; i < MANY; i++) {
            stages.complete(i);
        }
    }

    private static <T> T in(Thread.Builder threads, Callable<T> call) throws Exception {
        FutureTask<T> task = new FutureTask<>(call);
        Thread thread = threads.start(task);
        thread.join();
        return task.get();
    }

    @Test
    void tenThousandCoroutinesWaitForAnotherThreadAndCostNoThreads() throws Exception {
        try (Lua lua = stages.open(Lua.builder())) {
            int threads = Thread.activeCount();
            List<CompletableFuture<LuaValues>> results =
                    startMany(lua, "local i = ...; assert(wait() == i); return i");
            assertEquals(MANY, stages.count());
            assertTrue(Thread.activeCount() < threads + 100, "they wait without threads");
            Thread completer = Thread.ofPlatform().start(this::completeAll);
            lua.await(all(results));
            assertResults(results);
            completer.join();
        }
    }

    @Test
    void aThreadThatAwaitsIsWokenByWhatOthersComplete() throws Exception {
        try (Lua lua = stages.open(Lua.builder())) {
            CompletableFuture<LuaValues> result =
                    lua.load("local n = 0; for i = 1, 1000 do n = n + wait() end; return n")
                            .callAsync();
            Thread completer =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        for (int i = 0; i < 1000; i++) {
                                            while (stages.count() == 0) {
                                                Thread.onSpinWait();
                                            }
                                            stages.complete(1);
                                        }
                                    });
            assertEquals(1000, lua.await(result).asLong());
            completer.join();
        }
    }

    @Test
    void virtualThreadsLetCoroutinesGoOnWhenNobodyOwnsTheState() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Lua lua = stages.open(Lua.builder().executor(threads))) {
            List<CompletableFuture<LuaValues>> results =
                    startMany(lua, "local i = ...; assert(wait() == i); return i");
            lua.detach();
            completeAll();
            all(results).join();
            lua.attach();
            assertResults(results);
        }
    }

    @Test
    void manyThreadsCompleteStagesWhileTheStateChangesHands() throws Exception {
        AtomicInteger rounds = new AtomicInteger();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Lua lua = stages.open(Lua.builder().executor(threads))) {
            lua.globals()
                    .set(
                            "soon",
                            (JavaFunction)
                                    arguments -> {
                                        rounds.incrementAndGet();
                                        return CompletableFuture.supplyAsync(() -> 1L, threads);
                                    });
            LuaFunction function =
                    lua.load(
                            """
                            local n = 0
                            for i = 1, 20 do
                                n = n + soon()
                                if i % 5 == 0 then coroutine.yield() end
                            end
                            return n
                            """);
            List<CompletableFuture<LuaValues>> results = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                results.add(function.callAsync());
                lua.detach();
                lua.attach();
            }
            CompletableFuture<Void> all = all(results);
            lua.detach();
            while (!all.isDone()) { // it is taken from the executor again and again
                lua.attach();
                int ignored = lua.runPending();
                lua.detach();
            }
            lua.attach();
            for (CompletableFuture<LuaValues> result : results) {
                assertEquals(20, result.join().asLong());
            }
            assertEquals(200 * 20, rounds.get());
        }
    }

    @Test
    void theCallHasReturnedWhileItWaits() throws Exception {
        try (Lua lua = stages.open(Lua.builder())) {
            LuaFunction function =
                    lua.load(
                            """
                            local t = setmetatable({}, {__index = wait})
                            return select(2, pcall(function() return t.x end))
                            """);
            lua.detach();
            CompletableFuture<LuaValues> result =
                    in(
                            Thread.ofVirtual(),
                            () -> {
                                lua.attach();
                                try {
                                    return function.callAsync();
                                } finally {
                                    lua.detach(); // which a state that is running refuses
                                }
                            });
            // The thread has ended: nothing native is on its stack, and the carrier is free.
            assertFalse(result.isDone());
            stages.complete(7);
            lua.attach();
            assertEquals(1, lua.runPending());
            assertEquals(7, result.join().asLong());
        }
    }

    @Test
    void oneTaskIsScheduledForManyCoroutines() {
        List<Runnable> tasks = new ArrayList<>();
        try (Lua lua = stages.open(Lua.builder().executor(tasks::add))) {
            List<CompletableFuture<LuaValues>> results =
                    startMany(lua, "local i = ...; wait() return i");
            lua.detach();
            completeAll();
            assertEquals(1, tasks.size());
            tasks.removeFirst().run();
            assertResults(results);
            assertTrue(tasks.isEmpty());
        }
    }

    @Test
    void stagesThatCompleteWhileTheStateIsClosedDoNoHarm() throws Exception {
        for (int i = 0; i < 50; i++) {
            Lua lua = stages.open(Lua.builder());
            CompletableFuture<LuaValues> result = lua.load("return wait()").callAsync();
            CompletableFuture<@Nullable Object> stage = stages.next();
            Thread completer = Thread.ofPlatform().start(() -> stage.complete(1));
            lua.close();
            completer.join();
            assertTrue(result.isCancelled());
        }
    }

    @Test
    void whatAStageFailsWithElsewhereIsTheCauseOfAnErrorInLua() throws Exception {
        try (Lua lua = stages.open(Lua.builder())) {
            CompletableFuture<LuaValues> result = lua.load("local x = wait()").callAsync();
            IOException thrown =
                    in(
                            Thread.ofPlatform(),
                            () -> {
                                IOException failure = new IOException("elsewhere");
                                stages.next().completeExceptionally(failure);
                                return failure;
                            });
            assertEquals(1, lua.runPending());
            LuaException e = assertInstanceOf(LuaException.class, result.exceptionNow());
            assertEquals(Kind.RUNTIME, e.kind());
            assertEquals(
                    List.of(1),
                    Stream.of(e.getStackTrace())
                            .filter(frame -> frame.getClassName().equals("lua"))
                            .map(StackTraceElement::getLineNumber)
                            .toList());
            assertSame(thrown, e.getCause());
        }
    }
}
