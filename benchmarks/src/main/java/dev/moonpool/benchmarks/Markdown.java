package dev.moonpool.benchmarks;

import java.math.BigDecimal;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Writes figures as Markdown: their tables, then the ratios that matter most. */
final class Markdown {
    /**
     * How many times as fast as another benchmark one is.
     *
     * @param fast its class and method
     * @param slow the other's
     * @param goal what the ratio should be at least; 0 if nothing was said about it
     */
    private record Ratio(String fast, String slow, double goal) {}

    private static final List<Ratio> RATIOS =
            List.of(
                    new Ratio("Allocate.bump", "Allocate.malloc", 10),
                    new Ratio("Allocate.bump", "Allocate.slicingSegment", 4),
                    new Ratio("Allocate.bump", "Allocate.slicing", 0),
                    new Ratio("ReplaceOne.pool", "ReplaceOne.malloc", 6),
                    new Ratio("RandomReplace.pool", "RandomReplace.malloc", 2),
                    new Ratio("ReplaceOneInC.pool", "ReplaceOneInC.malloc", 1.25),
                    new Ratio("ReplaceOneInC.pool", "ReplaceOneInC.mimalloc", 1),
                    new Ratio("RandomReplaceInC.pool", "RandomReplaceInC.malloc", 1.25),
                    new Ratio("RandomReplaceInC.pool", "RandomReplaceInC.mimalloc", 1),
                    new Ratio("OneAllocation.inner", "OneAllocation.confined", 1.5),
                    new Ratio("SixteenAllocations.inner", "SixteenAllocations.confined", 4));

    private final List<Measured> figures;
    private final StringBuilder text = new StringBuilder();

    private Markdown(List<Measured> figures) {
        this.figures = figures;
    }

    /** {@return the figures' tables, the fastest row of each first, and the ratios} */
    static String of(List<Measured> figures) {
        Markdown markdown = new Markdown(figures);
        figures.stream().map(Measured::table).distinct().forEach(markdown::table);
        RATIOS.forEach(markdown::ratio);
        return markdown.text.toString();
    }

    private void table(String title) {
        List<Measured> rows =
                figures.stream()
                        .filter(row -> row.table().equals(title))
                        .sorted(Comparator.comparingDouble(Measured::nanos))
                        .toList();
        Optional<Measured> baseline = rows.stream().filter(Measured::isBaseline).findFirst();
        line("### " + title);
        line("");
        line("| | ns/op | error | times as fast |");
        line("|---|---:|---:|---:|");
        for (Measured row : rows) {
            String nanos = number("%.2f", row.nanos());
            String error = Double.isNaN(row.error()) ? "" : number("±%.2f", row.error());
            String ratio = baseline.map(slow -> times(row, slow)).orElse("");
            line("| " + String.join(" | ", row.row(), nanos, error, ratio) + " |");
        }
        line("");
    }

    private void ratio(Ratio ratio) {
        Optional<Measured> fast = find(ratio.fast());
        Optional<Measured> slow = find(ratio.slow());
        if (fast.isPresent() && slow.isPresent()) {
            String goal = ratio.goal() == 0 ? "" : "; the goal is " + goal(ratio.goal());
            line(
                    "- %s: %s times as fast as %s%s."
                            .formatted(
                                    fast.get().row(),
                                    times(fast.get(), slow.get()),
                                    slow.get().row(),
                                    goal));
        }
    }

    private Optional<Measured> find(String method) {
        return figures.stream().filter(row -> row.method().equals(method)).findFirst();
    }

    private static String times(Measured fast, Measured slow) {
        return number("%.1f", slow.nanos() / fast.nanos());
    }

    /** Without a fraction where there is none. */
    private static String goal(double goal) {
        return BigDecimal.valueOf(goal).stripTrailingZeros().toPlainString();
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }

    private void line(String line) {
        text.append(line).append('\n');
    }
}
