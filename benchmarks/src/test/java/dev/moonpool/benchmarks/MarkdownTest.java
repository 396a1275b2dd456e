package dev.moonpool.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class MarkdownTest {
    private static Measured figure(String method, double nanos) {
        return Measured.of("dev.moonpool.benchmarks." + method, nanos, 0.125);
    }

    @Test
    void comparesTheRowsOfATableWithItsBaselineTheFastestFirst() {
        String text =
                Markdown.of(
                        List.of(
                                figure("Border.downcall", 6),
                                figure("Border.downcallCritical", 3)));
        assertEquals(
                """
                ### The border: one call there and back

                | | ns/op | error | times as fast |
                |---|---:|---:|---:|
                | critical downcall | 3.00 | ±0.13 | 2.0 |
                | downcall | 6.00 | ±0.13 | 1.0 |

                """,
                text);
    }

    @Test
    void leavesOutWhatWasNotMeasured() {
        Measured upcall = Measured.of("dev.moonpool.benchmarks.Border.upcall", 9, Double.NaN);
        assertEquals(
                """
                ### The border: one call there and back

                | | ns/op | error | times as fast |
                |---|---:|---:|---:|
                | upcall | 9.00 |  |  |

                """,
                Markdown.of(List.of(upcall)));
    }

    @Test
    void makesATableForEachClass() {
        String text = Markdown.of(List.of(figure("Border.upcall", 9), figure("Grow.bump", 1)));
        assertEquals(2, text.lines().filter(line -> line.startsWith("### ")).count());
    }

    @Test
    void endsWithTheRatiosThatMatterMost() {
        String text =
                Markdown.of(
                        List.of(
                                figure("Allocate.bump", 1),
                                figure("Allocate.slicingSegment", 8.5),
                                figure("Allocate.malloc", 16)));
        assertEquals(
                List.of(
                        "- BumpAllocator, to an address: 16.0 times as fast as malloc + free, downcalls;"
                                + " the goal is 10.",
                        "- BumpAllocator, to an address: 8.5 times as fast as JDK slicingAllocator,"
                                + " to a MemorySegment; the goal is 4."),
                text.lines().filter(line -> line.startsWith("- ")).toList());
    }

    @Test
    void goalsAreWrittenAsTheyAre() {
        String text =
                Markdown.of(
                        List.of(
                                figure("OneAllocation.inner", 20),
                                figure("OneAllocation.confined", 40)));
        assertTrue(text.contains(": 2.0 times as fast as"), text);
        assertTrue(text.contains("; the goal is 1.5."), text);
    }
}
