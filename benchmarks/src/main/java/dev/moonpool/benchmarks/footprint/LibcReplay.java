package dev.moonpool.benchmarks.footprint;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * glibc's malloc on a trace, in a process of its own: in Java's, others allocate too. The program
 * is replay_libc.c of the native build, which there is only where libc is glibc.
 */
final class LibcReplay {
    /** Names the folder of the native build. */
    private static final String BUILD = "moonpool.native.build";

    private LibcReplay() {}

    /**
     * {@return the most that malloc took from the system for the trace, in bytes; empty where the
     * program is not there}
     *
     * @throws IOException if the program fails; the message is its own
     */
    static OptionalLong footprintOf(Path trace) throws IOException, InterruptedException {
        String build = System.getProperty(BUILD);
        if (build == null) {
            return OptionalLong.empty();
        }
        Path program = Path.of(build, "tools", "replay-libc");
        if (!Files.isExecutable(program)) {
            return OptionalLong.empty();
        }
        Process process =
                new ProcessBuilder(program.toString(), trace.toString())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        if (process.waitFor() != 0) {
            throw new IOException("%s: %s".formatted(program, output));
        }
        return OptionalLong.of(Long.parseLong(output));
    }
}
