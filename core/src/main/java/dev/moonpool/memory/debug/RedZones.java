package dev.moonpool.memory.debug;

import dev.moonpool.memory.BlockAllocator;
import dev.moonpool.memory.debug.CheckedAllocator.Block;
import java.lang.foreign.MemorySegment;

/**
 * What a checked block looks like in memory.
 *
 * <pre>
 *     outer        address           address + byteSize
 *      | red zone  | byteSize bytes  | red zone |
 *        front                         BACK
 * </pre>
 *
 * The outer block is the one that the allocator underneath knows. Its front zone is a multiple of
 * the alignment, so that the block inside is as aligned as it is.
 */
final class RedZones {
    private static final long BACK = 16;

    private final BlockAllocator allocator;
    private final long front;

    RedZones(BlockAllocator allocator) {
        this.allocator = allocator;
        front = Math.max(BACK, allocator.byteAlignment());
    }

    /** How large the outer block is; what does not fit anywhere stays too large. */
    long outerByteSize(long byteSize) {
        return byteSize > Long.MAX_VALUE - front - BACK ? Long.MAX_VALUE : front + byteSize + BACK;
    }

    long outerAddress(Block block) {
        return block.address() - front;
    }

    long addressIn(long outer) {
        return outer + front;
    }

    boolean isAround(Block block, long address) {
        long offset = address - block.address();
        return address >= outerAddress(block) && offset < block.byteSize() + BACK;
    }

    private MemorySegment memory(Block block) {
        return allocator.segment(outerAddress(block), outerByteSize(block.byteSize()));
    }

    MemorySegment contents(Block block) {
        return memory(block).asSlice(front, block.byteSize());
    }

    /** Marks a block, the first bytes of which are to stay, as handed out. */
    void prepare(Block block, long kept) {
        MemorySegment memory = memory(block);
        long end = front + block.byteSize();
        FillPattern.RED_ZONE.fill(memory.asSlice(0, front));
        if (kept < block.byteSize()) {
            FillPattern.FRESH.fill(memory.asSlice(front + kept, block.byteSize() - kept));
        }
        FillPattern.RED_ZONE.fill(memory.asSlice(end, BACK));
    }

    /** Marks a block as given back. */
    void bury(Block block) {
        FillPattern.FREED.fill(contents(block));
    }

    /** A block that is out may hold anything, but its red zones may not. */
    void requireIntact(Block block) {
        long end = front + block.byteSize();
        require(FillPattern.RED_ZONE, block, 0, front, "written in front of a block");
        require(FillPattern.RED_ZONE, block, end, end + BACK, "written behind the end of a block");
    }

    /** Nothing of a block that was given back may change. */
    void requireBuried(Block block) {
        long end = front + block.byteSize();
        require(FillPattern.FREED, block, front, end, "written to a block that was freed");
        require(FillPattern.RED_ZONE, block, 0, front, "written in front of a freed block");
        require(
                FillPattern.RED_ZONE,
                block,
                end,
                end + BACK,
                "written behind the end of a freed block");
    }

    private void require(FillPattern pattern, Block block, long from, long to, String damage) {
        MemorySegment part = memory(block).asSlice(from, to - from);
        long offset = pattern.firstOther(part);
        if (offset >= 0) {
            throw new IllegalStateException(
                    "%s: %s, offset=%d, %s"
                            .formatted(
                                    damage,
                                    block,
                                    from + offset - front,
                                    pattern.found(part, offset)));
        }
    }
}
