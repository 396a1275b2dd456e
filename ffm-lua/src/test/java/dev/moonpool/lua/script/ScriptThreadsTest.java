package dev.moonpool.lua.script;

import static dev.moonpool.lua.script.Engines.causeOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.moonpool.lua.JavaFunction;
import dev.moonpool.lua.Lua;
import dev.moonpool.lua.LuaException;
import dev.moonpool.lua.LuaTable;
import java.io.StringWriter;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import javax.script.Bindings;
import javax.script.Compilable;
import javax.script.CompiledScript;
import javax.script.Invocable;
import javax.script.ScriptContext;
import javax.script.ScriptEngine;
import javax.script.ScriptException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Engines that many threads use, and the ends of engines. */
class ScriptThreadsTest {
    private final ScriptEngine engine = Engines.create();

    @AfterEach
    void close() throws Exception {
        Engines.close(engine);
    }

    @Test
    void manyThreadsTakeTurns() throws Exception {
        engine.eval("n = 0  function count(by) n = n + by end");
        CompiledScript script = ((Compilable) engine).compile("n = n + 1");
        Bindings bindings = engine.getBindings(ScriptContext.ENGINE_SCOPE);
        List<Future<?>> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 50; i++) {
                String name = "own" + i;
                all.add(
                        threads.submit(
                                () -> {
                                    for (int j = 0; j < 20; j++) {
                                        ((Invocable) engine).invokeFunction("count", 1);
                                        script.eval();
                                        bindings.put(name, j);
                                        assertEquals((long) j, engine.eval("return " + name));
                                    }
                                    return null;
                                }));
            }
        }
        for (Future<?> one : all) {
            assertNull(one.get());
        }
        assertEquals(2000L, engine.get("n"));
        assertEquals(52, bindings.size());
    }

    @Test
    void anotherThreadWaitsForAScriptToEnd() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        engine.put(
                "pause",
                (JavaFunction)
                        arguments -> {
                            running.countDown();
                            goOn.await();
                            return null;
                        });
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Future<Object> first = threads.submit(() -> engine.eval("pause()  x = 1  return x"));
            running.await();
            Future<Object> second = threads.submit(() -> engine.eval("return x"));
            goOn.countDown();
            assertEquals(1L, first.get());
            assertEquals(1L, second.get());
        }
    }

    @Test
    void callsWhereTheStackEndsLeaveTheEngineToOtherThreads() throws Exception {
        for (int round = 0; round < 6; round++) {
            ScriptEngine own = Engines.create(); // closing it would wait, too
            Bindings bindings = own.getBindings(ScriptContext.ENGINE_SCOPE);
            for (int i = 0; i < 60 * round + 1; i++) { // frames are smaller when compiled
                assertEquals(1L, own.eval("x = 1  return x"));
                assertEquals(1L, bindings.get("x"));
                assertThrows(ScriptException.class, () -> own.eval("error({})"));
            }
            inDaemon(
                    () -> {
                        for (int i = 0; i < 4; i++) {
                            int[] left = {400};
                            assertThrows(
                                    StackOverflowError.class,
                                    () -> getWhereTheStackEnds(bindings, left));
                        }
                        return null;
                    });
            assertEquals(1L, inDaemon(() -> own.eval("return x")));
            Engines.close(own);
        }
    }

    /** The result of a call by a thread that does not keep the JVM from ending, if it hangs. */
    private static Object inDaemon(Callable<Object> call) throws Exception {
        FutureTask<Object> task = new FutureTask<>(call);
        Thread.ofPlatform().daemon().stackSize(512 << 10).start(task);
        return task.get(1, TimeUnit.MINUTES);
    }

    /** Uses bindings on the way up from the end of the stack, deeper and less deep. */
    @SuppressWarnings("InfiniteRecursion")
    private static void getWhereTheStackEnds(Bindings bindings, int[] left) {
        try {
            getWhereTheStackEnds(bindings, left);
        } catch (StackOverflowError e) {
            if (left[0]-- > 0) {
                get(bindings);
            }
            throw e;
        }
    }

    private static void get(Bindings bindings) {
        try {
            assertEquals(1L, bindings.get("x"));
        } catch (StackOverflowError | LuaException e) {
            // There was not enough of it yet.
        }
    }

    @Test
    void aThreadCanAttachTheStateForItself() throws Exception {
        LuaTable table = (LuaTable) engine.eval("t = {x = 1}  return t");
        assertThrows(WrongThreadException.class, () -> table.get("x"));
        Lua lua = table.lua();
        assertFalse(lua.isAttached());
        lua.attach();
        assertTrue(lua.isAttached());
        assertEquals(1L, table.get("x"));
        engine.eval("t.x = 2");
        assertTrue(lua.isAttached());
        assertEquals(2L, table.get("x"));
        try (ExecutorService threads = Executors.newFixedThreadPool(1)) {
            Future<Object> elsewhere = threads.submit(() -> engine.get("t"));
            assertInstanceOf(
                    WrongThreadException.class,
                    assertThrows(Exception.class, elsewhere::get).getCause());
            lua.detach();
            assertEquals(table, threads.submit(() -> engine.get("t")).get());
        }
    }

    @Test
    void aFunctionCalledByItselfPrintsToTheEnginesContext() throws Exception {
        StringWriter out = new StringWriter();
        engine.getContext().setWriter(out);
        LuaTable table = (LuaTable) engine.eval("return {say = function() print('said') end}");
        table.lua().attach();
        assertTrue(table.getFunction("say").call().isEmpty());
        table.lua().detach();
        assertEquals("said\n", out.toString());
    }

    @Test
    void aClosedEngineCannotBeUsed() throws Exception {
        Bindings bindings = engine.getBindings(ScriptContext.ENGINE_SCOPE);
        Invocable invocable = (Invocable) engine;
        engine.eval("function run() end");
        Runnable runnable = invocable.getInterface(Runnable.class);
        Engines.close(engine);
        Engines.close(engine);
        assertThrows(IllegalStateException.class, () -> engine.eval("return 1"));
        assertThrows(IllegalStateException.class, () -> engine.put("x", 1));
        assertThrows(IllegalStateException.class, bindings::size);
        assertThrows(IllegalStateException.class, bindings::clear);
        assertThrows(IllegalStateException.class, engine::createBindings);
        assertThrows(IllegalStateException.class, () -> invocable.invokeFunction("run"));
        assertThrows(IllegalStateException.class, () -> ((Compilable) engine).compile(""));
        assertThrows(IllegalStateException.class, runnable::run);
    }

    @Test
    void aRunningEngineCannotBeClosed() throws Exception {
        engine.put(
                "close",
                (JavaFunction)
                        arguments -> {
                            Engines.close(engine);
                            return null;
                        });
        ScriptException e = assertThrows(ScriptException.class, () -> engine.eval("close()"));
        assertInstanceOf(IllegalStateException.class, causeOf(e).getCause());
        assertEquals(1L, engine.eval("return 1"));
    }

    @Test
    void anotherThreadMayCloseAnEngine() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(1)) {
            threads.submit(
                            () -> {
                                Engines.close(engine);
                                return null;
                            })
                    .get();
        }
        assertThrows(IllegalStateException.class, () -> engine.eval("return 1"));
    }

    @Test
    void finalizersThatRunWhileAnEngineIsClosedCannotUseIt() throws Exception {
        StringWriter out = new StringWriter();
        engine.getContext().setWriter(out);
        engine.put("get", (JavaFunction) arguments -> engine.get("x"));
        engine.eval(
                "local get, pcall, print = get, pcall, print\n"
                        + "x = setmetatable({}, {__gc = function() print((pcall(get))) end})");
        Engines.close(engine);
        assertEquals("false\n", out.toString());
    }

    @Test
    void closingTwiceAtOnceIsClosingOnce() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            List<Future<?>> both = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                both.add(
                        threads.submit(
                                () -> {
                                    Engines.close(engine);
                                    return null;
                                }));
            }
            for (Future<?> one : both) {
                assertNull(one.get());
            }
        }
    }

    @Test
    void aForgottenEngineBecomesGarbage() throws Exception {
        WeakReference<ScriptEngine> forgotten = forgotten();
        for (int i = 0; i < 100 && forgotten.get() != null; i++) {
            System.gc();
        }
        assertNull(forgotten.get());
    }

    private static WeakReference<ScriptEngine> forgotten() throws Exception {
        ScriptEngine engine = Engines.create();
        engine.put("self", (JavaFunction) arguments -> engine.get("x"));
        engine.eval("x = 1  return self()");
        return new WeakReference<>(engine);
    }
}
