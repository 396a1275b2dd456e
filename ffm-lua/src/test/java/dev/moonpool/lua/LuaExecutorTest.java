package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Executors that let coroutines go on while no thread owns the state. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("FutureReturnValueIgnored") // Lua waits for them
class LuaExecutorTest {
    private final Stages stages = new Stages();

    @Test
    void nothingIsLostWhileAThreadOwnsTheState() {
        List<Runnable> tasks = new ArrayList<>();
        try (Lua lua = stages.open(Lua.builder().executor(tasks::add))) {
            CompletableFuture<LuaValues> result = lua.load("return wait() + wait()").callAsync();
            stages.complete(40);
            assertEquals(0, tasks.size(), "it is the owner's");
            lua.detach();
            assertEquals(1, tasks.size());
            lua.attach();
            tasks.removeFirst().run(); // finds that the state is owned
            assertTrue(stages.count() == 0);
            assertTrue(tasks.isEmpty());
            lua.detach();
            tasks.removeFirst().run();
            stages.complete(2);
            assertEquals(1, tasks.size());
            tasks.removeFirst().run();
            assertEquals(42, result.join().asLong());
            assertTrue(tasks.isEmpty());
            assertThrows(WrongThreadException.class, lua::runPending);
        }
    }

    @Test
    void anExecutorMayRunTasksAtOnce() {
        try (Lua lua = stages.open(Lua.builder().executor(Runnable::run))) {
            CompletableFuture<LuaValues> result =
                    lua.load("coroutine.yield() return wait() + wait()").callAsync();
            assertTrue(stages.count() == 0);
            lua.detach();
            stages.complete(40);
            stages.complete(2);
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
        try (Lua lua = stages.open(Lua.builder().executor(executor))) {
            CompletableFuture<LuaValues> result = lua.load("return wait()").callAsync();
            lua.detach();
            stages.complete(1);
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
                Lua lua = stages.open(Lua.builder().executor(thread))) {
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

    /**
     * A thread that says its name when a task of its own has ended, and no sooner: so that the task
     * ends while another thread is told whom the state belongs to.
     */
    private static final class TellsItsNameLate extends Thread {
        final CountDownLatch asked = new CountDownLatch(1);
        final CountDownLatch ended = new CountDownLatch(1);

        TellsItsNameLate(Runnable task) {
            super(task);
        }

        @Override
        public void run() {
            super.run();
            ended.countDown();
        }

        @Override
        public String toString() {
            asked.countDown();
            try {
                ended.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return super.toString();
        }
    }

    @Test
    void whoWantsTheStateGetsItThoughATaskBeginsAndEndsMeanwhile() throws Exception {
        List<Runnable> tasks = new ArrayList<>();
        try (Lua lua = Lua.builder().executor(tasks::add).build()) {
            FutureTask<Boolean> attached =
                    new FutureTask<>(
                            () -> {
                                lua.attach();
                                lua.detach();
                                return true;
                            });
            Thread attaching = new Thread(attached);
            Object lock = lua.state();
            TellsItsNameLate running =
                    new TellsItsNameLate(
                            () -> {
                                synchronized (lock) {
                                    attaching.start();
                                    while (attaching.getState() != Thread.State.BLOCKED) {
                                        Thread.onSpinWait();
                                    }
                                    tasks.removeFirst().run();
                                }
                            });
            lua.globals()
                    .set(
                            "untilAskedForTheOwner",
                            (JavaFunction)
                                    arguments -> {
                                        while (attaching.getState() == Thread.State.BLOCKED) {
                                            lock.wait(1);
                                        }
                                        running.asked.await();
                                        return null;
                                    });
            lua.load("coroutine.yield() untilAskedForTheOwner()").callAsync();
            lua.detach();
            running.start();
            assertTrue(attached.get());
            running.join();
        }
    }

    @Test
    void closingWaitsForTheTaskAndCancelsTheRest() throws Exception {
        CompletableFuture<LuaValues> unfinished;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Lua lua = stages.open(Lua.builder().executor(threads));
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
    void aTimeoutOfTheFutureClosesTheCoroutine() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Lua lua = stages.open(Lua.builder().executor(threads))) {
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

    /** Two tasks, each of which wants the other one's state while both run. */
    @Test
    void tasksDoNotWaitForEachOther() throws InterruptedException {
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Lua[] states = new Lua[2];
            CountDownLatch bothRun = new CountDownLatch(2);
            CountDownLatch bothTried = new CountDownLatch(2);
            List<CompletableFuture<LuaValues>> results = new ArrayList<>();
            List<CompletableFuture<Object>> starts = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                int other = 1 - i;
                Lua lua = Lua.builder().executor(threads).build();
                states[i] = lua;
                CompletableFuture<Object> start = new CompletableFuture<>();
                starts.add(start);
                lua.globals().set("start", arguments -> start);
                lua.globals()
                        .set(
                                "attachOther",
                                arguments -> {
                                    bothRun.countDown();
                                    bothRun.await();
                                    try {
                                        states[other].attach();
                                    } finally {
                                        bothTried.countDown();
                                        bothTried.await();
                                    }
                                    return null;
                                });
                results.add(lua.load("start() return pcall(attachOther)").callAsync());
                lua.detach();
            }
            starts.forEach(start -> start.complete(null));
            for (CompletableFuture<LuaValues> result : results) {
                LuaValues values = result.join();
                assertEquals(false, values.get(0));
                assertTrue(values.get(1) instanceof WrongThreadException);
            }
            for (Lua lua : states) {
                lua.close();
            }
        }
    }
}
