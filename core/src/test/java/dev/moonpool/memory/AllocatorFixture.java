package dev.moonpool.memory;

import java.util.function.UnaryOperator;

/**
 * A region with an allocator on its pool, closed together.
 *
 * @param region the region
 * @param base the allocator that the region belongs to
 * @param allocator the one to test: that one, or a decorator around it
 */
public record AllocatorFixture(Region region, BlockAllocator base, BlockAllocator allocator)
        implements AutoCloseable {

    private static final long DATA_BYTE_SIZE = 8192; // room for the tables of every allocator

    static AllocatorFixture of(AllocatorKind kind, long poolByteSize) {
        Region region = regionOf(poolByteSize);
        BlockAllocator base = on(region, kind);
        return new AllocatorFixture(region, base, base);
    }

    public static AllocatorFixture bump(long poolByteSize) {
        return of(AllocatorKind.BUMP, poolByteSize);
    }

    public static AllocatorFixture pool(long poolByteSize) {
        return of(AllocatorKind.POOL, poolByteSize);
    }

    public static AllocatorFixture system() {
        return of(AllocatorKind.SYSTEM, 16);
    }

    /** The same with one more decorator. */
    public AllocatorFixture with(UnaryOperator<BlockAllocator> decorator) {
        return new AllocatorFixture(region, base, decorator.apply(allocator));
    }

    /** A region of little but a pool. */
    static Region regionOf(long poolByteSize) {
        return Region.reserve(new RegionLayout(16, DATA_BYTE_SIZE, poolByteSize, 16));
    }

    static BlockAllocator on(Region region, AllocatorKind kind) {
        return switch (kind) {
            case BUMP -> new BumpAllocator(region);
            case SYSTEM -> new SystemAllocator(region);
            case POOL -> new PoolAllocator(region);
        };
    }

    @Override
    public void close() {
        if (base instanceof SystemAllocator system) {
            system.close();
        }
        region.close();
    }
}
