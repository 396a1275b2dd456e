package dev.moonpool.benchmarks.peers;

/**
 * What a library does in the benchmarks, on one Lua state that it opens when it is made. A binding
 * belongs to the thread that made it.
 */
public interface Binding extends AutoCloseable {
    /** {@return the sum, by {@link Chunks#ADD}} Java calls a Lua function. */
    long add(long a, long b);

    /**
     * {@return {@code times}, by {@link Chunks#CALLBACK}} Lua calls {@link Chunks#increment} that
     * often.
     */
    long callback(int times);

    /**
     * {@return the total so far of one {@link Counter}, by {@link Chunks#METHOD}} Lua calls {@link
     * Counter#add} that often.
     */
    long method(int times);

    /** {@return {@code times}, by {@link Chunks#LOOP}} Lua calls nothing. */
    long loop(int times);

    /** {@return the text and an exclamation mark, by {@link Chunks#STRING}} */
    String string(String text);

    /** {@return the integer in that field of the table made by {@link Chunks#FIELDS}} */
    long get(String key);

    /** Sets that field of the table made by {@link Chunks#FIELDS}. */
    void set(String key, long value);

    /**
     * Copies the table made by {@link Chunks#ARRAY}, whose keys are integers, in the order in which
     * Lua's {@code next} gives them.
     *
     * @return the number of entries
     */
    int entries(long[] keys, long[] values);

    /**
     * Copies the table made by {@link Chunks#MAP}, whose keys are strings, in the order in which
     * Lua's {@code next} gives them.
     *
     * @return the number of entries
     */
    int entries(String[] keys, long[] values);

    @Override
    void close();
}
