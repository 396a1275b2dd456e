package dev.moonpool.memory;

import java.lang.foreign.MemorySegment;

/**
 * Hands out blocks of off-heap memory by address. The caller keeps a block's size and says it when
 * resizing the block or giving it back, as C's sized allocation functions want it.
 *
 * <p>Running out of memory is a value here, the address 0. Bad arguments are exceptions, and leave
 * everything as it was. What a caller can get wrong and an allocator cannot see, such as a size
 * that is possible but not the block's, may damage what other blocks hold, though never more than
 * the allocator's own memory.
 *
 * <p>An allocator is for one thread at a time.
 */
public interface BlockAllocator {

    /** How many tags there are: 0 to {@code TAGS - 1}. */
    int TAGS = 16;

    /**
     * {@return the address of a new block, a multiple of {@link #byteAlignment()}, or 0 if there is
     * no memory for it} Its contents are undefined.
     *
     * @param byteSize the size in bytes
     * @throws IllegalArgumentException if {@code byteSize <= 0}
     */
    default long allocate(long byteSize) {
        return allocate(byteSize, 0);
    }

    /**
     * As {@link #allocate(long)}, with what the statistics are to count the block as. It makes no
     * difference to where the block lies.
     *
     * @param byteSize the size in bytes
     * @param tag what kind of block it is to the caller; 0 where it does not tell
     * @return the address of a new block, a multiple of {@link #byteAlignment()}, or 0
     * @throws IllegalArgumentException if {@code byteSize <= 0 || tag < 0 || tag >= TAGS}
     */
    long allocate(long byteSize, int tag);

    /**
     * Resizes a block, in place or by moving it. The contents are kept up to the smaller size.
     *
     * <p>A request for no more than the block has succeeds always.
     *
     * @param address the block
     * @param oldByteSize its size in bytes
     * @param newByteSize the wanted size in bytes
     * @return the address of the block now; or 0 if there is no memory, and then the old block is
     *     intact
     * @throws IllegalArgumentException if there can be no block of {@code oldByteSize} at {@code
     *     address}, or if {@code newByteSize <= 0}
     */
    long reallocate(long address, long oldByteSize, long newByteSize);

    /**
     * Gives a block back.
     *
     * @param address the block
     * @param byteSize its size in bytes
     * @throws IllegalArgumentException if there can be no block of {@code byteSize} at {@code
     *     address}
     */
    void free(long address, long byteSize);

    /**
     * {@return what every block's address is a multiple of, in bytes; a power of two, at least 8}
     */
    long byteAlignment();

    /**
     * {@return a view of a block's memory} Access through it is checked against its bounds, and
     * where the memory belongs to a region, against the region being open.
     *
     * @param address the block
     * @param byteSize how many of its bytes, from the first on
     * @throws IllegalArgumentException if the range is not memory that this allocator handed out
     */
    MemorySegment segment(long address, long byteSize);

    /**
     * Keeps the memory that the blocks lie in: until the lease is closed, what would take all of it
     * away at once, such as closing its region, is refused. An allocator that works on another one
     * passes this on. One with memory of its own that is for one thread at a time lets one lease
     * alone be {@linkplain Lease#claim() claimed}.
     *
     * @return what has to be closed when no native code uses the blocks any more
     * @throws IllegalStateException if the memory is gone already
     */
    Lease retain();

    /**
     * Opens an {@link java.lang.foreign.Arena} whose memory comes from this allocator: for the
     * calling thread, and all of it released when it is closed.
     *
     * @return the arena; has to be closed
     * @throws IllegalStateException if the memory is gone already
     */
    default BlockArena openArena() {
        return BlockArena.open(this);
    }

    /** {@return the counters at this moment} O(1). */
    AllocatorStatistics statistics();

    /**
     * Walks all that the allocator knows and verifies its invariants.
     *
     * @throws IllegalStateException if one is broken; the message says which
     */
    void check();

    /**
     * Shows all memory of the allocator as runs, used and free. A used run is a block where the
     * allocator knows single blocks, else as many of them as lie side by side.
     *
     * @param visitor sees each run; must not call the allocator
     */
    void walk(BlockVisitor visitor);

    /** {@return how the free memory lies at this moment} Costs a {@link #walk}. */
    default FreeSpace freeSpace() {
        return FreeSpace.of(this);
    }
}
