package dev.moonpool.lua.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What became of a command.
 *
 * @param code its exit code
 * @param out what it wrote on stdout
 * @param err what it wrote on stderr
 */
record Outcome(int code, String out, String err) {
    private static final Pattern MEMBER = Pattern.compile("\"(\\w+)\":(\\d+)(?![.\\d])");

    /** A kind of Lua, with its requests, and what is live of it where that is known. */
    private static final String KIND =
            "\"\\w+\":\\{\"requests\":\\d+,\"bytes\":\\d+"
                    + "(,\"blocks\":\\d+,\"liveBytes\":\\d+)?}";

    /** All at once, so that a failure shows all of it. */
    void assertIs(int code, String out, String err) {
        assertEquals(new Outcome(code, out, err), this);
    }

    void assertPrints(String out) {
        assertIs(0, out, "");
    }

    /** Asserts that it failed and said why in a line, which starts so. */
    void assertFailsWithALine(String start) {
        assertEquals(1, code, err);
        assertEquals("", out);
        assertTrue(err.startsWith("moonpool: " + start), err);
        assertEquals(err.length() - 1, err.indexOf('\n'), err);
    }

    /** Asserts that it failed whatever it printed, with a line that starts so. */
    void assertSaysAtTheEnd(String start) {
        assertEquals(1, code, err);
        assertEquals(
                1,
                errorLines().stream().filter(line -> line.startsWith("moonpool: ")).count(),
                err);
        assertTrue(err.contains("moonpool: " + start), err);
    }

    List<String> errorLines() {
        return err.lines().toList();
    }

    /** {@return a figure of the statistics} */
    long statistic(String name) {
        return Objects.requireNonNull(statistics().get(name), name);
    }

    /** {@return the sum of a figure over the kinds of Lua, in the statistics} */
    long sumOverKinds(String name) {
        Matcher figure = Pattern.compile("\"%s\":(\\d+)".formatted(name)).matcher(kinds());
        return figure.results().mapToLong(found -> Long.parseLong(found.group(1))).sum();
    }

    private String kinds() {
        String line = errorLines().getLast();
        return line.substring(line.indexOf("\"kinds\""));
    }

    /**
     * {@return the members of the JSON object that is the last line of stderr, in their order, but
     * for the kinds and what is no integer}
     */
    Map<String, Long> statistics() {
        String line = errorLines().getLast();
        String kinds = ",\"kinds\":\\{" + KIND + "(," + KIND + ")*}}";
        assertTrue(line.matches("\\{\"\\w+\":\\d+(,\"\\w+\":[\\d.]+)*" + kinds), line);
        Map<String, Long> members = new LinkedHashMap<>();
        Matcher member = MEMBER.matcher(line.replaceFirst(kinds, ""));
        while (member.find()) {
            members.put(member.group(1), Long.valueOf(member.group(2)));
        }
        return members;
    }
}
