package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.moonpool.lua.LuaException.Kind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an exception tells of the error: its kind, its value, whether more input would mend it. */
class LuaExceptionTest extends StateTestCase {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "for i = 1, 2 do",
                "x =",
                "x = {",
                "f(",
                "return function()",
                "if x then",
                "repeat",
                "local function f(a,",
            })
    void aChunkThatCouldGoOnIsIncomplete(String source) {
        LuaException e = Raised.by(lua, source);
        assertEquals(Kind.SYNTAX, e.kind());
        assertTrue(e.isIncomplete(), e.getMessage());
        assertTrue(assertThrows(LuaException.class, () -> lua.load(source)).isIncomplete());
    }

    @ParameterizedTest
    @ValueSource(strings = {"x = = 1", "end", "goto nowhere", "return return", "x = }"})
    void aChunkThatIsWrongIsNotIncomplete(String source) {
        LuaException e = Raised.by(lua, source);
        assertEquals(Kind.SYNTAX, e.kind());
        assertFalse(e.isIncomplete(), e.getMessage());
    }

    @Test
    void anErrorThatOnlyReadsAsIfIsNotIncomplete() {
        LuaException e = Raised.by(lua, "error('near <eof>', 0)");
        assertEquals("near <eof>", e.getMessage());
        assertFalse(e.isIncomplete());
    }

    /** A message of its own, and the value as it was raised. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {"42; 42", "1.5; 1.5", "true; true", "false; false", "'text', 0; text"})
    void theValueIsWhatWasRaised(String object, String shown) {
        assertEquals(shown, String.valueOf(Raised.by(lua, "error(" + object + ")").value()));
    }

    @Test
    void theValueKeepsItsType() {
        assertEquals(42L, Raised.by(lua, "error(42)").value());
        assertEquals(1.0, Raised.by(lua, "error(1.0)").value());
        assertEquals(true, Raised.by(lua, "error(true)").value());
        assertNull(Raised.by(lua, "error(nil)").value());
        assertInstanceOf(byte[].class, Raised.by(lua, "error('\\xff', 0)").value());
        assertInstanceOf(LuaFunction.class, Raised.by(lua, "error(print)").value());
        LuaTable t = assertInstanceOf(LuaTable.class, Raised.by(lua, "error({code = 7})").value());
        assertEquals(7, t.getLong("code"));
    }

    @Test
    void aValueThatIsATableIsGoodAsLongAsItsStateIsOpen() {
        LuaTable t;
        try (Lua other = Lua.create()) {
            t = assertInstanceOf(LuaTable.class, Raised.by(other, "error({1})").value());
            assertEquals(1, t.length());
        }
        assertThrows(IllegalStateException.class, t::length);
    }

    @Test
    void aSyntaxErrorsValueIsItsMessage() {
        LuaException e = Raised.by(lua, "x = = 1");
        assertEquals(e.getMessage(), e.value());
    }

    @Test
    void aHugeMessageIsNotCut() {
        String text = "x".repeat(1 << 20);
        LuaException e = Raised.by(lua, "error(..., 0)", text);
        assertEquals(text, e.getMessage());
        assertEquals(text, e.value());
        assertTrue(e.traceback().isPresent());
    }

    @Test
    void aMessageTravelsThroughTheSmallestFrame() {
        try (Lua small = Lua.builder().layout(Layouts.withIo(Layouts.SMALLEST_IO)).build()) {
            for (int length = 0; length < 1100; length += 10) {
                String text = "x".repeat(length);
                LuaException e =
                        Raised.by(
                                small,
                                "local s = ... local function f() error(s, 0) end f()",
                                text);
                assertEquals(text, e.getMessage());
                assertEquals(text, e.value());
                assertTrue(e.traceback().orElseThrow().endsWith("[C]: in ?"));
            }
        }
    }

    /** The frame is read anew for what it had no room for, but the error's table is held once. */
    @Test
    void anErrorWithALongMessageLeavesNothingBehind() {
        try (Lua small = Lua.builder().layout(Layouts.withIo(Layouts.SMALLEST_IO)).build()) {
            LuaFunction raise =
                    small.eval(
                                    """
                                    local meta = {__tostring = function(t) return ('x'):rep(t[1]) end}
                                    return function(n) error(setmetatable({n}, meta)) end
                                    """)
                            .asFunction();
            Set<Long> blocks = new HashSet<>();
            for (int round = 0; round < 3; round++) {
                for (int length = 1; length < Layouts.SMALLEST_IO; length++) {
                    int n = length;
                    LuaException e = assertThrows(LuaException.class, () -> raise.call(n));
                    assertEquals("x".repeat(n), e.getMessage());
                    assertInstanceOf(LuaTable.class, e.value()).close();
                }
                small.collectGarbage();
                if (round > 0) { // by then, everything has the room that it needs
                    blocks.add(small.statistics().blocks());
                }
            }
            assertEquals(1, blocks.size(), blocks.toString());
        }
    }

    @Test
    void anErrorInErrorHandlingIsOfThatKind() {
        LuaException e =
                Raised.by(
                        lua,
                        """
                        local function handler(e) error(e) end
                        local ok, e = xpcall(error, handler, 'x')
                        local t = setmetatable({}, {__tostring = function(t) error(t) end})
                        error(t)
                        """);
        assertTrue(e.kind() == Kind.ERROR_HANDLING || e.kind() == Kind.RUNTIME, e::toString);
    }

    @Test
    void anErrorOfMemoryHasNoTraceback() {
        try (Lua small = Lua.builder().maxMemory(1 << 20).build()) {
            LuaException e = Raised.by(small, "return ('x'):rep(1 << 20)");
            assertEquals(Kind.MEMORY, e.kind());
            assertEquals("not enough memory", e.value());
            assertEquals(Optional.empty(), e.traceback());
        }
    }

    @Test
    void oneThatWasMadeInJavaIsOfRuntimeKind() {
        LuaException e = new LuaException("reason");
        assertEquals("reason", e.getMessage());
        assertEquals("reason", e.value());
        assertEquals(Kind.RUNTIME, e.kind());
        assertEquals(Optional.empty(), e.traceback());
        assertFalse(e.isIncomplete());
        assertEquals(42, LuaException.of(42).value());
    }

    @Test
    void oneThatWasSerializedKeepsAllButItsValue() throws IOException, ClassNotFoundException {
        LuaException e = Raised.by(lua, "error({})");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(e);
        }
        try (ObjectInputStream in =
                new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            LuaException copy = assertInstanceOf(LuaException.class, in.readObject());
            assertEquals(e.getMessage(), copy.getMessage());
            assertEquals(e.kind(), copy.kind());
            assertEquals(e.traceback(), copy.traceback());
            assertNull(copy.value());
        }
    }
}
