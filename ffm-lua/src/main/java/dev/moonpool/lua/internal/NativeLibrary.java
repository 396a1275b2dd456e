package dev.moonpool.lua.internal;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Loads the native library from the class or module path: META-INF/native/&lt;os&gt;-&lt;arch&gt;/.
 *
 * <p>A system's loader wants a file, so the library is copied to a temporary one, which is removed
 * as soon as the system allows.
 */
final class NativeLibrary {
    private static final String NAME = System.mapLibraryName("moonpool");

    private NativeLibrary() {}

    private static boolean loaded;

    /**
     * Loads the library; loading it again does nothing.
     *
     * @throws UnsatisfiedLinkError if there is none for this system, or it cannot be unpacked
     */
    static synchronized void load() {
        if (!loaded) {
            copyAndLoad();
            loaded = true;
        }
    }

    @SuppressWarnings("restricted") // the one library that this module is made for
    private static void copyAndLoad() {
        String resource = "META-INF/native/" + platform() + "/" + NAME;
        URL url = NativeLibrary.class.getClassLoader().getResource(resource);
        if (url == null) {
            throw new UnsatisfiedLinkError("no native library for this system: " + resource);
        }
        try {
            Path directory = Files.createTempDirectory("moonpool");
            Path file = directory.resolve(NAME);
            try (InputStream in = url.openStream()) {
                Files.copy(in, file);
                System.load(file.toString());
            } finally {
                remove(file);
                remove(directory);
            }
        } catch (IOException e) {
            UnsatisfiedLinkError error =
                    new UnsatisfiedLinkError(
                            "cannot unpack the native library into java.io.tmpdir: " + e);
            error.initCause(e);
            throw error;
        }
    }

    /** Where a library in use cannot be removed, the end of the JVM does it. */
    private static void remove(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            path.toFile().deleteOnExit();
        }
    }

    /** As the native build names the folder. */
    private static String platform() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        String osName =
                os.startsWith("mac") ? "macos" : os.startsWith("windows") ? "windows" : "linux";
        String archName =
                switch (arch) {
                    case "amd64", "x86_64" -> "x86_64";
                    case "aarch64", "arm64" -> "aarch64";
                    default -> arch;
                };
        return osName + "-" + archName;
    }
}
