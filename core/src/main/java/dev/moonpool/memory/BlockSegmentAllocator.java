package dev.moonpool.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Objects;

/**
 * A {@link SegmentAllocator} on a {@link BlockAllocator}, for memory that is given back piece by
 * piece, or with its region: each segment is a block of its own, zeroed, and aligned to any power
 * of two. Segments live as long as the region, and any thread can use them.
 *
 * {@snippet :
 * BlockSegmentAllocator memory = new BlockSegmentAllocator(allocator);
 * MemorySegment point = memory.allocate(POINT);
 * memory.free(point);
 * }
 *
 * <p>Where segments are to end together, an arena is faster and safer: {@link
 * BlockAllocator#openArena()}.
 *
 * <p>A block is what was asked for, at least one byte; alignment beyond the allocator's costs as
 * much again as the alignment. For one thread at a time, as the allocator is.
 */
public final class BlockSegmentAllocator implements SegmentAllocator {
    private final BlockAllocator allocator;

    /** The {@link Placement}s of segments that are aligned beyond the allocator. */
    private final AddressTable aligned = new AddressTable();

    /**
     * A view of an allocator.
     *
     * @param allocator where the blocks come from
     */
    public BlockSegmentAllocator(BlockAllocator allocator) {
        this.allocator = Objects.requireNonNull(allocator, "allocator");
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if {@code byteSize < 0}, or if {@code byteAlignment} is no
     *     power of two
     * @throws IllegalStateException if the region is closed
     * @throws OutOfMemoryError if the allocator does not have the memory
     */
    @Override
    public MemorySegment allocate(long byteSize, long byteAlignment) {
        Blocks.requireSegment(byteSize, byteAlignment);
        long padding = Placement.paddingFor(byteAlignment, allocator);
        boolean isPossible =
                byteSize <= RegionLayout.MAX_BYTE_SIZE && padding <= RegionLayout.MAX_BYTE_SIZE;
        long blockSize = isPossible ? Math.max(1, byteSize) + padding : Long.MAX_VALUE;
        long block = allocator.allocate(blockSize);
        if (block == 0) {
            throw Blocks.outOfMemory(byteSize, byteAlignment);
        }
        try {
            return placed(block, blockSize, byteSize, byteAlignment);
        } catch (Throwable e) {
            allocator.free(block, blockSize);
            throw e;
        }
    }

    private MemorySegment placed(long block, long blockSize, long byteSize, long byteAlignment) {
        long address = (block + byteAlignment - 1) & -byteAlignment;
        MemorySegment segment =
                allocator.segment(block, blockSize).asSlice(address - block, byteSize);
        segment.fill((byte) 0);
        if (aligned.size() > 0) {
            aligned.remove(address); // of before a reset
        }
        if (Placement.paddingFor(byteAlignment, allocator) > 0) {
            aligned.put(address, Placement.of(address - block, byteAlignment));
        }
        return segment;
    }

    /**
     * Gives a segment's memory back. The segment, and slices of it, must not be used any more:
     * their memory can be somebody else's now.
     *
     * @param segment what {@link #allocate(long, long)} returned
     * @throws IllegalArgumentException if there can be no such segment
     */
    public void free(MemorySegment segment) {
        Objects.requireNonNull(segment, "segment");
        long blockSize = Math.max(1, segment.byteSize());
        long placement = aligned.get(segment.address());
        if (placement == 0) {
            allocator.free(segment.address(), blockSize);
        } else {
            long block = segment.address() - Placement.lead(placement);
            long padding = Placement.paddingFor(Placement.alignment(placement), allocator);
            allocator.free(block, blockSize + padding);
            aligned.remove(segment.address());
        }
    }
}
