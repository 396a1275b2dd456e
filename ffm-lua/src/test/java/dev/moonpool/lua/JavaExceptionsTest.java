package dev.moonpool.lua;

import static dev.moonpool.lua.Messages.assertSays;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.moonpool.lua.LuaException.Kind;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What Java functions throw, on its way through Lua. */
class JavaExceptionsTest extends StateTestCase {
    private void defineThrowing(String name, Throwable thrown) {
        lua.globals()
                .set(
                        name,
                        arguments -> {
                            throw sneaky(thrown);
                        });
    }

    /** Throws anything, as other languages on the JVM do. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <T extends Throwable> RuntimeException sneaky(Throwable thrown) throws T {
        throw (T) thrown;
    }

    static Stream<Throwable> throwables() {
        return Stream.of(
                new RuntimeException("runtime"),
                new IOException("checked"),
                new AssertionError("error"),
                new StackOverflowError(),
                new OutOfMemoryError("memory"),
                new InterruptedException(),
                new Throwable("bare"),
                new RuntimeException((String) null),
                new RuntimeException("cause", new IOException()));
    }

    @ParameterizedTest
    @MethodSource("throwables")
    void comesOutAsTheCause(Throwable thrown) {
        defineThrowing("fail", thrown);
        for (int i = 0; i < 3; i++) {
            LuaException e = Raised.by(lua, "local function f() fail() end f()");
            assertSame(thrown, e.getCause());
            assertSame(thrown, e.value());
            assertEquals(thrown.toString(), e.getMessage());
            assertEquals(Kind.RUNTIME, e.kind());
            assertTrue(e.traceback().orElseThrow().contains("'fail'"));
        }
    }

    @ParameterizedTest
    @MethodSource("throwables")
    void isTheSameObjectToPcall(Throwable thrown) {
        defineThrowing("fail", thrown);
        LuaValues results =
                lua.eval("local ok, e = pcall(fail) return ok, e, type(e), tostring(e)");
        assertEquals(false, results.asBoolean());
        assertSame(thrown, results.get(1));
        assertEquals(List.of("userdata", thrown.toString()), results.subList(2, 4));
    }

    @Test
    void isTheSameObjectWhenLuaRaisesItAgain() {
        IOException thrown = new IOException("first");
        defineThrowing("fail", thrown);
        LuaException e =
                Raised.by(
                        lua,
                        """
                        local ok, a = pcall(fail)
                        local ok, b = pcall(fail)
                        assert(rawequal(a, b))
                        error(a)
                        """);
        assertSame(thrown, e.getCause());
        assertSame(thrown, e.value());
    }

    @Test
    void passesThroughAsManyCallsAsThereAre() {
        RuntimeException thrown = new RuntimeException("deep");
        defineThrowing("fail", thrown);
        LuaFunction descend =
                lua.eval(
                                """
                                function descend(n)
                                    if n == 0 then fail() end
                                    again(n - 1)
                                end
                                return descend
                                """)
                        .asFunction();
        lua.globals().set("again", arguments -> descend.call(arguments.asLong()));
        LuaException e = assertThrows(LuaException.class, () -> descend.call(10));
        assertSame(thrown, e.getCause());
        assertSame(thrown, e.value());
    }

    @Test
    void canBeHandedToJavaFunctions() {
        IOException thrown = new IOException();
        defineThrowing("fail", thrown);
        lua.globals().set("message", arguments -> arguments.as(IOException.class, 0).toString());
        assertEquals(
                thrown.toString(),
                lua.eval("local _, e = pcall(fail) return message(e)").asString());
        assertSame(thrown, lua.eval("return ...", thrown).get(0));
    }

    @Test
    void nothingOfAnExceptionCanBeReachedFromLua() {
        defineThrowing("fail", new IOException());
        assertEquals(
                List.of(false, false, false),
                lua.eval(
                        """
                        local _, e = pcall(fail)
                        return getmetatable(e), (pcall(function() return e.message end)),
                            (pcall(function() e.message = 1 end))
                        """));
    }

    @Test
    void aLuaExceptionRaisesItsValue() {
        LuaException thrown = new LuaException("reason");
        defineThrowing("fail", thrown);
        assertEquals(List.of(false, "reason"), lua.eval("return pcall(fail)"));
        LuaException e = Raised.by(lua, "fail()");
        assertEquals("reason", e.getMessage());
        assertEquals("reason", e.value());
        assertSame(thrown, e.getCause());
        assertEquals(Kind.RUNTIME, e.kind());
    }

    static Stream<@Nullable Object> values() {
        return Stream.of(null, true, false, 42L, 0.5, "text", "ä\0", "x".repeat(100_000));
    }

    @ParameterizedTest
    @MethodSource("values")
    void aLuaExceptionCanRaiseAnyValue(@Nullable Object value) {
        defineThrowing("fail", LuaException.of(value));
        LuaValues results = lua.eval("return pcall(fail)");
        assertEquals(2, results.size());
        assertEquals(value, results.get(1));
        assertEquals(value, Raised.by(lua, "fail()").value());
    }

    @Test
    void aLuaExceptionCanRaiseATable() {
        LuaTable t =
                lua.eval(
                                "return setmetatable({code = 7}, {__tostring = function() return 'seven' end})")
                        .asTable();
        defineThrowing("fail", LuaException.of(t));
        assertEquals(7, lua.eval("return select(2, pcall(fail)).code").asLong());
        LuaException e = Raised.by(lua, "fail()");
        assertEquals(t, e.value());
        assertEquals("seven", e.getMessage());
    }

    @Test
    void aLuaExceptionOfBytesRaisesThem() {
        byte[] bytes = {'a', (byte) 0xff};
        defineThrowing("fail", LuaException.of(bytes));
        assertArrayEquals(
                bytes, assertInstanceOf(byte[].class, lua.eval("return pcall(fail)").get(1)));
    }

    @Test
    void anErrorOfLuasThatAJavaFunctionLetsThroughStaysWhatItIs() {
        lua.globals().set("run", arguments -> lua.eval(arguments.asString()));
        assertEquals(
                List.of(false, 7L),
                lua.eval("local ok, e = pcall(run, 'error({code = 7})') return ok, e.code"));
        LuaException e = Raised.by(lua, "run('error(\"reason\", 0)')");
        assertEquals("reason", e.getMessage());
        assertEquals("reason", e.value());
    }

    @Test
    void anErrorOfAnotherStatesIsAnObjectHere() {
        try (Lua other = Lua.create()) {
            lua.globals().set("run", arguments -> other.eval("error({})"));
            LuaException e = Raised.by(lua, "run()");
            LuaException cause = assertInstanceOf(LuaException.class, e.getCause());
            assertInstanceOf(LuaTable.class, cause.value());
            assertSame(cause, e.value());
        }
    }

    @Test
    void aResultWithoutACounterpartIsAnError() {
        Object stranger = new Object();
        lua.globals().set("f", arguments -> stranger);
        lua.globals().set("several", arguments -> LuaValues.of(1, stranger));
        LuaException e = Raised.by(lua, "f()");
        assertInstanceOf(IllegalArgumentException.class, e.getCause());
        assertEquals(
                "java.lang.IllegalArgumentException: value has no counterpart in Lua: index=0,"
                        + " class=java.lang.Object",
                e.getMessage());
        assertInstanceOf(IllegalArgumentException.class, Raised.by(lua, "several()").getCause());
    }

    @Test
    void anErrorValueWithoutACounterpartIsAnErrorThatSaysSo() {
        defineThrowing("fail", LuaException.of(new Object()));
        LuaException e = Raised.by(lua, "fail()");
        assertTrue(
                e.getMessage()
                        .endsWith(
                                "value has no counterpart in Lua: index=0,"
                                        + " class=java.lang.Object"),
                e.getMessage());
    }

    @Test
    void aClosedOrForeignHandleCannotBeReturned() {
        LuaTable closed = lua.newTable();
        closed.close();
        lua.globals().set("f", arguments -> closed);
        assertInstanceOf(IllegalStateException.class, Raised.by(lua, "f()").getCause());
        try (Lua other = Lua.create()) {
            LuaTable t = other.newTable();
            lua.globals().set("g", arguments -> t);
            assertInstanceOf(IllegalArgumentException.class, Raised.by(lua, "g()").getCause());
            assertThrows(IllegalArgumentException.class, () -> lua.eval("", t));
        }
    }

    @Test
    void anExceptionThatCannotBeShownGivesWayToWhatThatThrows() {
        RuntimeException thrown =
                new RuntimeException() {
                    private static final long serialVersionUID = 1;

                    @Override
                    public String getMessage() {
                        throw new IllegalStateException("no message");
                    }
                };
        defineThrowing("fail", thrown);
        assertSame(thrown, lua.eval("return pcall(fail)").get(1));
        LuaException e = Raised.by(lua, "fail()");
        assertInstanceOf(IllegalStateException.class, e.getCause());
        assertSame(e.getCause(), e.value());
    }

    /** Answers to nothing. */
    private static final class Mute {
        @Override
        public boolean equals(@Nullable Object other) {
            throw new IllegalStateException("no equals");
        }

        @Override
        public int hashCode() {
            throw new IllegalStateException("no hash");
        }

        @Override
        public String toString() {
            throw new IllegalStateException("no text");
        }
    }

    private static final LuaType<Mute> MUTE =
            LuaType.builder(Mute.class).metamethod("__tostring", (mute, none) -> "mute").build();

    @Test
    void anObjectThatIsRaisedIsAskedNothing() {
        lua.register(MUTE);
        Mute mute = new Mute();
        defineThrowing("mute", LuaException.of(mute));
        LuaException e = Raised.by(lua, "mute()");
        assertSame(mute, e.value());
        assertEquals("mute", e.getMessage());
        assertInstanceOf(LuaException.class, e.getCause());
        IOException thrown = new IOException();
        defineThrowing("fail", thrown);
        assertSame(thrown, Raised.by(lua, "pcall(mute) fail()").getCause());
    }

    @Test
    void anObjectOfAnotherTypeIsNamedThoughItCannotBeShown() {
        lua.register(MUTE);
        Mute mute = new Mute();
        LuaValues values = lua.eval("return ...", mute);
        for (Executable read :
                List.<Executable>of(
                        values::asLong,
                        () -> lua.eval("return {n = ...}", mute).asTable().getLong("n"),
                        () -> lua.eval("return {...}", mute).asTable().toList(long.class),
                        () -> lua.eval("return {...}", mute).asTable().toArray(long[].class))) {
            var e = assertThrows(ClassCastException.class, read);
            assertSays(Mute.class.getName(), e);
        }
    }

    @Test
    void aRealStackOverflowInAFunctionIsTheCause() {
        lua.globals().set("fail", arguments -> endless(0));
        for (int i = 0; i < 3; i++) {
            assertInstanceOf(StackOverflowError.class, Raised.by(lua, "fail()").getCause());
        }
    }

    @SuppressWarnings("InfiniteRecursion") // until the stack ends
    private static long endless(long depth) {
        return 1 + endless(depth + 1);
    }

    /** A jump across Java's frames would be found here: the collector walks the stack. */
    @Test
    void javasGarbageMayBeCollectedAfterErrorsCrossed() {
        int[] calls = new int[1];
        lua.globals()
                .set(
                        "fail",
                        arguments -> {
                            if (calls[0]++ % 50 == 0) {
                                System.gc();
                            }
                            if (arguments.asLong() > 0) {
                                lua.eval("pcall(fail, ...) fail(...)", arguments.asLong() - 1);
                            }
                            throw new IOException("n=" + calls[0]);
                        });
        for (int i = 0; i < 50; i++) {
            assertInstanceOf(IOException.class, Raised.by(lua, "fail(4)").getCause());
        }
        assertTrue(calls[0] > 500, () -> "calls=" + calls[0]);
    }
}
