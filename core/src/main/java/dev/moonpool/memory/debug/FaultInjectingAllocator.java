package dev.moonpool.memory.debug;

import dev.moonpool.memory.AllocatorStatistics;
import dev.moonpool.memory.BlockAllocator;
import java.util.Objects;

/**
 * Refuses requests by a plan, to see what the caller does when there is no memory.
 *
 * <p>Requests are what can fail: for a block, or for a larger one. They are counted from 1 on, as
 * {@link AllocatorStatistics#requests()} counts them, those included that the allocator underneath
 * cannot serve. Requests for no more than the block has never fail, so no plan is asked about them.
 *
 * <p>It knows of live bytes what there was when it was made, and what came through it since.
 *
 * <p>{@link #statistics()} counts the refused ones as failures. A request costs some nanoseconds
 * more. Any thread may call it if any may call the allocator underneath; calls are made one at a
 * time.
 */
public final class FaultInjectingAllocator extends DecoratingAllocator {
    private final Plan plan;
    private long requests;
    private long refusals;
    private long confirmed; // requests for what a block has, to find out whether it is one
    private long liveBytes;

    /** Which requests are refused. */
    @FunctionalInterface
    public interface Plan {
        /**
         * {@return whether to refuse a request} It is asked once per request; one with arguments
         * that the allocator then rejects is not counted, and its number comes again.
         *
         * @param request the number of the request, from 1 on
         * @param liveBytes how many bytes would be in live blocks if it were served; at most {@link
         *     Long#MAX_VALUE}
         */
        boolean refuses(long request, long liveBytes);

        /**
         * {@return a plan that refuses one request}
         *
         * @param n its number, from 1 on
         * @throws IllegalArgumentException if {@code n <= 0}
         */
        static Plan failing(long n) {
            requireNumber(n);
            return (request, liveBytes) -> request == n;
        }

        /**
         * {@return a plan that refuses each n-th request}
         *
         * @param n the number of the first one, and the distance to the next
         * @throws IllegalArgumentException if {@code n <= 0}
         */
        static Plan failingEvery(long n) {
            requireNumber(n);
            return (request, liveBytes) -> request % n == 0;
        }

        /**
         * {@return a plan that refuses what would bring the bytes in live blocks above a limit}
         *
         * @param limitBytes the limit
         * @throws IllegalArgumentException if {@code limitBytes < 0}
         */
        static Plan failingAbove(long limitBytes) {
            if (limitBytes < 0) {
                throw new IllegalArgumentException("limit is negative: limitBytes=" + limitBytes);
            }
            return (request, liveBytes) -> liveBytes > limitBytes;
        }

        private static void requireNumber(long n) {
            if (n <= 0) {
                throw new IllegalArgumentException("requests are counted from 1 on: n=" + n);
            }
        }
    }

    /**
     * Refuses requests of an allocator.
     *
     * @param delegate the allocator underneath
     * @param plan which requests to refuse
     */
    public FaultInjectingAllocator(BlockAllocator delegate, Plan plan) {
        super(delegate);
        this.plan = Objects.requireNonNull(plan, "plan");
        liveBytes = delegate.statistics().liveBytes();
    }

    /** {@return how many requests were made, those included that failed} */
    public synchronized long requests() {
        return requests;
    }

    /** {@return how many requests were refused by plan} */
    public synchronized long refusals() {
        return refusals;
    }

    @Override
    public synchronized long allocate(long byteSize, int tag) {
        requireRequest(byteSize, tag);
        if (isRefused(byteSize)) {
            return refuse();
        }
        long address = delegate.allocate(byteSize, tag);
        requests++;
        changeLive(address == 0 ? 0 : byteSize);
        return address;
    }

    @Override
    public synchronized long reallocate(long address, long oldByteSize, long newByteSize) {
        requireSize("newByteSize", newByteSize);
        boolean grows = newByteSize > oldByteSize;
        if (grows && oldByteSize > 0 && isRefused(newByteSize - oldByteSize)) {
            delegate.reallocate(address, oldByteSize, oldByteSize); // rejects what is no block
            confirmed++;
            return refuse();
        }
        long moved = delegate.reallocate(address, oldByteSize, newByteSize);
        requests += grows ? 1 : 0;
        changeLive(moved == 0 ? 0 : newByteSize - oldByteSize);
        return moved;
    }

    private boolean isRefused(long more) {
        long sum = liveBytes + more;
        return plan.refuses(requests + 1, sum < 0 ? Long.MAX_VALUE : sum);
    }

    /** A caller that says it gives back more than there is leaves nothing. */
    private void changeLive(long change) {
        liveBytes = Math.max(0, liveBytes + change);
    }

    private long refuse() {
        requests++;
        refusals++;
        return 0;
    }

    @Override
    public synchronized void free(long address, long byteSize) {
        delegate.free(address, byteSize);
        changeLive(-byteSize);
    }

    @Override
    public synchronized AllocatorStatistics statistics() {
        AllocatorStatistics served = delegate.statistics();
        return new AllocatorStatistics(
                served.liveBytes(),
                served.peakBytes(),
                served.usedBytes(),
                served.peakUsedBytes(),
                served.blocks(),
                served.requests() + refusals,
                served.failures() + refusals,
                served.grownInPlace(),
                served.moved(),
                served.shrunk() - confirmed,
                served.footprintBytes(),
                served.committedBytes(),
                served.reservedBytes(),
                served.remainingBytes(),
                served.consolidations(),
                served.mergedBlocks(),
                served.recoveredBytes(),
                served.requestsByTag());
    }
}
