package dev.moonpool.memory;

/** A region with an allocator on its pool, closed together. */
record AllocatorFixture(Region region, BlockAllocator allocator) implements AutoCloseable {

    private static final long DATA_BYTE_SIZE = 8192; // room for the tables of every allocator

    static AllocatorFixture of(AllocatorKind kind, long poolByteSize) {
        Region region = regionOf(poolByteSize);
        return new AllocatorFixture(region, on(region, kind));
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
        if (allocator instanceof SystemAllocator system) {
            system.close();
        }
        region.close();
    }
}
