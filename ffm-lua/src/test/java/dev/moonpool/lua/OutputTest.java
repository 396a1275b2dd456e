package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where what Lua writes comes among what Java does, if that is no terminal. */
class OutputTest {
    private static final long PATIENCE_SECONDS = 60;

    @TempDir private Path folder;

    private String output(String... arguments) {
        return ChildJvm.run(
                        folder,
                        OutputProgram.class,
                        PATIENCE_SECONDS,
                        List.of(),
                        List.of(arguments))
                .output();
    }

    @Test
    void printComesInTurnAndIoWriteWhenItsBufferIsWritten() {
        assertEquals(
                """
                1 Java
                2 print
                3 Java
                5 Java
                4 io.write
                6 Java
                7 io.write
                8 print
                9 Java
                11 Java
                10 io.write
                """,
                output());
    }

    @Test
    void withoutABufferAllComesInTurn() {
        assertEquals(
                """
                1 Java
                2 print
                3 Java
                4 io.write
                5 Java
                6 Java
                7 io.write
                8 print
                9 Java
                10 io.write
                11 Java
                """,
                output("io.stdout:setvbuf('no')"));
    }
}
