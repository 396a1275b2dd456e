package dev.moonpool.memory.debug;

import dev.moonpool.memory.AllocatorStatistics;
import dev.moonpool.memory.BlockAllocator;
import dev.moonpool.memory.BlockVisitor;
import dev.moonpool.memory.Lease;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Passes everything on to another allocator, so that a decorator says only what it does
 * differently. Requests are for it to answer.
 */
abstract sealed class DecoratingAllocator implements BlockAllocator
        permits CheckedAllocator, FaultInjectingAllocator, TracingAllocator {
    final BlockAllocator delegate;

    DecoratingAllocator(BlockAllocator delegate) {
        this.delegate = Objects.requireNonNull(delegate, "delegate");
    }

    static void requireRequest(long byteSize, int tag) {
        requireSize("byteSize", byteSize);
        if (tag < 0 || tag >= TAGS) {
            throw new IllegalArgumentException(
                    "tag is not from 0 to %d: tag=%d".formatted(TAGS - 1, tag));
        }
    }

    static void requireSize(String name, long byteSize) {
        if (byteSize <= 0) {
            throw new IllegalArgumentException("size is not positive: " + name + "=" + byteSize);
        }
    }

    @Override
    public final long byteAlignment() {
        return delegate.byteAlignment();
    }

    @Override
    public MemorySegment segment(long address, long byteSize) {
        return delegate.segment(address, byteSize);
    }

    @Override
    public final Lease retain() {
        return delegate.retain();
    }

    @Override
    public AllocatorStatistics statistics() {
        return delegate.statistics();
    }

    @Override
    public void check() {
        delegate.check();
    }

    @Override
    public void walk(BlockVisitor visitor) {
        delegate.walk(visitor);
    }
}
