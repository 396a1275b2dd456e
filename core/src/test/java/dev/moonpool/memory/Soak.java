package dev.moonpool.memory;

import java.util.Arrays;
import java.util.Comparator;
import java.util.random.RandomGenerator;

/**
 * A program that keeps at most so many bytes live, as the allocator rounds them, and never stops to
 * allocate, resize and free. It remembers its blocks in the order in which it got them.
 */
final class Soak {
    /** Which block is the next to be freed. */
    enum Order {
        RANDOM,
        OLDEST,
        NEWEST,
        /** Runs of neighbours in age, from a random one on. */
        CLUSTERS
    }

    private static final int CAPACITY = 1 << 17;
    private static final int STRETCH = 8 << 10;

    private final BlockAllocator allocator;
    private final RandomGenerator random;
    private final long mostUsed;
    private final long[] addresses = new long[CAPACITY];
    private final int[] sizes = new int[CAPACITY]; // 0 where a block was freed
    private int first; // of the slots that may be in use
    private int end;
    private int blocks;
    private int cluster; // where the last one was freed
    private int clusterLeft;
    private long used;
    private long requests;

    /**
     * A program that has no blocks yet.
     *
     * @param mostUsed how many bytes it keeps live at most, old and new of a block that moves
     */
    Soak(BlockAllocator allocator, RandomGenerator random, long mostUsed) {
        this.allocator = allocator;
        this.random = random;
        this.mostUsed = mostUsed;
    }

    long requests() {
        return requests;
    }

    /** {@return the bytes that are live, as the allocator rounds them} */
    long used() {
        return used;
    }

    /**
     * So many requests: nine of ten for a block, one to resize the block that would be freed next.
     * Room for it is made first, and requests that fail are left at that.
     */
    void requests(SizeMix mix, Order order, int count) {
        for (int i = 0; i < count; i++) {
            int size = mix.draw(random);
            free(order, mostUsed - rounded(size));
            if (blocks > 0 && random.nextInt(10) == 0) {
                resize(next(order), size);
            } else {
                allocate(size);
            }
            requests++;
        }
    }

    private void allocate(int size) {
        long address = allocator.allocate(size);
        if (address == 0) {
            return;
        }
        if (end == CAPACITY) {
            closeGaps();
        }
        addresses[end] = address;
        sizes[end++] = size;
        blocks++;
        used += rounded(size);
    }

    private void resize(int slot, int size) {
        long address = allocator.reallocate(addresses[slot], sizes[slot], size);
        if (address == 0) {
            return;
        }
        used += rounded(size) - rounded(sizes[slot]);
        addresses[slot] = address;
        sizes[slot] = size;
    }

    /** Frees until at most so much is live. */
    void free(Order order, long most) {
        while (used > most) {
            free(next(order));
        }
    }

    void freeAll() {
        free(Order.OLDEST, 0);
    }

    private void free(int slot) {
        allocator.free(addresses[slot], sizes[slot]);
        used -= rounded(sizes[slot]);
        sizes[slot] = 0;
        blocks--;
    }

    private int next(Order order) {
        return switch (order) {
            case RANDOM -> any();
            case OLDEST -> oldest();
            case NEWEST -> newest();
            case CLUSTERS -> neighbour();
        };
    }

    private int any() {
        while (true) {
            int slot = random.nextInt(oldest(), end);
            if (sizes[slot] != 0) {
                return slot;
            }
        }
    }

    private int oldest() {
        while (sizes[first] == 0) {
            first++;
        }
        return first;
    }

    private int newest() {
        while (sizes[end - 1] == 0) {
            end--;
        }
        return end - 1;
    }

    private int neighbour() {
        if (clusterLeft-- == 0) {
            cluster = any();
            clusterLeft = random.nextInt(20, 120);
        }
        for (int slot = Math.max(cluster, first); slot < end; slot++) {
            if (sizes[slot] != 0) {
                cluster = slot;
                return slot;
            }
        }
        cluster = oldest();
        return cluster;
    }

    /** Frees all blocks in stretches of 8 KiB, until at most so much is live. */
    void freeStretches(long most) {
        closeGaps();
        Integer[] byAddress = new Integer[blocks];
        Arrays.setAll(byAddress, slot -> slot);
        Arrays.sort(byAddress, Comparator.comparingLong(slot -> addresses[slot]));
        while (used > most) {
            int from = random.nextInt(byAddress.length);
            long until = addresses[byAddress[from]] + STRETCH;
            for (int i = from; i < byAddress.length && addresses[byAddress[i]] < until; i++) {
                if (sizes[byAddress[i]] != 0) {
                    free(byAddress[i]);
                }
            }
        }
    }

    private void closeGaps() {
        int to = 0;
        for (int slot = first; slot < end; slot++) {
            if (sizes[slot] != 0) {
                addresses[to] = addresses[slot];
                sizes[to++] = sizes[slot];
            }
        }
        Arrays.fill(sizes, to, end, 0);
        first = 0;
        end = to;
        clusterLeft = 0;
    }

    private static long rounded(int size) {
        return (size + FreeBins.GRANULE - 1) & -FreeBins.GRANULE;
    }
}
