package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.moonpool.memory.PoolAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A state is one thread's at a time, and given from one to the next. */
class LuaHandoverTest {
    private static <T> T in(Thread.Builder threads, Callable<T> call) throws Exception {
        FutureTask<T> task = new FutureTask<>(call);
        threads.start(task);
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    private static <T> T elsewhere(Callable<T> call) throws Exception {
        return in(Thread.ofPlatform(), call);
    }

    @Test
    void aStateGoesFromThreadToThreadWithAllThatIsInIt() throws Exception {
        try (Lua lua = States.unlimited()) {
            LuaTable t = lua.newTable();
            t.set("n", 0L);
            LuaFunction add =
                    lua.eval("local t = ... return function() t.n = t.n + 1 return t.n end", t)
                            .asFunction();
            for (long i = 1; i <= 10; i++) {
                long expected = i;
                lua.detach();
                assertEquals(
                        expected,
                        in(
                                i % 2 == 0 ? Thread.ofPlatform() : Thread.ofVirtual(),
                                () -> {
                                    lua.attach();
                                    long n = add.callLong();
                                    lua.detach();
                                    return n;
                                }));
                lua.attach();
                assertEquals(expected, t.getLong("n"));
            }
        }
    }

    @Test
    void aStateThatWasHandedOverLeavesItsAddressSpaceToTheNext() throws Exception {
        List<Long> addresses = new ArrayList<>();
        Lua lua = openWithRegionAt(addresses);
        lua.eval("t = {} for i = 1, 1e4 do t[i] = {} end");
        lua.detach();
        elsewhere(
                () -> {
                    lua.attach();
                    lua.close();
                    return null;
                });
        // States that earlier tests have dropped may be closed meanwhile, and leave theirs, too.
        List<Lua> next = Stream.generate(() -> openWithRegionAt(addresses)).limit(4).toList();
        next.forEach(Lua::close);
        long first = addresses.removeFirst();
        assertTrue(addresses.contains(first));
    }

    private static Lua openWithRegionAt(List<Long> addresses) {
        return Lua.builder()
                .allocator(
                        region -> {
                            addresses.add(region.address());
                            return new PoolAllocator(region);
                        })
                .build();
    }

    @Test
    void aStateThatIsNobodysCannotBeUsed() {
        Lua lua = States.unlimited();
        LuaTable t = lua.newTable();
        lua.detach();
        for (Runnable use :
                List.<Runnable>of(() -> lua.eval(""), t::length, lua::detach, lua::statistics)) {
            var e = assertThrows(WrongThreadException.class, use::run);
            assertTrue(
                    String.valueOf(e.getMessage())
                            .startsWith("state was detached, and no thread owns it: current="),
                    e::toString);
        }
        lua.attach();
        assertEquals(0, t.length());
        lua.close();
    }

    @Test
    void aStateThatIsSomebodysCannotBeTaken() throws Exception {
        try (Lua lua = States.unlimited()) {
            assertThrows(
                    WrongThreadException.class,
                    () ->
                            elsewhere(
                                    () -> {
                                        lua.attach();
                                        return null;
                                    }));
            lua.attach();
            Raised.assertWorks(lua);
        }
    }

    @Test
    void aStateThatIsNobodysCanBeClosedByAnybody() throws Exception {
        Lua lua = States.unlimited();
        lua.detach();
        elsewhere(
                () -> {
                    lua.close();
                    return null;
                });
        assertThrows(IllegalStateException.class, lua::attach);
    }

    /** As a finalizer may wait for such a thread, it must not have to wait for the finalizer. */
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aStateThatIsBeingClosedIsTheClosingThreads() {
        List<String> outcomes = new ArrayList<>();
        Lua lua = States.unlimited();
        lua.globals()
                .set(
                        "takeElsewhere",
                        (JavaFunction)
                                arguments -> {
                                    for (Runnable take :
                                            List.<Runnable>of(lua::attach, lua::close)) {
                                        var e =
                                                assertThrows(
                                                        WrongThreadException.class,
                                                        () ->
                                                                elsewhere(
                                                                        () -> {
                                                                            take.run();
                                                                            return null;
                                                                        }));
                                        outcomes.add(String.valueOf(e.getMessage()));
                                    }
                                    return null;
                                });
        lua.eval("setmetatable({}, {__gc = function() takeElsewhere() end})");
        lua.detach();
        lua.close();
        assertEquals(2, outcomes.size());
        for (String outcome : outcomes) {
            assertTrue(outcome.startsWith("state belongs to another thread: owner="), outcome);
        }
    }

    @Test
    void oneOfManyThatWantItGetsIt() throws Exception {
        Lua lua = States.unlimited();
        lua.detach();
        int count = 8;
        CyclicBarrier together = new CyclicBarrier(count);
        List<FutureTask<Boolean>> tasks = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            var task =
                    new FutureTask<>(
                            () -> {
                                together.await();
                                boolean attached = attaches(lua);
                                together.await(); // it is the owner's while its thread lives
                                return attached;
                            });
            tasks.add(task);
            threads.add(Thread.ofPlatform().start(task));
        }
        int owners = 0;
        for (FutureTask<Boolean> task : tasks) {
            owners += task.get() ? 1 : 0;
        }
        assertEquals(1, owners);
        for (Thread thread : threads) {
            thread.join(); // a task is done before its thread has ended
        }
        lua.close();
    }

    private static boolean attaches(Lua lua) {
        try {
            lua.attach();
        } catch (WrongThreadException e) {
            return false;
        }
        Raised.assertWorks(lua);
        return true;
    }

    @Test
    void javaFunctionsRunOnTheThreadThatOwnsTheStateThen() throws Exception {
        try (Lua lua = States.unlimited()) {
            lua.globals().set("thread", arguments -> Thread.currentThread().getName());
            LuaFunction thread = lua.load("return thread()");
            lua.detach();
            String name =
                    in(
                            Thread.ofVirtual().name("other"),
                            () -> {
                                lua.attach();
                                String result = thread.call().asString();
                                lua.detach();
                                return result;
                            });
            assertEquals("other", name);
            lua.attach();
            assertEquals(Thread.currentThread().getName(), thread.call().asString());
        }
    }

    @Test
    void aCoroutineIsResumedByOneThreadAfterTheOther() throws Exception {
        try (Lua lua = States.unlimited()) {
            lua.globals().set("await", arguments -> LuaYield.of(arguments.get(0)));
            LuaCoroutine co = lua.newCoroutine(lua.load("return await(await(await(1)))"));
            assertEquals(1, co.resume().asLong());
            for (long i = 2; i <= 3; i++) {
                long value = i;
                lua.detach();
                assertEquals(
                        value,
                        in(
                                Thread.ofVirtual(),
                                () -> {
                                    lua.attach();
                                    long result = co.resume(value).asLong();
                                    lua.detach();
                                    return result;
                                }));
                lua.attach();
            }
            assertEquals(4, co.resume(4).asLong());
        }
    }

    @Test
    void manyVirtualThreadsTakeTurns() throws Exception {
        try (Lua lua = States.unlimited()) {
            LuaFunction count =
                    lua.eval("local n = 0 return function() n = n + 1 return n end").asFunction();
            Object turn = new Object();
            lua.detach();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                threads.add(
                        Thread.ofVirtual()
                                .start(
                                        () -> {
                                            for (int j = 0; j < 20; j++) {
                                                synchronized (turn) {
                                                    lua.attach();
                                                    count.callLong();
                                                    lua.detach();
                                                }
                                            }
                                        }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            lua.attach();
            assertEquals(50 * 20 + 1, count.callLong());
        }
    }
}
