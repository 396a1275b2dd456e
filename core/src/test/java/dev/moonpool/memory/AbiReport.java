package dev.moonpool.memory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the C compiler said of the types that both sides use, a line each:
 *
 * <pre>
 *     constant NAME VALUE
 *     struct   NAME SIZE ALIGNMENT
 *     field    STRUCT NAME OFFSET SIZE
 * </pre>
 */
record AbiReport(List<List<String>> lines) {

    static AbiReport read() {
        Path file = NativeBuild.file("abi-report.txt");
        try (var lines = Files.lines(file)) {
            return new AbiReport(lines.map(line -> List.of(line.split(" "))).toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long constant(String name) {
        return Long.parseLong(rest("constant", name).get(0));
    }

    Extent struct(String name) {
        return Extent.of(rest("struct", name));
    }

    /** {@return the fields of a struct in its order; for each its offset and size} */
    Map<String, Extent> fields(String struct) {
        Map<String, Extent> fields = new LinkedHashMap<>();
        for (List<String> line : lines) {
            if (line.subList(0, 2).equals(List.of("field", struct))) {
                fields.put(line.get(2), Extent.of(line.subList(3, line.size())));
            }
        }
        return fields;
    }

    private List<String> rest(String kind, String name) {
        return lines.stream()
                .filter(line -> line.subList(0, 2).equals(List.of(kind, name)))
                .map(line -> line.subList(2, line.size()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("the report has no " + kind + " " + name));
    }

    /** A struct's size and alignment, or a field's offset and size. */
    record Extent(long first, long second) {
        static Extent of(List<String> numbers) {
            return new Extent(Long.parseLong(numbers.get(0)), Long.parseLong(numbers.get(1)));
        }
    }
}
