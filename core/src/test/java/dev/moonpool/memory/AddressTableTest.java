package dev.moonpool.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class AddressTableTest {
    /** How many slots a new table has. */
    private static final int SLOTS = 64;

    private final AddressTable table = new AddressTable();
    private final Map<Long, Long> model = new HashMap<>();

    private void put(long address, long value) {
        table.put(address, value);
        model.put(address, value);
    }

    private void remove(long address) {
        Long expected = model.remove(address);
        assertEquals(expected == null ? 0 : expected, table.remove(address));
    }

    private void verify() {
        assertEquals(model.size(), table.size());
        model.forEach((address, value) -> assertEquals(value, table.get(address)));
        assertArrayEquals(
                model.keySet().stream().mapToLong(Long::longValue).sorted().toArray(),
                table.sortedAddresses());
    }

    @Test
    void knowsNothingAtFirst() {
        assertEquals(0, table.get(0));
        assertEquals(0, table.get(-1));
        remove(0);
        remove(16);
        verify();
    }

    @Test
    void holdsAddressesOfEveryKind() {
        for (long address : new long[] {1, -1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 47}) {
            put(address, Long.MAX_VALUE);
        }
        verify();
    }

    @Test
    void growsAndForgetsNothing() {
        for (long address = 16; address <= 16 * 5000; address += 16) {
            put(address, address + 1);
        }
        verify();
        for (long address = 16; address <= 16 * 5000; address += 48) {
            remove(address);
        }
        verify();
    }

    @Test
    void becomesEmptyAgain() {
        for (int round = 0; round < 3; round++) {
            for (long address = 8; address < 8 * 300; address += 8) {
                put(address, round + 1);
            }
            model.keySet().stream().sorted().toList().forEach(this::remove);
            verify();
        }
    }

    /** Addresses whose home is one of the last slots, or the first: their run wraps around. */
    private static List<Long> addressesAroundTheEnd(int count) {
        return LongStream.iterate(16, address -> address + 16)
                .filter(address -> Math.floorMod(homeOf(address) + 4, SLOTS) < 6)
                .limit(count)
                .boxed()
                .toList();
    }

    /** The home slot in a table that has not grown yet. */
    private static int homeOf(long address) {
        return (int) ((address * 0x9E3779B97F4A7C15L) >>> (Long.SIZE - 6));
    }

    @Test
    void removalsKeepRunsWholeThatWrapAround() {
        List<Long> addresses = addressesAroundTheEnd(SLOTS / 2);
        for (int first = 0; first < addresses.size(); first++) {
            addresses.forEach(address -> put(address, address));
            for (int i = 0; i < addresses.size(); i++) {
                remove(addresses.get((first + 7 * i) % addresses.size())); // 7 is prime to 32
                verify();
            }
        }
    }

    @Test
    void agreesWithAHashMapInRandomWalks() {
        Seeds.each(
                20,
                random -> {
                    var walker = new AddressTableTest();
                    List<Long> addresses = addressesFor(random);
                    Seeds.steps(400, () -> walker.step(addresses, random));
                });
    }

    /** Few or many, near each other or far, or all of one run. */
    private static List<Long> addressesFor(Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> addressesAroundTheEnd(SLOTS / 2);
            case 1 -> LongStream.rangeClosed(1, 200).map(i -> 16 * i).boxed().toList();
            default -> random.longs(100).filter(address -> address != 0).boxed().toList();
        };
    }

    private void step(List<Long> addresses, Random random) {
        long address = addresses.get(random.nextInt(addresses.size()));
        if (model.containsKey(address)) {
            remove(address);
        } else {
            put(address, 1L + random.nextInt(100));
        }
        verify();
        assertEquals(model.getOrDefault(address, 0L), table.get(address));
    }
}
