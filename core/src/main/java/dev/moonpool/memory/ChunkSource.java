package dev.moonpool.memory;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * What arenas that were opened from one another share: the allocator, the lease that keeps its
 * memory from being taken away, and one chunk in reserve, so that opening an arena and closing it
 * need not go to the allocator.
 *
 * <ol>
 *   <li>as long as an arena is open, the lease is; with the last arena both the lease and the
 *       reserve end
 *   <li>each chunk that the allocator handed out is in the list of one arena, or is the reserve
 * </ol>
 *
 * All arenas that share it belong to one thread, and only that thread calls it.
 */
final class ChunkSource {
    /** The size of an arena's first chunk, and of the reserve. */
    static final long FIRST = 1 << 10;

    /** A block of the allocator that one arena allocates from; a link of that arena's list. */
    static final class Chunk {
        final MemorySegment memory;
        @Nullable Chunk next;

        private Chunk(MemorySegment memory) {
            this.memory = memory;
        }
    }

    private final BlockAllocator allocator;
    private final Lease lease;
    private long arenas;
    private @Nullable Chunk reserve;

    ChunkSource(BlockAllocator allocator) {
        this.allocator = allocator;
        lease = allocator.retain();
    }

    /** {@return what {@link #join} would return} */
    @Nullable Chunk reserve() {
        return reserve;
    }

    /** Counts an arena. {@return its first chunk, or null if it has to allocate one} */
    @Nullable Chunk join() {
        Chunk first = reserve;
        reserve = null;
        arenas++;
        return first;
    }

    /** {@return how many bytes more a segment takes to be aligned so} */
    long paddingFor(long byteAlignment) {
        return Placement.paddingFor(byteAlignment, allocator);
    }

    /** {@return a new chunk, in no list yet, or null if there is no memory for it} */
    @Nullable Chunk allocate(long byteSize) {
        long address = allocator.allocate(byteSize);
        if (address == 0) {
            return null;
        }
        try {
            return new Chunk(allocator.segment(address, byteSize));
        } catch (Throwable e) {
            allocator.free(address, byteSize);
            throw e;
        }
    }

    void free(Chunk chunk) {
        allocator.free(chunk.memory.address(), chunk.memory.byteSize());
    }

    /**
     * Takes back all that an arena has, of which nothing may be accessible any more.
     *
     * @throws IllegalStateException if the allocator did not take a chunk; all else is done then
     */
    void leave(@Nullable Chunk chunks) {
        Throwable failure = null;
        for (Chunk chunk = chunks; chunk != null; ) {
            Chunk next = chunk.next;
            if (reserve == null && chunk.memory.byteSize() == FIRST) {
                chunk.next = null;
                reserve = chunk;
            } else {
                failure = tryToFree(chunk, failure);
            }
            chunk = next;
        }
        arenas--;
        if (arenas == 0) {
            failure = end(failure);
        }
        if (failure != null) {
            throw new IllegalStateException("allocator does not take a chunk back", failure);
        }
    }

    /** Gives back the reserve and the lease; no arena is open. {@return the first failure} */
    @Nullable Throwable end(@Nullable Throwable earlier) {
        Throwable failure = earlier;
        Chunk last = reserve;
        reserve = null;
        if (last != null) {
            failure = tryToFree(last, failure);
        }
        lease.close();
        return failure;
    }

    private @Nullable Throwable tryToFree(Chunk chunk, @Nullable Throwable earlier) {
        try {
            free(chunk);
            return earlier;
        } catch (Throwable e) {
            return earlier == null ? e : earlier;
        }
    }
}
