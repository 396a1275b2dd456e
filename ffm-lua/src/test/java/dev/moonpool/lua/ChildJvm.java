package dev.moonpool.lua;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** A program among the tests in a JVM of its own, which it may end as it likes. */
public final class ChildJvm {
    private static final String MODULE = "dev.moonpool.lua";

    private ChildJvm() {}

    /**
     * How a program ended.
     *
     * @param status its status, as a shell has it
     * @param output what it wrote, on either stream; behind it what the JVM wrote about a crash
     */
    public record Outcome(int status, String output) {}

    /**
     * Runs a program to its end.
     *
     * @param folder where it may write
     * @param program the class with {@code main}
     * @param patienceSeconds after that it is killed, which is a failure
     * @param options those of the JVM
     * @param arguments those of the program
     */
    public static Outcome run(
            Path folder,
            Class<?> program,
            long patienceSeconds,
            List<String> options,
            List<String> arguments) {
        Path output = folder.resolve("output");
        Path crash = folder.resolve("crash");
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(List.of("-ea", "-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=" + crash));
        line.add("--enable-native-access=dev.moonpool.memory," + MODULE);
        line.addAll(options);
        line.addAll(List.of("-p", System.getProperty("jdk.module.path")));
        line.addAll(List.of("--patch-module", MODULE + "=" + rootOf(program)));
        line.addAll(List.of("-m", MODULE + "/" + program.getName()));
        line.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().remove("JAVA_TOOL_OPTIONS"); // Java says so on stderr
        builder.environment().put("MALLOC_ARENA_MAX", "1"); // else it grows with the threads
        try {
            Process process = builder.start();
            process.getOutputStream().close(); // a script that reads its input would wait for it
            boolean ended = process.waitFor(patienceSeconds, TimeUnit.SECONDS);
            process.destroyForcibly().waitFor();
            String text = new String(Files.readAllBytes(output), UTF_8); // of scripts, too
            assertTrue(ended, () -> "did not end: " + line + "\n" + text);
            return new Outcome(
                    process.exitValue(),
                    Files.exists(crash) ? text + "\n" + Files.readString(crash) : text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The folder that a class's package is in. */
    private static Path rootOf(Class<?> type) {
        String name = type.getName().replace('.', '/') + ".class";
        URL file = Objects.requireNonNull(type.getResource("/" + name), name);
        Path root = Path.of(URI.create(file.toString()));
        for (String _ : name.split("/", -1)) {
            root = Objects.requireNonNull(root.getParent());
        }
        return root;
    }
}
