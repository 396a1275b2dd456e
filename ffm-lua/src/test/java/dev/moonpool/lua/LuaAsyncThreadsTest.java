package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.moonpool.lua.LuaException.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Stages that other threads complete, and executors that let coroutines go on. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("FutureReturnValueIgnored") // Lua waits for them
class LuaAsyncThreadsTest {
    private static final int MANY = 10_000;

    /** Stages that {@code wait()} answers with, for another thread to complete. */
    private final Queue<CompletableFuture<Integer>> stages = new ConcurrentLinkedQueue<>();

    private Lua open(Lua.Builder builder) {
        Lua lua = builder.maxMemory(128 << 20).build();
        lua.globals()
                .set(
                        "wait",
                        (JavaFunction)
                                arguments -> {
                                    CompletableFuture<Integer> stage = new CompletableFuture<>();
                                    stages.add(stage);
                                    return stage;
                                });
        return lua;
    }

    private Lua open() {
        return open(Lua.builder());
    }

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
            stages.remove().complete(i);
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
        try (Lua lua = open()) {
            int before = Thread.activeCount();
            List<CompletableFuture<LuaValues>> results =
                    startMany(lua, "local i = ...; assert(wait() == i); return i");
            assertEquals(MANY, stages.size());
            assertTrue(Thread.activeCount() <= before, "they wait without threads");
            Thread completer = Thread.ofPlatform().start(this::completeAll);
            lua.await(all(results));
            assertResults(results);
            completer.join();
        }
    }

    @Test
    void aThreadThatAwaitsIsWokenByWhatOthersComplete() throws Exception {
        try (Lua lua = open()) {
            CompletableFuture<LuaValues> result =
                    lua.load("local n = 0; for i = 1, 1000 do n = n + wait() end; return n")
                            .callAsync();
            Thread completer =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        for (int done = 0; done < 1000; ) {
                                            CompletableFuture<Integer> next = stages.poll();
                                            if (next == null) {
                                                Thread.onSpinWait();
                                            } else {
                                                next.complete(1);
                                                done++;
                                            }
                                        }
                                    });
            assertEquals(1000, lua.await(result).asLong());
            completer.join();
        }
    }

    @Test
    void virtualThreadsLetCoroutinesGoOnWhenNobodyOwnsTheState() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Lua lua = open(Lua.builder().executor(threads))) {
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
                Lua lua = open(Lua.builder().executor(threads))) {
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
        try (Lua lua = open()) {
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
            stages.remove().complete(7);
            lua.attach();
            assertEquals(1, lua.runPending());
            assertEquals(7, result.join().asLong());
        }
    }

    @Test
    void nothingIsLostWhileAThreadOwnsTheState() {
        List<Runnable> tasks = new ArrayList<>();
        try (Lua lua = open(Lua.builder().executor(tasks::add))) {
            CompletableFuture<LuaValues> result = lua.load("return wait() + wait()").callAsync();
            stages.remove().complete(40);
            assertEquals(0, tasks.size(), "it is the owner's");
            lua.detach();
            assertEquals(1, tasks.size());
            lua.attach();
            tasks.removeFirst().run(); // finds that the state is owned
            assertTrue(stages.isEmpty());
            assertTrue(tasks.isEmpty());
            lua.detach();
            tasks.removeFirst().run();
            stages.remove().complete(2);
            assertEquals(1, tasks.size());
            tasks.removeFirst().run();
            assertEquals(42, result.join().asLong());
            assertTrue(tasks.isEmpty());
            assertThrows(WrongThreadException.class, lua::runPending);
        }
    }

    @Test
    void oneTaskIsScheduledForManyCoroutines() {
        List<Runnable> tasks = new ArrayList<>();
        try (Lua lua = open(Lua.builder().executor(tasks::add))) {
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
    void anExecutorMayRunTasksAtOnce() {
        try (Lua lua = open(Lua.builder().executor(Runnable::run))) {
            CompletableFuture<LuaValues> result =
                    lua.load("coroutine.yield() return wait() + wait()").callAsync();
            assertTrue(stages.isEmpty());
            lua.detach();
            stages.remove().complete(40);
            stages.remove().complete(2);
            assertEquals(42, result.join().asLong());
        }
    }

    @Test
    void aTaskThatIsTurnedDownIsNotTheLast() {
        List<Runnable> tasks = new ArrayList<>();
        AtomicInteger refusals = new AtomicInteger(2);
        Executor executor =
                task -> {
                    if (refusals.getAndDecrement() > 0) {
                        throw new RejectedExecutionException();
                    }
                    tasks.add(task);
                };
        try (Lua lua = open(Lua.builder().executor(executor))) {
            CompletableFuture<LuaValues> result = lua.load("return wait()").callAsync();
            lua.detach();
            stages.remove().complete(1);
            assertTrue(tasks.isEmpty());
            lua.attach();
            lua.detach();
            assertTrue(tasks.isEmpty());
            lua.attach();
            lua.detach();
            tasks.removeFirst().run();
            assertTrue(result.isDone());
        }
    }

    @Test
    void whoWantsTheStateWaitsForTheTask() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        try (ExecutorService thread = Executors.newSingleThreadExecutor();
                Lua lua = open(Lua.builder().executor(thread))) {
            lua.globals()
                    .set(
                            "linger",
                            (JavaFunction)
                                    arguments -> {
                                        entered.countDown();
                                        leave.await();
                                        return 5;
                                    });
            CompletableFuture<LuaValues> result =
                    lua.load("coroutine.yield() return linger()").callAsync();
            lua.detach();
            entered.await();
            FutureTask<Boolean> attached =
                    new FutureTask<>(
                            () -> {
                                lua.attach();
                                lua.detach();
                                return result.isDone();
                            });
            Thread attaching = Thread.ofPlatform().start(attached);
            while (attaching.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            leave.countDown();
            assertTrue(attached.get());
            assertEquals(5, result.join().asLong());
        } // so does close
    }

    @Test
    void closingWaitsForTheTaskAndCancelsTheRest() throws Exception {
        CompletableFuture<LuaValues> unfinished;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Lua lua = open(Lua.builder().executor(threads));
            CountDownLatch running = new CountDownLatch(100);
            lua.globals()
                    .set(
                            "count",
                            (JavaFunction)
                                    arguments -> {
                                        running.countDown();
                                        return null;
                                    });
            unfinished = lua.load("while true do count() coroutine.yield() end").callAsync();
            lua.detach();
            running.await();
            lua.close();
        }
        assertTrue(unfinished.isCancelled());
    }

    @Test
    void stagesThatCompleteWhileTheStateIsClosedDoNoHarm() throws Exception {
        for (int i = 0; i < 50; i++) {
            Lua lua = open();
            CompletableFuture<LuaValues> result = lua.load("return wait()").callAsync();
            CompletableFuture<Integer> stage = stages.remove();
            Thread completer = Thread.ofPlatform().start(() -> stage.complete(1));
            lua.close();
            completer.join();
            assertTrue(result.isCancelled());
        }
    }

    @Test
    void whatAStageFailsWithElsewhereIsTheCauseOfAnErrorInLua() throws Exception {
        try (Lua lua = open()) {
            CompletableFuture<LuaValues> result = lua.load("local x = wait()").callAsync();
            IOException thrown =
                    in(
                            Thread.ofPlatform(),
                            () -> {
                                IOException failure = new IOException("elsewhere");
                                stages.remove().completeExceptionally(failure);
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

    @Test
    void aTimeoutOfTheFutureClosesTheCoroutine() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Lua lua = open(Lua.builder().executor(threads))) {
            lua.globals()
                    .set(
                            "closed",
                            (JavaFunction)
                                    arguments -> {
                                        closed.countDown();
                                        return null;
                                    });
            CompletableFuture<LuaValues> result =
                    lua.load("local x <close> = setmetatable({}, {__close = closed}) wait()")
                            .callAsync()
                            .orTimeout(1, TimeUnit.MILLISECONDS);
            lua.detach();
            closed.await();
            assertSame(TimeoutException.class, result.exceptionNow().getClass());
        }
    }
}
