package dev.moonpool.memory;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What Linux says of this process; a test that needs it is skipped elsewhere. */
final class ProcFiles {
    private ProcFiles() {}

    /** {@return how many mappings the process has} */
    static long mappings() {
        return lines("maps").size();
    }

    /** {@return the bytes of memory that the process has} */
    static long residentByteSize() {
        String line =
                lines("status").stream()
                        .filter(l -> l.startsWith("VmRSS:"))
                        .findFirst()
                        .orElseThrow();
        return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
    }

    /** {@return whether there is memory at the address} */
    static boolean isMapped(long address) {
        return lines("maps").stream()
                .map(Mapping::of)
                .anyMatch(m -> m.start() <= address && address < m.end());
    }

    /** {@return the permissions of what lies behind the mapping around the address: rw-p, ...} */
    static String permissionsBehind(long address) {
        List<Mapping> mappings = lines("maps").stream().map(Mapping::of).toList();
        long end =
                mappings.stream()
                        .filter(m -> m.start() <= address && address < m.end())
                        .findFirst()
                        .orElseThrow()
                        .end();
        return mappings.stream()
                .filter(m -> m.start() == end)
                .map(Mapping::permissions)
                .findFirst()
                .orElse("nothing");
    }

    /** A line such as {@code 7f00-8f00 rw-p 00000000 00:00 0}. */
    private record Mapping(long start, long end, String permissions) {
        static Mapping of(String line) {
            String[] parts = line.split("[ -]", 4);
            return new Mapping(
                    Long.parseUnsignedLong(parts[0], 16),
                    Long.parseUnsignedLong(parts[1], 16),
                    line.split(" ", 3)[1]);
        }
    }

    private static List<String> lines(String name) {
        Path file = Path.of("/proc/self", name);
        assumeTrue(Files.isReadable(file), () -> "this system has no " + file);
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
