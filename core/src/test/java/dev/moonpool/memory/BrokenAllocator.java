package dev.moonpool.memory;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.LongSupplier;

/** An allocator that has one answer to every request, which may be to throw. */
record BrokenAllocator(long byteAlignment, LongSupplier answer) implements BlockAllocator {

    BrokenAllocator(LongSupplier answer) {
        this(16, answer);
    }

    /** One that recurses until the stack is used up. */
    static BrokenAllocator endless() {
        return new BrokenAllocator(BrokenAllocator::recurse);
    }

    @SuppressWarnings("InfiniteRecursion") // as it says
    private static long recurse() {
        return 1 + recurse();
    }

    @Override
    public long allocate(long byteSize, int tag) {
        return answer.getAsLong();
    }

    @Override
    public long reallocate(long address, long oldByteSize, long newByteSize) {
        return answer.getAsLong();
    }

    @Override
    public void free(long address, long byteSize) {
        var _ = answer.getAsLong();
    }

    @Override
    public MemorySegment segment(long address, long byteSize) {
        throw new IllegalArgumentException("no block of this allocator");
    }

    @Override
    public Lease retain() {
        return () -> {};
    }

    @Override
    public AllocatorStatistics statistics() {
        long value = answer.getAsLong();
        return new AllocatorStatistics(
                0, 0, value, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, value, 0, 0, 0, List.of());
    }

    @Override
    public void check() {}

    @Override
    public void walk(BlockVisitor visitor) {}
}
