package dev.moonpool.benchmarks.peers;

import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Writes figures as a Markdown table: a row for each task, a column for each library. */
public final class PeerTable {
    private final Map<Task, Map<Peer, Double>> nanos = new EnumMap<>(Task.class);
    private final Set<Peer> peers = EnumSet.noneOf(Peer.class);
    private final StringBuilder text = new StringBuilder();

    private PeerTable(Collection<Figure> figures) {
        for (Figure figure : figures) {
            peers.add(figure.peer());
            nanos.computeIfAbsent(figure.task(), _ -> new EnumMap<>(Peer.class))
                    .put(figure.peer(), figure.nanos());
        }
    }

    /**
     * {@return the table of what was measured} Its last column says how many times as fast as the
     * baseline the first of the other libraries is.
     */
    public static String of(Collection<Figure> figures) {
        PeerTable table = new PeerTable(figures);
        table.write();
        return table.text.toString();
    }

    private void write() {
        Optional<Peer> subject = peers.stream().filter(peer -> peer != Peer.BASELINE).findFirst();
        String ratios =
                subject.map(fast -> fast.title() + ": times as fast as " + Peer.BASELINE.title())
                        .orElse("");
        text.append("### Java and Lua calling each other: ns\n\n");
        row("|", peers.stream().map(Peer::title), ratios);
        text.append("|---|").append("---:|".repeat(peers.size() + 1)).append('\n');
        nanos.forEach(
                (task, row) ->
                        row(
                                "| " + task.title(),
                                peers.stream().map(peer -> cell(row, peer)),
                                subject.map(fast -> ratio(task, row, fast)).orElse("")));
    }

    private static String cell(Map<Peer, Double> row, Peer peer) {
        return row.containsKey(peer) ? number(row.get(peer)) : "";
    }

    private static String ratio(Task task, Map<Peer, Double> row, Peer fast) {
        Double numerator = row.get(Peer.BASELINE);
        Double denominator = row.get(fast);
        return numerator == null || denominator == null || task == Task.LOOP
                ? ""
                : number(numerator / denominator);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    private void row(String start, Stream<String> cells, String last) {
        text.append(start).append(" | ");
        cells.forEach(cell -> text.append(cell).append(" | "));
        text.append(last).append(" |\n");
    }
}
