package dev.moonpool.memory;

/** Sees the runs of memory that an allocator keeps, in address order where it has one. */
@FunctionalInterface
public interface BlockVisitor {
    /**
     * Called for each run.
     *
     * @param address where it starts
     * @param byteSize how long it is, in bytes; greater than 0
     * @param free whether requests can be served from it
     */
    void visit(long address, long byteSize, boolean free);
}
