package dev.moonpool.memory;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Objects;

/**
 * libc's malloc, realloc and free by downcall: the baseline to compare other allocators with.
 *
 * <p>Its blocks are outside of any region; only the counters are in the region's control block. It
 * remembers its blocks in a table, so that an address that libc would crash on is an exception here
 * and {@link #close()} can free what was left. The table, and the lock that guards it, cost some 20
 * ns per operation on top of libc's own.
 *
 * <p>Any thread may call it, unless it is {@linkplain #share() shared}.
 */
public final class SystemAllocator extends RegionAllocator implements AutoCloseable {
    /** What malloc aligns to on 64-bit systems. */
    private static final long BYTE_ALIGNMENT = 16;

    private static final MemorySegment ALL = Libc.ALL;

    private final AddressTable blocks = new AddressTable();

    /**
     * An allocator with its counters in a region.
     *
     * @param region the region; stays the caller's to close
     * @throws IllegalStateException if it has an allocator already, or is closed
     */
    public SystemAllocator(Region region) {
        super(region, AllocatorKind.SYSTEM);
        region.serveMany();
        Events.opened(this);
    }

    @Override
    public synchronized long allocate(long byteSize, int tag) {
        Blocks.requireSize("byteSize", byteSize);
        Blocks.requireTag(tag);
        boolean shared = enter();
        try {
            long address = Libc.malloc(byteSize);
            if (address == 0) {
                return failed(0, byteSize);
            }
            try {
                blocks.put(address, byteSize);
            } catch (Throwable e) {
                Libc.free(address);
                throw e;
            }
            control.handedOut(byteSize, byteSize, tag);
            return address;
        } finally {
            exit(shared);
        }
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if {@code address} is no block of this allocator or has
     *     another size, or if {@code newByteSize <= 0}
     */
    @Override
    public synchronized long reallocate(long address, long oldByteSize, long newByteSize) {
        Blocks.requireSize("newByteSize", newByteSize);
        requireBlock(address, oldByteSize);
        boolean shared = enter();
        try {
            return resize(address, oldByteSize, newByteSize);
        } finally {
            exit(shared);
        }
    }

    private long resize(long address, long oldByteSize, long newByteSize) {
        boolean grows = newByteSize > oldByteSize;
        long moved = Libc.realloc(address, newByteSize);
        if (moved == 0 && grows) {
            return failed(oldByteSize, newByteSize);
        }
        // libc may refuse to shrink; the block then serves as it is.
        long block = moved == 0 ? address : moved;
        blocks.remove(address);
        blocks.put(block, newByteSize);
        if (grows) {
            long more = newByteSize - oldByteSize;
            control.grown(more, more, block == address);
        } else {
            control.shrunk(oldByteSize - newByteSize, oldByteSize - newByteSize);
        }
        return block;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if {@code address} is no block of this allocator or has
     *     another size
     */
    @Override
    public synchronized void free(long address, long byteSize) {
        requireBlock(address, byteSize);
        boolean shared = enter();
        try {
            control.tookBack(byteSize, byteSize);
            blocks.remove(address);
            Libc.free(address);
        } finally {
            exit(shared);
        }
    }

    /**
     * {@inheritDoc} Here that is calls of libc, which native code makes and counts itself. From
     * then on this allocator is for the thread of that code alone.
     *
     * @throws IllegalStateException if the region is closed, or several leases of this allocator
     *     are {@linkplain Lease#claim() claimed}
     */
    @Override
    public synchronized MemorySegment share() {
        region.serveOne();
        return super.share();
    }

    @Override
    public long byteAlignment() {
        return BYTE_ALIGNMENT;
    }

    /**
     * {@inheritDoc} The view does not see the block being freed: using it then is undefined, as
     * with a segment that {@link MemorySegment#reinterpret(long)} made.
     *
     * @throws IllegalArgumentException if {@code address} is no block of this allocator, or the
     *     block is smaller than {@code byteSize}
     */
    @Override
    public synchronized MemorySegment segment(long address, long byteSize) {
        long known = blocks.get(address);
        if (known == 0 || byteSize < 0 || byteSize > known) {
            throw Blocks.notOurs(address, byteSize);
        }
        return ALL.asSlice(address, byteSize);
    }

    /** {@inheritDoc} What libc can still give is not known: {@link Long#MAX_VALUE} remains. */
    @Override
    public synchronized AllocatorStatistics statistics() {
        boolean shared = enter();
        try {
            control.store();
            return control.statistics(space(control));
        } finally {
            exit(shared);
        }
    }

    @Override
    ControlBlock.Space space(ControlBlock image) {
        long live = image.liveBytes();
        return new ControlBlock.Space(live, live, 0, Long.MAX_VALUE);
    }

    /**
     * {@inheritDoc} Blocks that native code got of libc itself, and only counted, are not known one
     * by one.
     */
    @Override
    public synchronized void check() {
        boolean shared = enter();
        try {
            checkBlocks();
        } finally {
            exit(shared);
        }
    }

    private void checkBlocks() {
        control.stored().check();
        control.store();
        control.check();
        long sum = 0;
        for (long address : blocks.sortedAddresses()) {
            sum += blocks.get(address);
        }
        boolean all = blocks.size() == control.blocks();
        if (all ? sum != control.liveBytes() : sum > control.liveBytes()) {
            throw new IllegalStateException(
                    "blocks do not add up to what is live: sum=%d, liveBytes=%d"
                            .formatted(sum, control.liveBytes()));
        }
    }

    @Override
    public synchronized void walk(BlockVisitor visitor) {
        Objects.requireNonNull(visitor, "visitor");
        for (long address : blocks.sortedAddresses()) {
            visitor.visit(address, blocks.get(address), false);
        }
    }

    /**
     * Frees all blocks that were not given back, even if the region is closed already.
     *
     * @throws IllegalStateException if the region is retained: its blocks are in use
     */
    @Override
    public synchronized void close() {
        region.requireNotRetained("close of its allocator");
        for (long address : blocks.sortedAddresses()) {
            blocks.remove(address);
            Libc.free(address);
        }
        if (region.segment().scope().isAlive()) {
            boolean shared = enter();
            try {
                control.tookBackAll();
            } finally {
                exit(shared);
            }
        }
    }

    private void requireBlock(long address, long byteSize) {
        long known = blocks.get(address);
        if (known == 0 || known != byteSize) {
            throw Blocks.notOurs(address, byteSize);
        }
    }

    /** The downcalls. */
    @SuppressWarnings("restricted") // libc's allocator is what this class is about
    private static final class Libc {
        /** All memory, so that a block's address is its offset. */
        static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

        private static final MethodHandle MALLOC =
                link("malloc", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
        private static final MethodHandle REALLOC =
                link("realloc", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG));
        private static final MethodHandle FREE = link("free", FunctionDescriptor.ofVoid(JAVA_LONG));

        private static MethodHandle link(String name, FunctionDescriptor descriptor) {
            Linker linker = Linker.nativeLinker();
            return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
        }

        static long malloc(long byteSize) {
            try {
                return (long) MALLOC.invokeExact(byteSize);
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
        }

        static long realloc(long address, long byteSize) {
            try {
                return (long) REALLOC.invokeExact(address, byteSize);
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
        }

        static void free(long address) {
            try {
                FREE.invokeExact(address);
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
        }
    }
}
