package dev.moonpool.benchmarks;

import java.util.Random;

/**
 * Requests such as Lua 5.4 makes on its hot paths, in random order, always the same: as many as a
 * pool of 512 KiB holds when each is rounded up to 16 bytes.
 *
 * <pre>
 *     share   bytes        what
 *      30 %   26 to 64     short strings: 25 + length
 *      20 %   56           tables
 *      20 %   40 or 48     closures: 32 + 8 for each upvalue
 *      12 %   40           upvalues
 *      14 %   16 to 768    arrays and hash parts: 16 or 24 for each of 1 to 32 elements
 *       4 %   65 to 1000   long strings
 * </pre>
 *
 * Some 87 % are at most 64 bytes; real programs make 70 to 99 % of their requests so small.
 */
public final class LuaSizes {
    /** The number of requests; a constant, because JMH wants one. */
    static final int COUNT = 5300;

    private LuaSizes() {}

    /** {@return the sizes of all requests in bytes; a new array} */
    static long[] fillingThePool() {
        Random random = new Random(54);
        long[] sizes = new long[COUNT];
        for (int i = 0; i < COUNT; i++) {
            sizes[i] = size(random);
        }
        return sizes;
    }

    /** {@return the size of one request in bytes} */
    public static long size(Random random) {
        int percent = random.nextInt(100);
        if (percent < 30) {
            return random.nextInt(26, 65);
        } else if (percent < 50) {
            return 56;
        } else if (percent < 70) {
            return random.nextBoolean() ? 40 : 48;
        } else if (percent < 82) {
            return 40;
        } else if (percent < 96) {
            return (random.nextBoolean() ? 16L : 24L) << random.nextInt(6);
        } else {
            return random.nextInt(65, 1001);
        }
    }
}
