package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One stack trace has the frames of Java and of Lua in the order in which they called. */
class StackTracesTest extends StateTestCase {
    private LuaFunction load(String name, String source) {
        return lua.load(LuaChunk.of(source).named(name));
    }

    /** The frames from the innermost to this test's own, in short. */
    private static List<String> frames(Throwable thrown) {
        List<String> frames = new ArrayList<>();
        for (StackTraceElement frame : thrown.getStackTrace()) {
            String type = frame.getClassName();
            if (type.equals("lua")) {
                frames.add(frame.getFileName() + ":" + frame.getLineNumber());
            } else if (type.equals(StackTracesTest.class.getName())) {
                frames.add(frame.getMethodName().replaceAll("lambda\\$\\w+\\$\\d+", "lambda"));
            }
        }
        return frames;
    }

    @Test
    void luasFramesComeBeforeJavasThatCalled() {
        LuaFunction outer =
                load(
                        "outer.lua",
                        """
                        local function inner()
                            error('reason')
                        end
                        inner()
                        """);
        LuaException e = assertThrows(LuaException.class, () -> callOuter(outer));
        assertEquals(
                List.of("null:-2", "outer.lua:2", "outer.lua:4", "callOuter", "lambda"),
                frames(e).subList(0, 5));
        assertEquals("luasFramesComeBeforeJavasThatCalled", frames(e).getLast());
    }

    private static void callOuter(LuaFunction outer) {
        outer.call();
    }

    @Test
    void framesOfAllFourComeInOrder() {
        LuaFunction inner =
                load("inner.lua", "\nlocal function deep()\nerror('reason') end\ndeep()");
        lua.globals().set("middle", arguments -> callInner(inner));
        LuaFunction outer = load("outer.lua", "local function go()\nmiddle()\nend\ngo()");
        LuaException e = assertThrows(LuaException.class, () -> callOuter(outer));
        List<String> frames = frames(e);
        assertInOrder(
                frames,
                "inner.lua:3",
                "inner.lua:4",
                "callInner",
                "outer.lua:2",
                "outer.lua:4",
                "callOuter",
                "framesOfAllFourComeInOrder");
    }

    private static Object callInner(LuaFunction inner) {
        return inner.call();
    }

    @Test
    void whatAJavaFunctionThrewComesFirst() {
        lua.globals().set("fail", arguments -> fails());
        LuaFunction outer = load("outer.lua", "local function go()\nfail()\nend\ngo()");
        LuaException e = assertThrows(LuaException.class, () -> callOuter(outer));
        assertInOrder(frames(e), "fails", "outer.lua:2", "outer.lua:4", "callOuter");
        assertTrue(e.getCause() instanceof IOException);
    }

    private static Object fails() throws IOException {
        throw new IOException("reason");
    }

    @Test
    void whatAnInnermostJavaFunctionThrewComesBeforeAllFour() {
        lua.globals().set("fail", arguments -> fails());
        LuaFunction inner = load("inner.lua", "fail()\nreturn 1");
        lua.globals().set("middle", arguments -> callInner(inner));
        LuaFunction outer = load("outer.lua", "\nmiddle()\nreturn 1");
        LuaException e = assertThrows(LuaException.class, () -> callOuter(outer));
        List<String> frames = frames(e);
        assertInOrder(frames, "fails", "inner.lua:1", "callInner", "outer.lua:2", "callOuter");
        for (String once : List.of("fails", "inner.lua:1", "callInner", "outer.lua:2")) {
            assertEquals(1, frames.stream().filter(once::equals).count(), frames::toString);
        }
    }

    /** Each name is there, behind those before it. */
    private static void assertInOrder(List<String> frames, String... expected) {
        List<String> found =
                frames.stream().filter(frame -> Arrays.asList(expected).contains(frame)).toList();
        assertEquals(Arrays.asList(expected), found.stream().distinct().toList(), frames::toString);
    }

    @Test
    void nothingOfTheBorderItselfIsShown() {
        lua.globals().set("middle", arguments -> lua.eval("error('reason')"));
        LuaException e = Raised.by(lua, "middle()");
        for (StackTraceElement frame : e.getStackTrace()) {
            assertTrue(!frame.getClassName().startsWith("dev.moonpool.lua.internal"), e::toString);
        }
    }

    @Test
    void aDeepStackIsShownInPartAndJavasFramesAll() {
        LuaFunction deep =
                load(
                        "deep.lua",
                        "local function r(n) if n == 0 then error('x') end r(n - 1) return end\nr(...)");
        LuaException e = assertThrows(LuaException.class, () -> deep.call(1000));
        List<String> frames = frames(e);
        assertTrue(frames.size() < 60, frames::toString);
        assertTrue(frames.contains("deep.lua:2"), frames::toString);
        assertEquals("aDeepStackIsShownInPartAndJavasFramesAll", frames.getLast());
    }

    @Test
    void aSyntaxErrorHasJavasFramesAlone() {
        LuaException e = Raised.by(lua, "x = = 1");
        assertTrue(frames(e).contains("aSyntaxErrorHasJavasFramesAlone"));
        assertTrue(
                Arrays.stream(e.getStackTrace()).noneMatch(f -> f.getClassName().equals("lua")),
                () -> Arrays.toString(e.getStackTrace()));
    }

    @Test
    void anErrorInACoroutineHasItsFrames() {
        LuaFunction body =
                load("co.lua", "coroutine.yield()\nlocal function f()\nerror('x') end\nf()");
        LuaCoroutine co = lua.newCoroutine(body);
        co.resume();
        LuaException e = assertThrows(LuaException.class, co::resume);
        assertInOrder(frames(e), "co.lua:3", "co.lua:4", "anErrorInACoroutineHasItsFrames");
    }

    @Test
    void functionsAreNamed() {
        lua.globals().set("fail", arguments -> fails());
        LuaException e = Raised.by(lua, "function outer() fail() end outer()");
        assertTrue(
                Arrays.stream(e.getStackTrace())
                        .anyMatch(frame -> frame.getMethodName().contains("'outer'")),
                () -> Arrays.toString(e.getStackTrace()));
    }

    @Test
    void aScriptThatNamesItsChunksLikeLinesHasItsOwnError() {
        for (String name :
                List.of("foo:99999999999: in bar", "foo:2147483648", "f\n\ty:99999999999: in z")) {
            LuaException e = Raised.by(lua, "load('error(\"reason\", 0)', '@' .. ...)()", name);
            assertEquals("reason", e.getMessage());
            lua.eval("_G[...] = function() error('reason', 0) end", name);
            assertEquals("reason", Raised.by(lua, "_G[...]()", name).getMessage());
        }
    }

    /** An exception whose class has a stack trace of its own. */
    private static final class Odd extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final transient Supplier<StackTraceElement @Nullable []> frames;

        Odd(Supplier<StackTraceElement @Nullable []> frames) {
            this.frames = frames;
        }

        @Override
        @SuppressWarnings("NullAway") // against what it should do
        public StackTraceElement[] getStackTrace() {
            return frames.get();
        }
    }

    static Stream<Supplier<StackTraceElement @Nullable []>> oddFrames() {
        return Stream.of(
                () -> null,
                () -> new StackTraceElement[2],
                () -> {
                    throw new IllegalStateException("no frames");
                },
                () -> {
                    throw new AssertionError("no frames");
                });
    }

    @ParameterizedTest
    @MethodSource("oddFrames")
    void anExceptionWithoutFramesIsTheCauseAllTheSame(
            Supplier<StackTraceElement @Nullable []> frames) {
        Odd odd = new Odd(frames);
        lua.globals()
                .set(
                        "fail",
                        arguments -> {
                            throw odd;
                        });
        LuaException e = Raised.by(lua, "fail()");
        assertSame(odd, e.getCause());
        assertTrue(frames(e).contains("anExceptionWithoutFramesIsTheCauseAllTheSame"));
    }
}
