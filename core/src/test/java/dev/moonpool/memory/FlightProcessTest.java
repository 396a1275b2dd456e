package dev.moonpool.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Allocators in processes that have Flight Recorder, have it off, or do not have it at all. */
class FlightProcessTest {
    private static final String MODULE = "dev.moonpool.memory";
    private static final long PATIENCE_SECONDS = 120; // for a process that does not end

    /** How the program finds its classes. */
    enum Found {
        ON_THE_CLASS_PATH {
            @Override
            List<String> options() {
                return List.of(
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        rootOf(PoolAllocator.class)
                                + System.getProperty("path.separator")
                                + rootOf(FlightProgram.class),
                        FlightProgram.class.getName());
            }
        },
        ON_THE_MODULE_PATH {
            @Override
            List<String> options() {
                return List.of(
                        "--enable-native-access=" + MODULE,
                        "-p",
                        rootOf(PoolAllocator.class).toString(),
                        "--patch-module",
                        MODULE + "=" + rootOf(FlightProgram.class),
                        "-m",
                        MODULE + "/" + FlightProgram.class.getName());
            }
        };

        abstract List<String> options();
    }

    @TempDir private Path folder;

    /** The folder that a class's package is in. */
    private static Path rootOf(Class<?> type) {
        String name = type.getName().replace('.', '/') + ".class";
        URL file = Objects.requireNonNull(type.getResource("/" + name), name);
        try {
            Path root = Path.of(new URI(file.toString()));
            for (String _ : name.split("/", -1)) {
                root = Objects.requireNonNull(root.getParent());
            }
            return root;
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private String run(Found found, String... options) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(List.of("-Xlog:disable", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        line.addAll(List.of(options));
        line.addAll(found.options());
        ProcessBuilder builder =
                new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().remove("JAVA_TOOL_OPTIONS"); // Java says so on stderr
        Process process = builder.start();
        boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        process.destroyForcibly();
        assertTrue(ended, () -> "did not end: " + line);
        return Files.readString(output).strip();
    }

    @ParameterizedTest
    @EnumSource
    void worksWithoutTheModule(Found found) throws IOException, InterruptedException {
        String modules = found == Found.ON_THE_MODULE_PATH ? "java.base," + MODULE : "java.base";
        assertEquals("absent 100 0", run(found, "--limit-modules", modules));
    }

    @ParameterizedTest
    @EnumSource
    void doesNotStartTheRecorder(Found found) throws IOException, InterruptedException {
        assertEquals("idle 100 0", run(found, "--add-modules", "jdk.jfr"));
    }

    @ParameterizedTest
    @EnumSource
    void isRecordedFromTheCommandLine(Found found) throws IOException, InterruptedException {
        Path file = folder.resolve("events.jfr");
        assertEquals("in-use 100 0", run(found, "-XX:StartFlightRecording:filename=" + file));
        assertEquals(
                Set.of("Grow", "Trim", "Consolidate", "AllocationFailure"),
                RecordingFile.readAllEvents(file).stream()
                        .map(event -> event.getEventType().getName())
                        .filter(name -> name.startsWith("dev.moonpool."))
                        .map(name -> name.substring("dev.moonpool.".length()))
                        .filter(name -> !name.equals("AllocatorStatistics")) // may be too late
                        .collect(Collectors.toSet()));
    }
}
