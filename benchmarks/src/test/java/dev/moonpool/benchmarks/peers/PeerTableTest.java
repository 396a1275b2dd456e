package dev.moonpool.benchmarks.peers;

import static java.util.stream.Collectors.toSet;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Benchmark;

class PeerTableTest {
    @Test
    void everyBenchmarkIsATask() {
        assertEquals(
                EnumSet.allOf(Task.class),
                Arrays.stream(Crossing.class.getMethods())
                        .filter(method -> method.isAnnotationPresent(Benchmark.class))
                        .map(PeerTableTest::taskOf)
                        .map(Optional::orElseThrow)
                        .collect(toSet()));
    }

    private static Optional<Task> taskOf(Method method) {
        return Task.of(Crossing.class.getName() + "." + method.getName());
    }

    @Test
    void theParameterIsAField() throws NoSuchFieldException {
        assertEquals(Peer.class, Crossing.class.getField(Crossing.PEER).getType());
    }

    @Test
    void hasARowForEachTaskAndAColumnForEachPeer() {
        assertEquals(
                """
                ### Java and Lua calling each other: ns

                | | luajava | LuaJ | LuaJ: times as fast as luajava |
                |---|---:|---:|---:|
                | Java calls add(long, long) | 60.0 | 15.0 | 4.0 |
                | Lua's own loop, a part of the two rows above | 2.0 | 4.0 |  |
                | get a field by its name | 8.0 |  |  |
                """,
                PeerTable.of(
                        List.of(
                                new Figure(Task.GET, Peer.LUAJAVA, 8),
                                new Figure(Task.ADD, Peer.LUAJ, 15),
                                new Figure(Task.LOOP, Peer.LUAJ, 4),
                                new Figure(Task.LOOP, Peer.LUAJAVA, 2),
                                new Figure(Task.ADD, Peer.LUAJAVA, 60))));
    }
}
