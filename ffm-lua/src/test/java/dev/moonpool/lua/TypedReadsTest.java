package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads of Lua values as the types that somebody wants. */
class TypedReadsTest {

    private static LuaValues eval(String source) {
        try (Lua lua = Lua.create()) {
            return lua.eval(source);
        }
    }

    @Test
    void readAsTheirTypes() {
        LuaValues results = eval("return true, false, 7, 0.5, 'text'");
        assertTrue(results.asBoolean());
        assertFalse(results.asBoolean(1));
        assertEquals(7, results.asLong(2));
        assertEquals(0.5, results.asDouble(3));
        assertEquals("text", results.asString(4));
        assertArrayEquals(new byte[] {'t', 'e', 'x', 't'}, results.asBytes(4));
    }

    @Test
    void withoutIndexTheFirstIsRead() {
        assertEquals(1, eval("return 1, 2").asLong());
        assertEquals(1.5, eval("return 1.5, 2").asDouble());
        assertEquals("a", eval("return 'a', 2").asString());
        assertArrayEquals(new byte[] {'a'}, eval("return 'a', 2").asBytes());
    }

    @ParameterizedTest
    @CsvSource({"3.0, 3", "-0.0, 0", "2^53, 9007199254740992", "-2^63, -9223372036854775808"})
    void floatsThatAreWholeReadAsIntegers(String number, long expected) {
        assertEquals(expected, eval("return " + number).asLong());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.5", "2^63", "-2^63 * 2", "1/0", "-1/0", "0/0"})
    void floatsThatAreNoIntegersDoNot(String number) {
        LuaValues results = eval("return " + number);
        assertThrows(ClassCastException.class, results::asLong);
    }

    @Test
    void integersReadAsDoublesAreRounded() {
        assertEquals(0x1p53, eval("return (1 << 53) + 1").asDouble());
    }

    @ParameterizedTest
    @CsvSource({
        "nil, nil",
        "true, true",
        "1, 1",
        "0.5, 0.5",
        "'''1''', 1",
    })
    void nothingIsConverted(String value, String shown) {
        LuaValues results = eval("return 0, " + value);
        if (!value.equals("true")) {
            assertMismatch("a boolean", shown, () -> results.asBoolean(1));
        }
        if (!value.equals("1")) {
            assertMismatch("an integer", shown, () -> results.asLong(1));
        }
        if (!value.equals("1") && !value.equals("0.5")) {
            assertMismatch("a number", shown, () -> results.asDouble(1));
        }
        if (!value.startsWith("'")) {
            assertMismatch("a string", shown, () -> results.asString(1));
            assertMismatch("a string", shown, () -> results.asBytes(1));
        }
    }

    private static void assertMismatch(String wanted, String shown, Executable read) {
        assertEquals(
                "value is not %s: index=1, value=%s".formatted(wanted, shown),
                assertThrows(ClassCastException.class, read).getMessage());
    }

    @Test
    void whatIsNotThereCannotBeRead() {
        LuaValues none = eval("");
        assertThrows(IndexOutOfBoundsException.class, none::asLong);
        assertThrows(IndexOutOfBoundsException.class, none::asString);
        LuaValues one = eval("return 1");
        assertThrows(IndexOutOfBoundsException.class, () -> one.asLong(1));
        assertThrows(IndexOutOfBoundsException.class, () -> one.asDouble(-1));
    }

    @Test
    void cannotBeChanged() {
        LuaValues results = eval("return 'text', nil");
        assertThrows(UnsupportedOperationException.class, () -> results.set(0, "other"));
        assertThrows(UnsupportedOperationException.class, () -> results.add("other"));
        assertThrows(UnsupportedOperationException.class, results::clear);
        results.asBytes()[0] = 'n';
        assertEquals("text", results.asString());
    }
}
