package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Classes are initialised before a call where Java's stack ends can need them. */
class EarlyClassesTest {
    private static final long PATIENCE_SECONDS = 120;

    @TempDir private Path folder;

    @Test
    void noClassIsLostToTheEndOfTheStack() {
        ChildJvm.Outcome outcome =
                ChildJvm.run(
                        folder, EndOfStackProgram.class, PATIENCE_SECONDS, List.of(), List.of());
        assertEquals("end\n", outcome.output());
        assertEquals(0, outcome.status());
    }
}
