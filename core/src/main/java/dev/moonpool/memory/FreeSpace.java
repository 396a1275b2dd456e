package dev.moonpool.memory;

/**
 * How the free memory of an allocator lies: of what it holds already, not of what it may still get.
 *
 * @param byteSize all free bytes
 * @param largestRun the longest run of free bytes
 */
public record FreeSpace(long byteSize, long largestRun) {

    static FreeSpace of(BlockAllocator allocator) {
        long[] sums = new long[4]; // free, largest run, end of the last free run, its length
        allocator.walk(
                (address, byteSize, free) -> {
                    if (free) {
                        sums[3] = sums[2] == address ? sums[3] + byteSize : byteSize;
                        sums[2] = address + byteSize;
                        sums[0] += byteSize;
                        sums[1] = Math.max(sums[1], sums[3]);
                    }
                });
        return new FreeSpace(sums[0], sums[1]);
    }

    /**
     * {@return the part of the free bytes that is not in the longest run, from 0 to 1; 0 where
     * nothing is free}
     */
    public double fragmentation() {
        return byteSize == 0 ? 0 : 1 - (double) largestRun / byteSize;
    }
}
