package dev.moonpool.memory;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Objects;

/**
 * What allocators have in common that keep their counters in a region. Every operation works
 * between {@link #enter()} and {@link #exit}.
 */
abstract sealed class RegionAllocator implements BlockAllocator
        permits PooledAllocator, SystemAllocator {
    final Region region;
    final ControlBlock control;
    private final RegionUser user;

    RegionAllocator(Region region, AllocatorKind kind) {
        this.region = Objects.requireNonNull(region, "region");
        control = region.claim(kind);
        user = region.user();
    }

    /**
     * Begins an operation. Must be followed by {@link #exit} in any case.
     *
     * @return whether the state is shared with native code; to be passed to {@link #exit}, so that
     *     it need not be asked twice
     * @throws IllegalStateException if the region is closed
     */
    final boolean enter() {
        user.enter();
        boolean shared = control.isShared();
        if (shared) {
            user.beginCounted();
            load();
        }
        return shared;
    }

    @SuppressWarnings("ReachabilityFenceUsage") // it is called in a finally block
    final void exit(boolean shared) {
        if (shared) {
            store();
            user.endCounted();
        }
        Reference.reachabilityFence(region); // its memory is there until here
    }

    void load() {
        control.requireMagic();
        control.load();
    }

    void store() {
        control.store();
    }

    /**
     * Shares the state with native code, which may serve requests by itself from now on: every
     * operation here then reads from the region's data part first, and writes to it in the end.
     *
     * @return the data part, which starts with the control block
     * @throws IllegalStateException if the region is closed
     */
    public MemorySegment share() {
        boolean shared = enter();
        try {
            store();
            control.share();
            return region.data();
        } finally {
            exit(shared);
        }
    }

    /** {@return the region that has the counters} */
    public final Region region() {
        return region;
    }

    @Override
    public final Lease retain() {
        return region.retain();
    }

    /** Where the memory stands, as an image of the control block says. */
    abstract ControlBlock.Space space(ControlBlock image);

    /**
     * Counts a request that cannot be served.
     *
     * @param oldByteSize the size of the block that was to grow; 0 for a new one
     * @return the answer to the request
     */
    final long failed(long oldByteSize, long byteSize) {
        control.countFailure();
        Events.failed(this, oldByteSize, byteSize);
        return 0;
    }

    /**
     * {@return the statistics as any thread may see them while the allocator works: it is not
     * disturbed, and the figures may be of different moments}
     *
     * @throws IllegalStateException if native code works on the counters, and the region is closed
     */
    final AllocatorStatistics glance() {
        ControlBlock image = control.isShared() ? ControlBlock.copyOf(region.data()) : control;
        return image.statistics(space(image));
    }
}
