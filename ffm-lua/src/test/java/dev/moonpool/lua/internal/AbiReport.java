package dev.moonpool.lua.internal;

import static java.util.stream.Collectors.toMap;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What the C compiler said of the types and functions that cross into Java, a line each:
 *
 * <pre>
 *     constant NAME VALUE
 *     struct   NAME SIZE ALIGNMENT
 *     field    STRUCT NAME OFFSET SIZE
 *     function NAME RESULT(PARAMETERS)     a letter per type
 * </pre>
 */
record AbiReport(List<List<String>> lines) {
    private static final String FOLDER = "moonpool.native.build";

    static AbiReport read() {
        String folder =
                Objects.requireNonNull(
                        System.getProperty(FOLDER), "no " + FOLDER + "; run ./mvnw verify");
        return read(Path.of(folder));
    }

    /** A report that is missing is a failure, never a skip. */
    static AbiReport read(Path folder) {
        try (Stream<String> lines = Files.lines(folder.resolve("abi-report.txt"))) {
            return new AbiReport(lines.map(line -> List.of(line.split(" "))).toList());
        } catch (IOException e) {
            throw new UncheckedIOException("run ./mvnw verify, which writes the report", e);
        }
    }

    Map<String, String> constants() {
        return named("constant");
    }

    /** {@return for each struct its size and alignment} */
    Map<String, String> structs() {
        return named("struct");
    }

    /**
     * {@return for each function its signature} Signed and unsigned are the same to Java: "i" and
     * "j".
     */
    Map<String, String> functions() {
        Map<String, String> functions = named("function");
        functions.replaceAll((name, types) -> types.replace('I', 'i').replace('s', 'j'));
        return functions;
    }

    /** {@return for each field of a struct its offset and size} */
    Map<String, String> fields(String struct) {
        return lines.stream()
                .filter(line -> line.subList(0, 2).equals(List.of("field", struct)))
                .collect(toMap(line -> line.get(2), line -> rest(line, 3)));
    }

    private Map<String, String> named(String kind) {
        return lines.stream()
                .filter(line -> line.getFirst().equals(kind))
                .collect(toMap(line -> line.get(1), line -> rest(line, 2)));
    }

    private static String rest(List<String> line, int from) {
        return String.join(" ", line.subList(from, line.size()));
    }
}
