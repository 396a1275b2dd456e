package dev.moonpool.lua.internal;

import static java.util.stream.Collectors.toCollection;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds the checked-in bindings against what the C compiler says, so that stale ones are found. */
class BindingsTest {
    private static final Path SYMBOLS = Path.of("src/generated/symbols.args");

    private final AbiReport report = AbiReport.read();

    @BeforeAll
    static void loadWhatTheBindingsBindTo() {
        NativeLibrary.load();
    }

    @Test
    void holdTheConstantsOfTheHeaders() throws IOException {
        assertReported(report.constants(), Bindings.constants(), "constant");
    }

    @Test
    void holdTheSignaturesOfTheFunctions() throws IOException {
        assertReported(report.functions(), Bindings.functions(), "function");
    }

    @Test
    void holdTheLayoutsOfTheStructs() throws IOException {
        for (String struct : symbols("struct")) {
            assertEquals(report.structs().get(struct), Bindings.struct(struct), struct);
            assertEquals(report.fields(struct), Bindings.fields(struct), struct);
        }
    }

    /** Types have no values or symbols to report; these are what the headers declare. */
    @Test
    void holdTheTypesOfTheFunctionPointers() throws IOException {
        Map<String, String> declared =
                Map.of(
                        "lua_Alloc", "p(ppjj)",
                        "mp_exit_hook", "v(pii)",
                        "mp_invoke", "p(jjpj)",
                        "mp_discard", "v(jj)");
        assertEquals(declared.keySet(), symbols("typedef"));
        declared.forEach(
                (type, signature) -> assertEquals(signature, Bindings.functionPointer(type), type));
    }

    @Test
    void cannotBeHeldAgainstAReportThatIsMissing(@TempDir Path empty) {
        assertThrows(UncheckedIOException.class, () -> AbiReport.read(empty));
    }

    private static void assertReported(
            Map<String, String> reported, Map<String, String> bound, String kind)
            throws IOException {
        assertEquals(symbols(kind), new TreeSet<>(bound.keySet()));
        bound.forEach((name, value) -> assertEquals(reported.get(name), value, name));
    }

    /** {@return the names of a kind that the bindings were asked to hold} */
    private static Set<String> symbols(String kind) throws IOException {
        String option = "--include-" + kind + " ";
        try (Stream<String> lines = Files.lines(SYMBOLS)) {
            return lines.filter(line -> line.startsWith(option))
                    .map(line -> line.substring(option.length()).strip())
                    .collect(toCollection(TreeSet::new));
        }
    }
}
