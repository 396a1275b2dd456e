package dev.moonpool.memory;

/**
 * The sizes of a region's four parts, and of the address space behind them that the pool may grow
 * into, in bytes. Their order and meaning are fixed:
 *
 * <pre>
 *     reference  size       part
 *     0x000000   1408 KiB   code   staged chunks, read in place
 *     0x160000     64 KiB   data   the control block: offsets, allocator state, counters
 *     0x170000    512 KiB   pool   what the allocator hands out
 *     0x1F0000     64 KiB   io     values that travel between Java and native code
 *     0x200000       4 GiB   end of the parts; up to 0x100000000 the pool can grow
 * </pre>
 *
 * @param codeByteSize the size of the code part
 * @param dataByteSize the size of the data part
 * @param poolByteSize the size of the pool
 * @param ioByteSize the size of the io part
 * @param growthByteSize the size of the growth area; may be 0
 */
public record RegionLayout(
        long codeByteSize,
        long dataByteSize,
        long poolByteSize,
        long ioByteSize,
        long growthByteSize) {

    /** What every size is a multiple of, so that each part starts aligned for any C type. */
    public static final long BYTE_ALIGNMENT = 16;

    /** The largest region: 2<sup>46</sup> bytes, half of what a 64-bit user process can address. */
    public static final long MAX_BYTE_SIZE = 1L << 46;

    /** What the growth area's offset is a multiple of: no system has larger pages. */
    private static final long GROWTH_ALIGNMENT = 64 << 10;

    /** The reference layout: 2 MiB with a pool of 512 KiB, which can grow to 4 GiB in all. */
    public static final RegionLayout REFERENCE =
            new RegionLayout(1408 << 10, 64 << 10, 512 << 10, 64 << 10, (4L << 30) - (2 << 20));

    /**
     * @throws IllegalArgumentException if a size is not a positive multiple of {@link
     *     #BYTE_ALIGNMENT}, where only {@code growthByteSize} may be 0, if {@code dataByteSize}
     *     cannot hold the control block, or if all together is larger than {@link #MAX_BYTE_SIZE}
     */
    public RegionLayout {
        requireSize("codeByteSize", codeByteSize);
        requireSize("dataByteSize", dataByteSize);
        requireSize("poolByteSize", poolByteSize);
        requireSize("ioByteSize", ioByteSize);
        if (growthByteSize != 0) {
            requireSize("growthByteSize", growthByteSize);
        }
        if (dataByteSize < ControlBlock.BYTE_SIZE) {
            throw new IllegalArgumentException(
                    "data part cannot hold the control block: dataByteSize=%d, needed=%d"
                            .formatted(dataByteSize, ControlBlock.BYTE_SIZE));
        }
        // Each is at most 2^46, so the sum cannot overflow.
        long parts = codeByteSize + dataByteSize + poolByteSize + ioByteSize;
        long sum = growthByteSize == 0 ? parts : growthOffset(parts) + growthByteSize;
        if (sum > MAX_BYTE_SIZE) {
            throw new IllegalArgumentException(
                    "parts add up to more than a region can have: sum=%d, MAX_BYTE_SIZE=%d"
                            .formatted(sum, MAX_BYTE_SIZE));
        }
    }

    /**
     * A layout without a growth area.
     *
     * @param codeByteSize the size of the code part
     * @param dataByteSize the size of the data part
     * @param poolByteSize the size of the pool
     * @param ioByteSize the size of the io part
     * @throws IllegalArgumentException as the canonical constructor
     */
    public RegionLayout(long codeByteSize, long dataByteSize, long poolByteSize, long ioByteSize) {
        this(codeByteSize, dataByteSize, poolByteSize, ioByteSize, 0);
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
        return new RegionLayout(
                codeByteSize, dataByteSize, poolByteSize, ioByteSize, growthByteSize);
    }

    /**
     * {@return this layout with another growth area}
     *
     * @param growthByteSize the size of the growth area in bytes; 0 for none
     * @throws IllegalArgumentException as the constructor
     */
    public RegionLayout withGrowthByteSize(long growthByteSize) {
        return new RegionLayout(
                codeByteSize, dataByteSize, poolByteSize, ioByteSize, growthByteSize);
    }

    /**
     * {@return this layout with so much for the pool and the growth area together} The pool keeps
     * its size if that is not more; what is left is the growth area.
     *
     * @param byteSize the size of both in bytes; rounded down to a multiple of {@link
     *     #BYTE_ALIGNMENT}
     * @throws IllegalArgumentException if it is less than {@link #BYTE_ALIGNMENT}, or as the
     *     constructor
     */
    public RegionLayout withMaxPoolByteSize(long byteSize) {
        if (byteSize < BYTE_ALIGNMENT || byteSize > MAX_BYTE_SIZE) {
            throw new IllegalArgumentException(
                    "size of pool and growth area is not from %d up to 2^46: byteSize=%d"
                            .formatted(BYTE_ALIGNMENT, byteSize));
        }
        long whole = byteSize & -BYTE_ALIGNMENT;
        long pool = Math.min(poolByteSize, whole);
        return withPoolByteSize(pool).withGrowthByteSize(whole - pool);
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

    /** {@return the offset of the growth area from the start of the region, in bytes} */
    public long growthOffset() {
        return growthOffset(byteSize());
    }

    private static long growthOffset(long parts) {
        return (parts + GROWTH_ALIGNMENT - 1) & -GROWTH_ALIGNMENT;
    }

    /** {@return the address space that a region takes, in bytes: the parts and the growth area} */
    public long reservedByteSize() {
        return growthByteSize == 0 ? byteSize() : growthOffset() + growthByteSize;
    }
}
