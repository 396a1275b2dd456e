package dev.moonpool.memory;

import java.util.List;

/**
 * What an allocator did and has, at one moment. Sizes are in bytes.
 *
 * <p>Of the bytes in blocks there are two counts: as requested (live, peak), and with what
 * alignment adds (used, peak used).
 *
 * @param liveBytes bytes in blocks that were handed out and not given back, as requested
 * @param peakBytes the largest {@code liveBytes} ever; never goes down
 * @param usedBytes bytes that are not available: live blocks, rounding, and what the allocator
 *     cannot reuse
 * @param peakUsedBytes the largest {@code usedBytes} ever; never goes down
 * @param blocks blocks that were handed out and not given back
 * @param requests requests for a block, or for a larger one; never goes down
 * @param failures requests that were answered with 0; never goes down
 * @param grownInPlace requests for a larger block that left it where it was; never goes down
 * @param moved requests for a larger block that moved it; never goes down
 * @param shrunk blocks that were made smaller, always in place; never goes down
 * @param footprintBytes memory that blocks lie in, with the free blocks between them
 * @param committedBytes memory that the allocator has taken from its reservation and not given back
 *     to the system
 * @param reservedBytes address space that the allocator can ever use; 0 where it is the system's
 * @param remainingBytes bytes that are neither used nor beyond the limit, at least 0; {@link
 *     Long#MAX_VALUE} where only the system knows
 * @param consolidations how often free blocks were merged with their neighbours; never goes down
 * @param mergedBlocks free blocks that became part of larger ones by that; never goes down
 * @param recoveredBytes bytes by which that made the footprint smaller; never goes down
 * @param requestsByTag blocks that were ever handed out, by the tag of the request: {@link
 *     BlockAllocator#TAGS} elements
 */
public record AllocatorStatistics(
        long liveBytes,
        long peakBytes,
        long usedBytes,
        long peakUsedBytes,
        long blocks,
        long requests,
        long failures,
        long grownInPlace,
        long moved,
        long shrunk,
        long footprintBytes,
        long committedBytes,
        long reservedBytes,
        long remainingBytes,
        long consolidations,
        long mergedBlocks,
        long recoveredBytes,
        List<Requests> requestsByTag) {

    /**
     * How many blocks were handed out, and how large they were then.
     *
     * @param count blocks
     * @param byteSize bytes as requested
     */
    public record Requests(long count, long byteSize) {}

    /** Takes a copy of the list. */
    public AllocatorStatistics {
        requestsByTag = List.copyOf(requestsByTag);
    }
}
