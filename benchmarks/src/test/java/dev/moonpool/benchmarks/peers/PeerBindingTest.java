package dev.moonpool.benchmarks.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each binding does what it is measured for, and goes on doing it: it leaves nothing behind. */
class PeerBindingTest {
    private static final int OFTEN = 10_000;

    @ParameterizedTest
    @EnumSource(Peer.class)
    void adds(Peer peer) {
        try (Binding binding = peer.open()) {
            for (int i = 0; i < OFTEN; i++) {
                assertEquals(1_000_000_000_000L + i, binding.add(1_000_000_000_000L, i));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Peer.class)
    void callsTheFunctionAsOftenAsItIsTold(Peer peer) {
        try (Binding binding = peer.open()) {
            assertEquals(0, binding.callback(0));
            assertEquals(1000, binding.callback(1000));
            for (int i = 0; i < OFTEN; i++) {
                assertEquals(1, binding.callback(1));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Peer.class)
    void callsTheMethodOfOneObject(Peer peer) {
        try (Binding binding = peer.open()) {
            assertEquals(1000, binding.method(1000));
            for (int i = 1; i <= OFTEN; i++) {
                assertEquals(1000 + i, binding.method(1));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Peer.class)
    void loops(Peer peer) {
        try (Binding binding = peer.open()) {
            for (int i = 0; i < OFTEN; i++) {
                assertEquals(3, binding.loop(3));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Peer.class)
    void takesAndGivesStrings(Peer peer) {
        try (Binding binding = peer.open()) {
            assertEquals("!", binding.string(""));
            assertEquals("Grüße, 世界!", binding.string("Grüße, 世界"));
            for (int i = 0; i < OFTEN; i++) {
                assertEquals("text " + i + "!", binding.string("text " + i));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Peer.class)
    void getsAndSetsFields(Peer peer) {
        try (Binding binding = peer.open()) {
            for (int i = 0; i < OFTEN; i++) {
                int field = i % Chunks.FIELD_COUNT;
                assertEquals(i < Chunks.FIELD_COUNT ? field : 7, binding.get("field" + field));
                binding.set("field" + field, i);
                assertEquals(i, binding.get("field" + field));
                binding.set("field" + field, 7);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Peer.class)
    void copiesTheEntriesWithIntegersAsKeys(Peer peer) {
        long[] keys = new long[Chunks.ENTRY_COUNT];
        long[] values = new long[Chunks.ENTRY_COUNT];
        try (Binding binding = peer.open()) {
            for (int round = 0; round < 100; round++) {
                assertEquals(Chunks.ENTRY_COUNT, binding.entries(keys, values));
            }
        }
        for (int i = 0; i < Chunks.ENTRY_COUNT; i++) {
            assertEquals(i + 1, keys[i]);
            assertEquals(10 * keys[i], values[i]);
        }
    }

    @ParameterizedTest
    @EnumSource(Peer.class)
    void copiesTheEntriesWithStringsAsKeys(Peer peer) {
        String[] keys = new String[Chunks.ENTRY_COUNT];
        long[] values = new long[Chunks.ENTRY_COUNT];
        try (Binding binding = peer.open()) {
            for (int round = 0; round < 100; round++) {
                assertEquals(Chunks.ENTRY_COUNT, binding.entries(keys, values));
            }
        }
        Map<String, Long> expected = new HashMap<>();
        IntStream.rangeClosed(1, Chunks.ENTRY_COUNT)
                .forEach(i -> expected.put("entry" + i, 10L * i));
        Map<String, Long> entries = new HashMap<>();
        IntStream.range(0, Chunks.ENTRY_COUNT).forEach(i -> entries.put(keys[i], values[i]));
        assertEquals(expected, entries);
    }
}
