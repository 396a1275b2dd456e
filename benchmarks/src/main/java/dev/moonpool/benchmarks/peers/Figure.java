package dev.moonpool.benchmarks.peers;

import java.util.Optional;
import org.openjdk.jmh.results.RunResult;

/**
 * What a task takes with a library.
 *
 * @param nanos nanoseconds per operation
 */
public record Figure(Task task, Peer peer, double nanos) {
    /** {@return a result of JMH; nothing if it is not of {@link Crossing}} */
    public static Optional<Figure> of(RunResult run) {
        return Task.of(run.getParams().getBenchmark())
                .map(
                        task ->
                                new Figure(
                                        task,
                                        Peer.valueOf(run.getParams().getParam(Crossing.PEER)),
                                        run.getPrimaryResult().getScore()));
    }
}
