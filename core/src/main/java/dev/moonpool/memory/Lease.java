package dev.moonpool.memory;

/**
 * Keeps memory from being taken away while native code holds addresses in it. Closing it ends that;
 * closing it again does nothing. Any thread may close it.
 */
public interface Lease extends AutoCloseable {

    /**
     * Makes its holder the one that the allocator serves until the lease is closed: for native code
     * that asks for memory whenever it needs some. Claiming again does nothing. An allocator that
     * serves several threads at once may be claimed by several leases.
     *
     * @throws IllegalStateException if another lease has claimed the allocator and is open, or this
     *     one is closed
     */
    default void claim() {}

    /**
     * Says that the calling thread is done with the allocator, and another one may go on. Where it
     * does not say so, address space may stay with the process for longer than it is used, as
     * {@link Region#close()} has it. The calling thread may use the allocator again later. By
     * default it does nothing.
     */
    default void handOver() {}

    @Override
    void close();
}
