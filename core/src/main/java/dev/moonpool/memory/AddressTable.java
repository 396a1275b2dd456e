package dev.moonpool.memory;

import java.util.Arrays;

/**
 * A map from addresses to a positive number, for allocators that must remember their blocks.
 *
 * <p>Open addressing with linear probing; a removal shifts the run behind it back, so there are no
 * tombstones (Knuth, The Art of Computer Programming 3, 6.4, algorithm R).
 *
 * <ol>
 *   <li>keys.length is a power of two; at most half of the slots are used
 *   <li>a key of 0 marks an empty slot
 *   <li>between a key's home slot and its slot none is empty
 * </ol>
 */
final class AddressTable {
    private static final long ABSENT = 0;

    private long[] keys = new long[64];
    private long[] values = new long[64];
    private int size;

    int size() {
        return size;
    }

    /** {@return the value at the address, or 0} */
    long get(long address) {
        return values[slotOf(address)];
    }

    /** Adds an address that is not there. */
    void put(long address, long value) {
        assert address != 0 && value > 0;
        if (2 * (size + 1) > keys.length) {
            grow();
        }
        int slot = slotOf(address);
        assert keys[slot] == ABSENT : "twice in the table: 0x" + Long.toHexString(address);
        keys[slot] = address;
        values[slot] = value;
        size++;
    }

    /** Removes an address. {@return its value, or 0 if it was not there} */
    long remove(long address) {
        int hole = slotOf(address);
        long value = values[hole];
        if (keys[hole] == ABSENT) {
            return 0;
        }
        int mask = keys.length - 1;
        for (int slot = (hole + 1) & mask; keys[slot] != ABSENT; slot = (slot + 1) & mask) {
            int distanceFromHome = (slot - home(keys[slot])) & mask;
            int distanceFromHole = (slot - hole) & mask;
            if (distanceFromHome >= distanceFromHole) {
                keys[hole] = keys[slot];
                values[hole] = values[slot];
                hole = slot;
            }
        }
        keys[hole] = ABSENT;
        values[hole] = 0;
        size--;
        return value;
    }

    /** {@return all addresses, in ascending order} */
    long[] sortedAddresses() {
        return Arrays.stream(keys).filter(key -> key != ABSENT).sorted().toArray();
    }

    /** The slot of the address, or the empty one where it would go. */
    private int slotOf(long address) {
        int mask = keys.length - 1;
        int slot = home(address);
        while (keys[slot] != address && keys[slot] != ABSENT) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    /** Fibonacci hashing: the upper bits of the product depend on all bits of the address. */
    private int home(long address) {
        int bits = Integer.numberOfTrailingZeros(keys.length);
        return (int) ((address * 0x9E3779B97F4A7C15L) >>> (Long.SIZE - bits));
    }

    private void grow() {
        long[] oldKeys = keys;
        long[] oldValues = values;
        long[] newKeys = new long[2 * oldKeys.length];
        long[] newValues = new long[newKeys.length];
        keys = newKeys; // only now: if there is no memory for both, the table is as it was
        values = newValues;
        size = 0;
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != ABSENT) {
                put(oldKeys[i], oldValues[i]);
            }
        }
    }
}
