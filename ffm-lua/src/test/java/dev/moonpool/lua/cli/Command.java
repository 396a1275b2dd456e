package dev.moonpool.lua.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The command in a process of its own, as the launcher starts it.
 *
 * @param folder where it runs
 * @param jvmOptions options of Java's
 * @param environment added variables; what the tests' own says about Lua is not passed on
 * @param input its standard input
 */
record Command(
        Path folder, List<String> jvmOptions, Map<String, String> environment, String input) {
    private static final String NAME = "moonpool";
    private static final long PATIENCE_SECONDS = 120; // for a process that does not end

    static Command in(Path folder) {
        return new Command(folder, List.of(), Map.of(), "");
    }

    Command with(String... options) {
        return new Command(folder, List.of(options), environment, input);
    }

    Command where(Map<String, String> variables) {
        return new Command(folder, jvmOptions, variables, input);
    }

    Command reading(String text) {
        return new Command(folder, jvmOptions, environment, text);
    }

    /** Runs it to its end. */
    Outcome run(String... arguments) {
        try {
            Path in = Files.writeString(Files.createTempFile(folder, "in", ""), input);
            Path out = Files.createTempFile(folder, "out", "");
            Path err = Files.createTempFile(folder, "err", "");
            ProcessBuilder builder =
                    new ProcessBuilder(line(arguments))
                            .directory(folder.toFile())
                            .redirectInput(in.toFile())
                            .redirectOutput(out.toFile())
                            .redirectError(err.toFile());
            builder.environment().keySet().removeIf(name -> name.startsWith("LUA_"));
            builder.environment().remove("JAVA_TOOL_OPTIONS"); // Java says so on stderr
            builder.environment().put("LC_ALL", "C.UTF-8");
            builder.environment().putAll(environment);
            Process process = builder.start();
            boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
            process.destroyForcibly();
            assertTrue(ended, () -> "did not end: " + List.of(arguments));
            return new Outcome(process.exitValue(), Files.readString(out), Files.readString(err));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<String> line(String... arguments) {
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        line.addAll(jvmOptions);
        line.add("--enable-native-access=dev.moonpool.memory,dev.moonpool.lua");
        line.add("-Dmoonpool.command=" + NAME);
        line.addAll(List.of("--add-modules", "info.picocli"));
        line.addAll(List.of("-p", System.getProperty("jdk.module.path")));
        line.addAll(List.of("-m", "dev.moonpool.lua/" + Main.class.getName()));
        line.addAll(List.of(arguments));
        return line;
    }
}
