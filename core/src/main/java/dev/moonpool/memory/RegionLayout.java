package dev.moonpool.memory;

/**
 * The sizes of a region's four parts, in bytes. Their order and meaning are fixed:
 *
 * <pre>
 *     reference  size       part
 *     0x000000   1408 KiB   code   staged chunks, read in place
 *     0x160000     64 KiB   data   the control block: offsets, allocator state, counters
 *     0x170000    512 KiB   pool   what the allocator hands out
 *     0x1F0000     64 KiB   io     values that travel between Java and native code
 *     0x200000              end
 * </pre>
 *
 * @param codeByteSize the size of the code part
 * @param dataByteSize the size of the data part
 * @param poolByteSize the size of the pool
 * @param ioByteSize the size of the io part
 */
public record RegionLayout(
        long codeByteSize, long dataByteSize, long poolByteSize, long ioByteSize) {

    /** What every size is a multiple of, so that each part starts aligned for any C type. */
    public static final long BYTE_ALIGNMENT = 16;

    /** The largest region: 2<sup>46</sup> bytes, half of what a 64-bit user process can address. */
    public static final long MAX_BYTE_SIZE = 1L << 46;

    /** The reference layout: 2 MiB with a pool of 512 KiB. */
    public static final RegionLayout REFERENCE =
            new RegionLayout(1408 << 10, 64 << 10, 512 << 10, 64 << 10);

    /**
     * @throws IllegalArgumentException if a size is not a positive multiple of {@link
     *     #BYTE_ALIGNMENT}, if {@code dataByteSize} cannot hold the control block, or if the sum of
     *     all is larger than {@link #MAX_BYTE_SIZE}
     */
    public RegionLayout {
        requireSize("codeByteSize", codeByteSize);
        requireSize("dataByteSize", dataByteSize);
        requireSize("poolByteSize", poolByteSize);
        requireSize("ioByteSize", ioByteSize);
        if (dataByteSize < ControlBlock.BYTE_SIZE) {
            throw new IllegalArgumentException(
                    "data part cannot hold the control block: dataByteSize=%d, needed=%d"
                            .formatted(dataByteSize, ControlBlock.BYTE_SIZE));
        }
        // Each is at most 2^46, so the sum cannot overflow.
        long sum = codeByteSize + dataByteSize + poolByteSize + ioByteSize;
        if (sum > MAX_BYTE_SIZE) {
            throw new IllegalArgumentException(
                    "parts add up to more than a region can have: sum=%d, MAX_BYTE_SIZE=%d"
                            .formatted(sum, MAX_BYTE_SIZE));
        }
    }

    private static void requireSize(String name, long byteSize) {
        if (byteSize <= 0 || byteSize > MAX_BYTE_SIZE || byteSize % BYTE_ALIGNMENT != 0) {
            throw new IllegalArgumentException(
                    "size is not a positive multiple of %d up to 2^46: %s=%d"
                            .formatted(BYTE_ALIGNMENT, name, byteSize));
        }
    }

    /**
     * {@return this layout with another pool}
     *
     * @param poolByteSize the size of the pool in bytes
     * @throws IllegalArgumentException as the constructor
     */
    public RegionLayout withPoolByteSize(long poolByteSize) {
        return new RegionLayout(codeByteSize, dataByteSize, poolByteSize, ioByteSize);
    }

    /** {@return the offset of the code part from the start of the region: 0} */
    public long codeOffset() {
        return 0;
    }

    /** {@return the offset of the data part from the start of the region, in bytes} */
    public long dataOffset() {
        return codeByteSize;
    }

    /** {@return the offset of the pool from the start of the region, in bytes} */
    public long poolOffset() {
        return dataOffset() + dataByteSize;
    }

    /** {@return the offset of the io part from the start of the region, in bytes} */
    public long ioOffset() {
        return poolOffset() + poolByteSize;
    }

    /** {@return the size of the four parts together, in bytes} */
    public long byteSize() {
        return ioOffset() + ioByteSize;
    }
}
