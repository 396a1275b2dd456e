package dev.moonpool.lua.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class ByteSizeTest {
    private final ByteSize converter = new ByteSize();

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "16, 16",
        "65536, 65536",
        "512K, 524288",
        "512k, 524288",
        "64M, 67108864",
        "8G, 8589934592",
        "1T, 1099511627776",
        "9223372036854775807, 9223372036854775807",
    })
    void isBytesOrHasAUnit(String text, long expected) {
        assertEquals(expected, converter.convert(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "K",
                "12x",
                "1.5M",
                "0x10",
                "1 K",
                "1KB",
                "100P",
                "9223372036854775808",
                "9007199254740992K",
                "99999999999999999999"
            })
    void orIsNone(String text) {
        var e = assertThrows(TypeConversionException.class, () -> converter.convert(text));
        assertEquals("'" + text + "' is no size; write bytes, or 512K, 64M, 8G", e.getMessage());
    }
}
