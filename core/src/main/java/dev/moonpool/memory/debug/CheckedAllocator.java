package dev.moonpool.memory.debug;

import dev.moonpool.memory.AllocatorStatistics;
import dev.moonpool.memory.BlockAllocator;
import dev.moonpool.memory.BlockVisitor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds what callers do wrong with their blocks: writing beyond them, writing to them once they are
 * freed, freeing them twice or with another size, freeing what is no block.
 *
 * <pre>
 *     block of the allocator underneath
 *      | red zone | byteSize bytes | red zone |
 *        16 or more                  16
 * </pre>
 *
 * Both zones are filled with 0xfd; a new block, and what is new of one that grew, with 0xcd. A
 * block that is freed is filled with 0xdd and kept in a quarantine, first in, first out, until as
 * many bytes as the quarantine holds were freed after it, or the allocator underneath has no memory
 * left. A block that grows moves, so that pointers to the old place are found out too, unless there
 * is only memory to grow it where it is. A zone in front is as long as the alignment where that is
 * more than 16.
 *
 * <ol>
 *   <li>live and freed blocks, red zones included, do not overlap: each is a block that the
 *       allocator underneath has handed out
 *   <li>the quarantine is exactly the freed blocks; their sizes add up to quarantinedBytes, which
 *       is no more than the quarantine holds
 *   <li>the counters agree with the live blocks
 * </ol>
 *
 * Red zones are looked at when their block is freed or resized, a freed block when it leaves the
 * quarantine, and all of them by {@link #check()}. Bad arguments are an {@link
 * IllegalArgumentException}, damage is an {@link IllegalStateException}; both name the block, and
 * the call that was turned down has changed nothing. Damage stays, so that each call that comes
 * upon it says so again.
 *
 * <p>{@link #statistics()} has requests, blocks, live and peak bytes as the caller sees them,
 * without red zones; and the memory, from used to recovered bytes, as the allocator underneath sees
 * it, with red zones and quarantine.
 *
 * <p>A request costs about a microsecond: O(log n) in the number of blocks, and the filling of what
 * it allocates or frees. Each block is a few Java objects. Any thread may call it if any may call
 * the allocator underneath; calls are made one at a time.
 *
 * <p>A request that the allocator underneath refuses is made again when the quarantine could be
 * emptied. So a {@link FaultInjectingAllocator} belongs around this one. Red zones and quarantine
 * are as in AddressSanitizer.
 */
public final class CheckedAllocator extends DecoratingAllocator {
    /** How many bytes the quarantine holds where that is not said: 256 KiB. */
    public static final long DEFAULT_QUARANTINE = 256 << 10;

    private final RedZones zones;
    private final long quarantineByteSize;
    private final TreeMap<Long, Block> live = new TreeMap<>(); // by address
    private final TreeMap<Long, Block> freed = new TreeMap<>();
    private final ArrayDeque<Block> quarantine = new ArrayDeque<>(); // the oldest first
    private final CallerCounters counters = new CallerCounters();
    private long quarantinedBytes;

    /**
     * A block and the request that it came with.
     *
     * @param address where it starts
     * @param byteSize its size in bytes
     * @param tag the tag of the request
     * @param request the running number of the request, from 1 on, counted as {@link
     *     AllocatorStatistics#requests()}; a block that is resized keeps it
     */
    public record Block(long address, long byteSize, int tag, long request) {
        @Override
        public String toString() {
            return "address=0x%x, byteSize=%d, request=%d, tag=%d"
                    .formatted(address, byteSize, request, tag);
        }

        private Block resized(long newAddress, long newByteSize) {
            return new Block(newAddress, newByteSize, tag, request);
        }
    }

    /**
     * Checks what is done with blocks, and has a quarantine of {@link #DEFAULT_QUARANTINE}.
     *
     * @param delegate the allocator underneath; its other blocks are left alone
     */
    public CheckedAllocator(BlockAllocator delegate) {
        this(delegate, DEFAULT_QUARANTINE);
    }

    /**
     * Checks what is done with blocks.
     *
     * @param delegate the allocator underneath; its other blocks are left alone
     * @param quarantineByteSize how many bytes in freed blocks to keep, red zones not counted; a
     *     block that is larger is not kept, so 0 keeps none
     * @throws IllegalArgumentException if {@code quarantineByteSize < 0}
     */
    public CheckedAllocator(BlockAllocator delegate, long quarantineByteSize) {
        super(delegate);
        if (quarantineByteSize < 0) {
            throw new IllegalArgumentException(
                    "quarantine's size is negative: quarantineByteSize=" + quarantineByteSize);
        }
        this.quarantineByteSize = quarantineByteSize;
        zones = new RedZones(delegate);
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalStateException if memory is short, and a block in quarantine was written to
     */
    @Override
    public synchronized long allocate(long byteSize, int tag) {
        requireRequest(byteSize, tag);
        long outer = obtain(byteSize, tag);
        if (outer == 0) {
            counters.failed();
            return 0;
        }
        counters.handedOut(byteSize, tag);
        Block block = new Block(zones.addressIn(outer), byteSize, tag, counters.requests());
        admit(block, 0);
        return block.address();
    }

    /** A block of the allocator underneath, if need be at the cost of the quarantine; or 0. */
    private long obtain(long byteSize, int tag) {
        long outerByteSize = zones.outerByteSize(byteSize);
        long outer = delegate.allocate(outerByteSize, tag);
        if (outer == 0 && !quarantine.isEmpty()) {
            emptyQuarantine();
            outer = delegate.allocate(outerByteSize, tag);
        }
        return outer;
    }

    private void admit(Block block, long kept) {
        zones.prepare(block, kept);
        live.put(block.address(), block);
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if {@code address} is no live block or has another size, or
     *     if {@code newByteSize <= 0}
     * @throws IllegalStateException if a red zone of the block was written to, or a block that is
     *     to leave the quarantine for this
     */
    @Override
    public synchronized long reallocate(long address, long oldByteSize, long newByteSize) {
        requireSize("newByteSize", newByteSize);
        Block block = requireBlock(address, oldByteSize);
        zones.requireIntact(block);
        return newByteSize > oldByteSize ? grow(block, newByteSize) : shrink(block, newByteSize);
    }

    private long grow(Block block, long newByteSize) {
        makeRoomFor(block);
        long outer = obtain(newByteSize, block.tag());
        Block grown = outer == 0 ? resize(block, newByteSize) : move(block, outer, newByteSize);
        if (grown == null) {
            counters.failed();
            return 0;
        }
        boolean inPlace = grown.address() == block.address();
        counters.grown(newByteSize - block.byteSize(), block.tag(), inPlace);
        return grown.address();
    }

    private Block move(Block block, long outer, long newByteSize) {
        Block moved = block.resized(zones.addressIn(outer), newByteSize);
        zones.contents(moved).copyFrom(zones.contents(block));
        admit(moved, block.byteSize());
        retire(block);
        return moved;
    }

    private long shrink(Block block, long newByteSize) {
        Block shrunk = resize(block, newByteSize);
        if (shrunk == null) {
            throw new IllegalStateException(
                    "allocator underneath refused to shrink: %s, newByteSize=%d"
                            .formatted(block, newByteSize));
        }
        counters.shrunk(block.byteSize() - newByteSize, block.tag());
        return shrunk.address();
    }

    /** Has the allocator underneath do it; null if it cannot. */
    private @Nullable Block resize(Block block, long newByteSize) {
        long outer =
                delegate.reallocate(
                        zones.outerAddress(block),
                        zones.outerByteSize(block.byteSize()),
                        zones.outerByteSize(newByteSize));
        if (outer == 0) {
            return null;
        }
        live.remove(block.address());
        Block resized = block.resized(zones.addressIn(outer), newByteSize);
        admit(resized, Math.min(block.byteSize(), newByteSize));
        return resized;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if {@code address} is no live block or has another size
     * @throws IllegalStateException if a red zone of the block was written to, or a block that is
     *     to leave the quarantine for this
     */
    @Override
    public synchronized void free(long address, long byteSize) {
        Block block = requireBlock(address, byteSize);
        delegate.retain().close(); // nothing else here tells whether the memory is still there
        zones.requireIntact(block);
        makeRoomFor(block);
        retire(block);
        counters.tookBack(byteSize, block.tag());
    }

    /** Lets the oldest blocks out of the quarantine until this one can go in. */
    private void makeRoomFor(Block block) {
        if (fitsQuarantine(block)) {
            while (quarantinedBytes > quarantineByteSize - block.byteSize()) {
                releaseOldest();
            }
        }
    }

    private boolean fitsQuarantine(Block block) {
        return block.byteSize() <= quarantineByteSize;
    }

    private void retire(Block block) {
        zones.bury(block);
        live.remove(block.address());
        if (fitsQuarantine(block)) {
            freed.put(block.address(), block);
            quarantine.addLast(block);
            quarantinedBytes += block.byteSize();
        } else {
            giveBack(block);
        }
    }

    private void releaseOldest() {
        Block block = quarantine.getFirst();
        zones.requireBuried(block);
        quarantine.removeFirst();
        freed.remove(block.address());
        quarantinedBytes -= block.byteSize();
        giveBack(block);
    }

    private void giveBack(Block block) {
        delegate.free(zones.outerAddress(block), zones.outerByteSize(block.byteSize()));
    }

    /**
     * Checks the blocks in quarantine and gives them back to the allocator underneath: at the end,
     * so that only what leaked is left there.
     *
     * @throws IllegalStateException if one was written to; it stays in quarantine
     */
    public synchronized void emptyQuarantine() {
        while (!quarantine.isEmpty()) {
            releaseOldest();
        }
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if the range is not inside of one live block
     */
    @Override
    public synchronized MemorySegment segment(long address, long byteSize) {
        Map.Entry<Long, Block> entry = live.floorEntry(address);
        if (byteSize < 0 || entry == null || byteSize > room(entry.getValue(), address)) {
            throw rejection(address, byteSize);
        }
        Block block = entry.getValue();
        return zones.contents(block).asSlice(address - block.address(), byteSize);
    }

    /** From an address behind the block's start to its end; negative if it is beyond that. */
    private static long room(Block block, long address) {
        return block.byteSize() - (address - block.address());
    }

    private Block requireBlock(long address, long byteSize) {
        Block block = live.get(address);
        if (block == null || block.byteSize() != byteSize) {
            throw rejection(address, byteSize);
        }
        return block;
    }

    /** Finds out what is wrong about a block. */
    private IllegalArgumentException rejection(long address, long byteSize) {
        Block known = live.get(address);
        if (known != null) {
            return rejection("size is not the block's", address, byteSize, known);
        }
        known = freed.get(address);
        if (known != null) {
            return rejection("block was freed already", address, byteSize, known);
        }
        known = around(live, address);
        if (known != null) {
            return rejection("address is inside of a block", address, byteSize, known);
        }
        known = around(freed, address);
        if (known != null) {
            return rejection("address is inside of a freed block", address, byteSize, known);
        }
        return new IllegalArgumentException(
                "no block of this allocator: address=0x%x, byteSize=%d"
                        .formatted(address, byteSize));
    }

    private static IllegalArgumentException rejection(
            String what, long address, long byteSize, Block known) {
        return new IllegalArgumentException(
                "%s: address=0x%x, byteSize=%d; expected: %s"
                        .formatted(what, address, byteSize, known));
    }

    /** The block that the address is in, or in a red zone of. */
    private @Nullable Block around(NavigableMap<Long, Block> blocks, long address) {
        Map.Entry<Long, Block> before = blocks.floorEntry(address);
        if (before != null && zones.isAround(before.getValue(), address)) {
            return before.getValue();
        }
        Map.Entry<Long, Block> behind = blocks.higherEntry(address);
        return behind != null && zones.isAround(behind.getValue(), address)
                ? behind.getValue()
                : null;
    }

    /** {@return the blocks that are out, by address} */
    public synchronized List<Block> liveBlocks() {
        return List.copyOf(live.values());
    }

    /**
     * {@return how many blocks are out and how large they are now, by the tag of their request:
     * {@link BlockAllocator#TAGS} elements}
     */
    public synchronized List<AllocatorStatistics.Requests> liveByTag() {
        return counters.liveByTag();
    }

    @Override
    public synchronized AllocatorStatistics statistics() {
        return counters.over(delegate.statistics());
    }

    /**
     * Verifies all red zones, the whole quarantine, and the allocator underneath.
     *
     * @throws IllegalStateException if something was written where no live block is, or an
     *     invariant is broken
     */
    @Override
    public synchronized void check() {
        live.values().forEach(zones::requireIntact);
        quarantine.forEach(zones::requireBuried);
        requireEqual("live bytes", sum(live.values()), counters.liveBytes());
        requireEqual("bytes in quarantine", sum(quarantine), quarantinedBytes);
        requireEqual("freed blocks", freed.size(), quarantine.size());
        delegate.check();
    }

    private static long sum(Iterable<Block> blocks) {
        long sum = 0;
        for (Block block : blocks) {
            sum += block.byteSize();
        }
        return sum;
    }

    private static void requireEqual(String what, long there, long counted) {
        if (there != counted) {
            throw new IllegalStateException(
                    "%s do not add up: there=%d, counted=%d".formatted(what, there, counted));
        }
    }

    /**
     * Shows each live block as a used run, and the free runs of the allocator underneath. Red zones
     * and quarantine are neither.
     */
    @Override
    public synchronized void walk(BlockVisitor visitor) {
        Objects.requireNonNull(visitor, "visitor");
        TreeMap<Long, Long> free = new TreeMap<>(); // sizes by address
        delegate.walk(
                (address, byteSize, isFree) -> {
                    if (isFree) {
                        free.put(address, byteSize);
                    }
                });
        for (Block block : live.values()) {
            showBelow(block.address(), free, visitor);
            visitor.visit(block.address(), block.byteSize(), false);
        }
        showBelow(Long.MAX_VALUE, free, visitor);
    }

    private static void showBelow(
            long address, NavigableMap<Long, Long> free, BlockVisitor visitor) {
        Map<Long, Long> below = free.headMap(address, false);
        below.forEach((start, byteSize) -> visitor.visit(start, byteSize, true));
        below.clear();
    }
}
