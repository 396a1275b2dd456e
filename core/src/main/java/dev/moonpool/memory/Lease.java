package dev.moonpool.memory;

/**
 * Keeps memory from being taken away while native code holds addresses in it. Closing it ends that;
 * closing it again does nothing. Any thread may close it.
 */
public interface Lease extends AutoCloseable {
    @Override
    void close();
}
