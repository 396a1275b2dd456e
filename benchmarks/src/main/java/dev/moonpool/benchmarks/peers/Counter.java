package dev.moonpool.benchmarks.peers;

/** A Java object with a method for Lua to call. */
public final class Counter {
    private static final long LIMIT = 1L << 30; // LuaJ would go on with doubles

    private long total;

    /** {@return the total of all that was added, modulo 2<sup>30</sup>} */
    public long add(long amount) {
        total = (total + amount) % LIMIT;
        return total;
    }
}
