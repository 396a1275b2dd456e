package dev.moonpool.memory;

/**
 * What an allocator did and has, at one moment.
 *
 * @param liveBytes bytes in blocks that were handed out and not given back, as requested
 * @param peakBytes the largest {@code liveBytes} ever; never goes down
 * @param usedBytes bytes of the pool that are not available: live blocks, rounding, and what the
 *     allocator cannot reuse
 * @param remainingBytes bytes that requests can still get, at least 0; {@link Long#MAX_VALUE} where
 *     only the system knows
 * @param requests requests for a block, or for a larger one; never goes down
 * @param failures requests that were answered with 0; never goes down
 */
public record AllocatorStatistics(
        long liveBytes,
        long peakBytes,
        long usedBytes,
        long remainingBytes,
        long requests,
        long failures) {}
