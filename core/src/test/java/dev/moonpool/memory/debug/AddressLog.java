package dev.moonpool.memory.debug;

import dev.moonpool.memory.AllocatorStatistics;
import dev.moonpool.memory.BlockAllocator;
import dev.moonpool.memory.BlockVisitor;
import dev.moonpool.memory.Lease;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Keeps what an allocator answered, relative to where its region starts. */
record AddressLog(BlockAllocator delegate, long start, List<Long> answers)
        implements BlockAllocator {

    AddressLog(BlockAllocator delegate, long start) {
        this(delegate, start, new ArrayList<>());
    }

    private long log(long address) {
        answers.add(address == 0 ? -1 : address - start);
        return address;
    }

    @Override
    public long allocate(long byteSize, int tag) {
        return log(delegate.allocate(byteSize, tag));
    }

    @Override
    public long reallocate(long address, long oldByteSize, long newByteSize) {
        return log(delegate.reallocate(address, oldByteSize, newByteSize));
    }

    @Override
    public void free(long address, long byteSize) {
        delegate.free(address, byteSize);
    }

    @Override
    public long byteAlignment() {
        return delegate.byteAlignment();
    }

    @Override
    public MemorySegment segment(long address, long byteSize) {
        return delegate.segment(address, byteSize);
    }

    @Override
    public Lease retain() {
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
