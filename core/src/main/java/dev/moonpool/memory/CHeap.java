package dev.moonpool.memory;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * C's allocation functions on any {@link BlockAllocator}: for Java as methods, and through {@link
 * #functions} as function pointers, so that a C library that takes an allocator can live in a
 * region.
 *
 * <p>C gives blocks back without saying how large they are. So each payload, aligned to 16 bytes,
 * has a header in front of it:
 *
 * <pre>
 *     block           payload - 8                         payload
 *      | 0 or 8 bytes | size: 47 | lead: 1 | seal: 16 |   size bytes | 8 or 0 bytes |
 * </pre>
 *
 * <ol>
 *   <li>block = payload - 16, or payload - 8 where the allocator aligns to 8 and the lead bit is
 *       set; unless the payload is aligned to more than 16: then {@code aligned} knows how far in
 *       front it starts
 *   <li>the seal is a hash of payload and size, so that a stray address is recognised but for one
 *       case in 65,536; freeing and moving break it, so that an address that was given back is
 *       recognised while the memory is not in use again
 * </ol>
 *
 * {@link #luaAlloc} is the exception: its callers know their sizes, and its blocks have no header.
 *
 * <p>Sizes are in bytes; an address of 0 is C's null. Each operation costs what the allocator's
 * does, and some nanoseconds for the header. For one thread at a time, as the allocator is.
 */
public final class CHeap {
    private static final long HEADER_SIZE = 16;
    private static final long SHORT_LEAD = 8;
    private static final long ALIGNMENT = 16;
    private static final int SIZE_BITS = 47;
    private static final int SEAL_SHIFT = 48;
    private static final long SHORT_LEAD_BIT = 1L << SIZE_BITS;
    private static final long MAX_SIZE = RegionLayout.MAX_BYTE_SIZE;
    private static final long BROKEN = 0;

    private final BlockAllocator allocator;

    /** How much in front of a payload is sure to be its block's. */
    private final long minLead;

    /** The {@link Placement}s of payloads that are aligned to more than 16. */
    private final AddressTable aligned = new AddressTable();

    private long rejections;
    private @Nullable Throwable lastRejection;

    /**
     * A heap on an allocator.
     *
     * @param allocator where the blocks come from
     */
    public CHeap(BlockAllocator allocator) {
        this.allocator = Objects.requireNonNull(allocator, "allocator");
        minLead = allocator.byteAlignment() < ALIGNMENT ? SHORT_LEAD : HEADER_SIZE;
    }

    /**
     * C's {@code malloc}, and the reference's {@code lua_malloc}.
     *
     * @param size the size; 0 gives a block of its own that holds nothing
     * @return the address of the payload, or 0 if there is no memory for it
     * @throws IllegalArgumentException if {@code size < 0}
     */
    public long malloc(long size) {
        requireSize(size);
        long block = allocator.allocate(saturatedSum(size, HEADER_SIZE));
        return block == 0 ? 0 : plain(block, size);
    }

    /**
     * C's {@code calloc}.
     *
     * @param count how many elements
     * @param size the size of each
     * @return the address of the payload, all zero, or 0 if there is no memory for it
     * @throws IllegalArgumentException if {@code count < 0} or {@code size < 0}
     */
    public long calloc(long count, long size) {
        requireSize(count);
        requireSize(size);
        long total = Math.multiplyHigh(count, size) != 0 ? Long.MAX_VALUE : count * size;
        long payload = malloc(total < 0 ? Long.MAX_VALUE : total);
        if (payload != 0) {
            contents(payload, total).fill((byte) 0);
        }
        return payload;
    }

    /**
     * C's {@code realloc}, and the reference's {@code lua_realloc}. An alignment to more than 16
     * bytes is not kept, as in C.
     *
     * @param payload the block; 0 makes this a {@link #malloc}
     * @param size the new size; 0 makes this a {@link #free} that returns 0
     * @return the address of the payload now; or 0 if there is no memory, and then the old one is
     *     intact
     * @throws IllegalArgumentException if {@code payload} is no block of this heap, or if {@code
     *     size < 0}
     */
    public long realloc(long payload, long size) {
        requireSize(size);
        if (payload == 0) {
            return malloc(size);
        }
        if (size == 0) {
            free(payload);
            return 0;
        }
        long oldSize = usableSize(payload);
        if (aligned.get(payload) != 0) {
            return move(payload, oldSize, size);
        }
        long oldLead = lead(payload);
        long oldBlock = payload - oldLead;
        breakSeal(oldBlock, oldLead); // once it has moved, the old place is not ours to write
        long block = 0;
        try {
            block =
                    allocator.reallocate(
                            oldBlock, oldSize + HEADER_SIZE, saturatedSum(size, HEADER_SIZE));
        } finally {
            if (block == 0) {
                sealed(oldBlock, oldLead, oldSize);
            }
        }
        if (block == 0) {
            return 0;
        }
        long kept = Math.min(oldSize, size);
        if (leadIn(block) != oldLead) {
            MemorySegment both = allocator.segment(block, HEADER_SIZE + kept);
            MemorySegment.copy(both, oldLead, both, leadIn(block), kept);
        }
        return plain(block, size);
    }

    private long move(long payload, long oldSize, long size) {
        long moved = malloc(size);
        if (moved != 0) {
            long kept = Math.min(oldSize, size);
            contents(moved, kept).copyFrom(contents(payload, kept));
            try {
                free(payload);
            } catch (RuntimeException e) {
                free(moved);
                throw e;
            }
        }
        return moved;
    }

    private MemorySegment contents(long payload, long size) {
        long lead = lead(payload);
        return allocator.segment(payload - lead, lead + size).asSlice(lead);
    }

    /**
     * C's {@code free}, and the reference's {@code lua_free}.
     *
     * @param payload the block; 0 does nothing
     * @throws IllegalArgumentException if {@code payload} is no block of this heap
     */
    public void free(long payload) {
        if (payload == 0) {
            return;
        }
        long size = usableSize(payload);
        long lead = lead(payload);
        long block = payload - lead;
        breakSeal(block, lead); // once it is free, it is not ours to write
        long placement = aligned.remove(payload);
        long extra = placement == 0 ? HEADER_SIZE : Placement.alignment(placement) + HEADER_SIZE;
        try {
            allocator.free(block, size + extra);
        } catch (RuntimeException e) {
            if (placement != 0) {
                aligned.put(payload, placement);
            }
            sealed(block, lead, size);
            throw e;
        }
    }

    /**
     * C's {@code aligned_alloc}; any size will do.
     *
     * @param alignment what the address is to be a multiple of
     * @param size the size
     * @return the address of the payload, or 0 if there is no memory for it
     * @throws IllegalArgumentException if {@code alignment} is no power of two or more than 2^30,
     *     or if {@code size < 0}
     */
    public long alignedAlloc(long alignment, long size) {
        if (Long.bitCount(alignment) != 1 || alignment < 0 || alignment > 1 << 30) {
            throw new IllegalArgumentException(
                    "alignment is no power of two up to 2^30: alignment=" + alignment);
        }
        requireSize(size);
        if (alignment <= ALIGNMENT) {
            return malloc(size);
        }
        long blockSize = saturatedSum(size, alignment + HEADER_SIZE);
        long block = allocator.allocate(blockSize);
        if (block == 0) {
            return 0;
        }
        long payload = (block + HEADER_SIZE + alignment - 1) & -alignment;
        aligned.remove(payload); // as in plain
        try {
            aligned.put(payload, Placement.of(payload - block, alignment));
        } catch (Throwable e) { // Java has no memory for a larger table
            allocator.free(block, blockSize);
            throw e;
        }
        return sealed(block, payload - block, size);
    }

    /**
     * C's {@code malloc_usable_size}: here exactly the size that was asked for.
     *
     * @param payload the block
     * @return its size
     * @throws IllegalArgumentException if {@code payload} is no block of this heap
     */
    public long usableSize(long payload) {
        if (payload % ALIGNMENT != 0) {
            throw notOurs(payload);
        }
        long header = headerAt(payload);
        long size = header & (SHORT_LEAD_BIT - 1);
        if (header == BROKEN || header != header(payload, size, header & SHORT_LEAD_BIT)) {
            throw notOurs(payload);
        }
        return size;
    }

    private static IllegalArgumentException notOurs(long payload) {
        return new IllegalArgumentException(
                "no block of this heap, or freed already: address=0x%x".formatted(payload));
    }

    /**
     * Lua's {@code lua_Alloc} on the allocator itself: allocates when {@code address} is 0, frees
     * when {@code newSize} is 0, resizes otherwise. Its blocks are aligned as the allocator aligns
     * and have no header; the other functions of this class do not know them.
     *
     * <p>It never throws, since its caller is C: what the allocator rejects is remembered as {@link
     * #lastRejection()}. Shrinking never fails, as Lua demands.
     *
     * @param address the block, or 0
     * @param oldSize the block's size; if {@code address} is 0, the tag of the new block, where it
     *     can be one
     * @param newSize the wanted size, unsigned
     * @return the address of the block now, or 0
     */
    public long luaAlloc(long address, long oldSize, long newSize) {
        // Unsigned, and without a call outside of the try: the stack may be what ran out.
        boolean shrinks = address != 0 && (newSize ^ Long.MIN_VALUE) <= (oldSize ^ Long.MIN_VALUE);
        try {
            if (newSize == 0) {
                if (address != 0) {
                    allocator.free(address, oldSize);
                }
                return 0;
            }
            long size = newSize < 0 ? Long.MAX_VALUE : newSize;
            long block =
                    address == 0
                            ? allocator.allocate(size, tag(oldSize))
                            : allocator.reallocate(address, oldSize, size);
            return block == 0 && shrinks ? address : block;
        } catch (Throwable e) {
            // No call here either.
            rejections++;
            lastRejection = e;
            return shrinks && newSize != 0 ? address : 0;
        }
    }

    /** What Lua says a new block is; others of its callers may say anything. */
    private static int tag(long oldSize) {
        return oldSize > 0 && oldSize < BlockAllocator.TAGS ? (int) oldSize : 0;
    }

    /** {@return how the allocator stands} The reference's {@code malloc_stats}. */
    public AllocatorStatistics mallocStats() {
        return allocator.statistics();
    }

    /** {@return the bytes that are left, at least 0} The reference's {@code malloc_remaining}. */
    public long mallocRemaining() {
        return allocator.statistics().remainingBytes();
    }

    /** {@return how many calls from C were turned down because of their arguments} */
    public long rejections() {
        return rejections;
    }

    /** {@return why the last of them was, or null if none was} */
    public @Nullable Throwable lastRejection() {
        return lastRejection;
    }

    void reject(Throwable reason) {
        rejections++;
        lastRejection = reason;
    }

    /**
     * {@return the functions of this heap as C function pointers} Each call makes new ones.
     *
     * <p>No exception reaches C: a call that is rejected returns null, or does nothing, and is
     * remembered as {@link #lastRejection()}. What cannot be kept from C is a stack overflow on the
     * way into Java, which ends the JVM: a library that recurses deeply wants a thread with stack
     * to spare, some 100 KiB beyond its own needs.
     *
     * @param arena how long the pointers are good for; C must not call them when it is closed
     */
    public CFunctions functions(Arena arena) {
        return CFunctions.of(this, Objects.requireNonNull(arena, "arena"));
    }

    /**
     * Makes a block one that is aligned to 16, whatever stood there when its allocator was reset.
     */
    private long plain(long block, long size) {
        if (aligned.size() > 0) {
            aligned.remove(block + leadIn(block));
        }
        return sealed(block, leadIn(block), size);
    }

    /** How far into a block its payload starts, unless that is aligned to more than 16. */
    private static long leadIn(long block) {
        return block % ALIGNMENT == 0 ? HEADER_SIZE : SHORT_LEAD;
    }

    private long sealed(long block, long lead, long size) {
        long payload = block + lead;
        long leadBit = lead == SHORT_LEAD ? SHORT_LEAD_BIT : 0;
        allocator
                .segment(block, lead)
                .set(JAVA_LONG, lead - Long.BYTES, header(payload, size, leadBit));
        return payload;
    }

    private void breakSeal(long block, long lead) {
        allocator.segment(block, lead).set(JAVA_LONG, lead - Long.BYTES, BROKEN);
    }

    private static long header(long payload, long size, long leadBit) {
        long seal = (((payload ^ size) * 0x9E3779B97F4A7C15L) >>> SEAL_SHIFT) | 1;
        return (seal << SEAL_SHIFT) | leadBit | size;
    }

    /** What stands where the header of a payload would. */
    private long headerAt(long payload) {
        long placement = aligned.get(payload);
        long lead = placement == 0 ? minLead : Placement.lead(placement);
        try {
            return allocator.segment(payload - lead, lead).get(JAVA_LONG, lead - Long.BYTES);
        } catch (IllegalArgumentException e) {
            throw notOurs(payload); // names what the caller gave
        }
    }

    /** The distance from the block's start to the payload. */
    private long lead(long payload) {
        long placement = aligned.get(payload);
        if (placement != 0) {
            return Placement.lead(placement);
        }
        return (headerAt(payload) & SHORT_LEAD_BIT) == 0 ? HEADER_SIZE : SHORT_LEAD;
    }

    private static void requireSize(long size) {
        if (size < 0) {
            throw new IllegalArgumentException("size is negative: size=" + size);
        }
    }

    /** What does not fit into any region stays too large. */
    private static long saturatedSum(long size, long more) {
        return size > MAX_SIZE ? Long.MAX_VALUE : size + more;
    }
}
