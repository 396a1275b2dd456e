package dev.moonpool.memory;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;

/** What the native build left for tests. A file that is missing is a failure, never a skip. */
final class NativeBuild {
    private static final String PROPERTY = "moonpool.native.build";

    private NativeBuild() {}

    static Path file(String... names) {
        String folder =
                Objects.requireNonNull(
                        System.getProperty(PROPERTY), "no " + PROPERTY + "; run ./mvnw verify");
        return Stream.of(names)
                .map(name -> Path.of(folder, name))
                .filter(Files::isRegularFile)
                .findFirst()
                .orElseThrow(
                        () ->
                                new AssertionError(
                                        "missing: "
                                                + Path.of(folder, names[0])
                                                + "; run ./mvnw verify, which builds it"));
    }

    /** {@return the host library} */
    static Path mainLibrary() {
        String file = System.mapLibraryName("moonpool");
        return file(file, "Debug/" + file, "Release/" + file);
    }

    static Path library(String name) {
        String file = System.mapLibraryName(name);
        return file("test/" + file, "test/Debug/" + file, "test/Release/" + file);
    }
}
