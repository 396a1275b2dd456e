package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.moonpool.lua.LuaException.Kind;
import dev.moonpool.memory.SystemAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Threads of all sizes, and what is left of their stacks. */
class LuaThreadsTest {
    private static final String COUNT =
            "local t = {} for i = 1, 20000 do t[i] = {i} end return #t, ...";

    /** What becomes of a call in a thread of its own. */
    private static <T> T in(Thread.Builder threads, Callable<T> call) throws Exception {
        FutureTask<T> task = new FutureTask<>(call);
        threads.start(task);
        return get(task);
    }

    private static <T> T get(FutureTask<T> task) throws Exception {
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /** A thread with a stack of its own size. */
    private static <T> T inStackOf(long byteSize, Callable<T> call) throws Exception {
        FutureTask<T> task = new FutureTask<>(call);
        new Thread(null, task, "stack of " + byteSize, byteSize).start();
        return get(task);
    }

    private static Lua unlimited() {
        return Lua.builder().allocator(SystemAllocator::new).build();
    }

    /** The outcome of a call as deep in Java's stack as it can be made. */
    @SuppressWarnings("InfiniteRecursion") // until the stack ends
    private static <T> T atTheEndOfTheStack(Callable<T> call) throws Exception {
        try {
            return atTheEndOfTheStack(call);
        } catch (StackOverflowError e) {
            return call.call();
        }
    }

    /** A class whose initialiser runs out of stack is lost for the whole JVM, JDK's included. */
    @BeforeAll
    static void initializeAllClassesThatTheEndOfTheStackSees() {
        try (Lua lua = unlimited()) {
            assertTrue(Raised.by(lua, "error('reason')").traceback().isPresent());
        }
        var tooSmall = Lua.builder().layout(Layouts.withPool(16));
        assertThrows(LuaException.class, tooSmall::build);
    }

    @Test
    void aStateCannotBeMadeWithTooLittleStack() throws Exception {
        LuaException e =
                inStackOf(
                        1 << 20,
                        () ->
                                assertThrows(
                                        LuaException.class,
                                        () -> atTheEndOfTheStack(LuaThreadsTest::unlimited)));
        assertEquals(Kind.LIMIT, e.kind());
        assertEquals(
                "cannot create state: stack overflow (too little C stack left for Lua)"
                        + " (pool of 524288 bytes)",
                e.getMessage());
    }

    @Test
    void aStateCannotBeClosedWithTooLittleStack() throws Exception {
        inStackOf(
                1 << 20,
                () -> {
                    Lua lua = unlimited();
                    assertThrows(
                            IllegalStateException.class,
                            () -> atTheEndOfTheStack(() -> closed(lua)));
                    Raised.assertWorks(lua);
                    return closed(lua);
                });
    }

    private static Lua closed(Lua lua) {
        lua.close();
        return lua;
    }

    /**
     * Wherever it is let in, Lua must not fall off the end, nor must the allocator that it calls.
     */
    @Test
    void recursionInJavaRunsIntoAnExceptionAndNoFurther() throws Exception {
        inStackOf(
                2 << 20,
                () -> {
                    try (Lua lua = unlimited()) {
                        Recursion recursion = new Recursion(lua);
                        assertThrows(StackOverflowError.class, () -> recursion.descend(0));
                        assertTrue(recursion.ran > 0);
                        assertTrue(recursion.refused > 0);
                        Raised.assertWorks(lua);
                    }
                    return true;
                });
    }

    /**
     * Calls a state on the way down and on the way up, which uses as much of C's stack as it can.
     */
    private static final class Recursion {
        private static final int STEP = 16; // of depth, between calls
        private static final String NESTED =
                """
                local function nested(s) return (s:gsub('.', nested)) end
                return select(2, pcall(nested, 'x'))
                """;

        private final Lua lua;
        private int ran;
        private int refused;

        Recursion(Lua lua) {
            this.lua = lua;
        }

        @SuppressWarnings("InfiniteRecursion") // until the stack ends
        void descend(int depth) {
            call(depth);
            try {
                descend(depth + 1);
            } finally {
                call(depth);
            }
        }

        private void call(int depth) {
            if (depth % STEP != 0) {
                return;
            }
            try {
                assertEquals("C stack overflow", lua.eval(NESTED).asString());
                ran++;
            } catch (LuaException e) {
                assertEquals(Kind.LIMIT, e.kind());
                refused++;
            }
        }
    }

    @Test
    void aVirtualThreadMayUseAStateThatItMade() throws Exception {
        assertEquals(
                20000,
                in(
                        Thread.ofVirtual(),
                        () -> {
                            try (Lua lua = unlimited()) {
                                lua.eval("x = 1");
                                Thread.sleep(1); // may go on with another carrier
                                return lua.eval(COUNT).asLong();
                            }
                        }));
    }

    @Test
    void aStateOfAVirtualThreadIsItsOwn() throws Exception {
        try (Lua lua = unlimited()) {
            assertThrows(
                    WrongThreadException.class, () -> in(Thread.ofVirtual(), () -> lua.eval("")));
        }
    }

    @Test
    void threadsWithAStateEachRunAtTheSameTime() throws Exception {
        int count = 4;
        CyclicBarrier start = new CyclicBarrier(count);
        var tasks = new ArrayList<FutureTask<LuaValues>>();
        for (int i = 0; i < count; i++) {
            int number = i;
            var task =
                    new FutureTask<>(
                            () -> {
                                try (Lua lua = unlimited()) {
                                    start.await();
                                    lua.eval(COUNT);
                                    return lua.eval(COUNT, number);
                                }
                            });
            tasks.add(task);
            Thread.ofPlatform().start(task);
        }
        for (int i = 0; i < count; i++) {
            assertEquals(List.of(20000L, (long) i), get(tasks.get(i)));
        }
    }
}
