package dev.moonpool.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A contiguous range of address space in four parts and a growth area, as its {@link RegionLayout}
 * says.
 *
 * <p>The address space is reserved at once and backed by memory only where it is touched, so a
 * large pool costs what is used of it. (Where the system has no {@code mmap}, all is committed at
 * once.) At the end lies a guard page: running off the end faults instead of damaging what comes
 * next. All memory is zero at first.
 *
 * <p>The segments are views: any thread may use them, each access is checked against bounds and
 * against the region being open, and closing the region makes every one of them unusable. The pool
 * belongs to the allocator that was made on the region; whoever writes into it writes into its
 * blocks.
 *
 * <p>{@link #retain()} and {@link #close()} may be called by any thread.
 */
public final class Region implements AutoCloseable {
    private final RegionLayout layout;
    private final Arena arena;
    private final MemorySegment segment;
    private final ControlBlock control;
    private long retained; // guarded by this
    private long claims; // of leases that are open; guarded by this
    private boolean servesMany; // whether there may be more than one; guarded by this
    private boolean closed; // written with the lock held

    /**
     * Whether an allocator is at work in the memory by address. Plain on purpose: what matters is
     * only that it is stored when a safepoint comes in between, because closing looks at it after a
     * handshake with all threads, as {@link Arena#ofShared()} does one.
     *
     * <p>{@link #closed} is set before that handshake, and read plainly too: it need not be read
     * again but after a safepoint. A compiler may read it once for a whole loop all the same; but
     * the handshake also has it give up every frame with accesses to segments in it, as it must for
     * the segments' own look at whether they are alive. All work by address is such accesses
     * ({@link OffHeap}), or is behind a call, after which the field is read anew.
     */
    private boolean entered;

    /** Whether two operations were ever in it at once, so that {@link #entered} says nothing. */
    private boolean contended;

    private Region(RegionLayout layout) {
        this.layout = layout;
        arena = Arena.ofShared();
        try {
            segment =
                    VirtualMemory.reserve(
                            layout.reservedByteSize(), arena, () -> !entered && !contended);
        } catch (Throwable e) {
            arena.close();
            throw e;
        }
        control = new ControlBlock(segment.address() + layout.dataOffset());
        control.initialize(layout);
    }

    /**
     * {@return a new region}
     *
     * @param layout the sizes of its parts
     * @throws OutOfMemoryError if the system cannot reserve the address space
     */
    public static Region reserve(RegionLayout layout) {
        return new Region(layout);
    }

    /** {@return the sizes of the parts} */
    public RegionLayout layout() {
        return layout;
    }

    /**
     * {@return a new region, with a smaller growth area where the system does not grant that much
     * address space}
     *
     * @param layout the sizes of its parts, and the most that the growth area can have
     * @throws OutOfMemoryError if the system cannot reserve the address space of the parts
     */
    public static Region reserveUpTo(RegionLayout layout) {
        try {
            return new Region(layout);
        } catch (OutOfMemoryError e) {
            if (layout.growthByteSize() == 0) {
                throw e;
            }
            long less = layout.growthByteSize() / 2 & -RegionLayout.BYTE_ALIGNMENT;
            return reserveUpTo(layout.withGrowthByteSize(less));
        }
    }

    /**
     * {@return how many bytes of the region are in physical memory, as the operating system says;
     * where it does not tell, how many can be}
     *
     * @throws IllegalStateException if the region is closed
     */
    public synchronized long residentByteSize() {
        if (closed) {
            throw isClosed();
        }
        return VirtualMemory.resident(segment);
    }

    /**
     * Begins work by address: until {@link #exit()}, closing the region leaves its memory mapped.
     * To be called by the one thread that the allocator is for.
     *
     * @throws IllegalStateException if the region is closed
     */
    void enter() {
        if (entered) {
            contended = true;
        }
        entered = true;
        if (closed) {
            entered = false;
            throw isClosed();
        }
    }

    private static IllegalStateException isClosed() {
        return new IllegalStateException("region is closed");
    }

    /** Ends work by address; to be called in any case. */
    void exit() {
        entered = false;
    }

    /** Throws {@link IllegalStateException} if the region is closed; for work on no memory. */
    void requireOpen() {
        byte ignored = segment.get(JAVA_BYTE, 0);
    }

    /** {@return the whole region, the growth area included} */
    MemorySegment segment() {
        return segment;
    }

    /** {@return the address of the first byte} */
    public long address() {
        return segment.address();
    }

    /** {@return the code part: staged chunks} */
    public MemorySegment code() {
        return segment.asSlice(layout.codeOffset(), layout.codeByteSize());
    }

    /** {@return the data part, to read: it starts with the control block} */
    public MemorySegment data() {
        return dataToWrite().asReadOnly();
    }

    /** As {@link #data()}, for tests that damage it. */
    MemorySegment dataToWrite() {
        return segment.asSlice(layout.dataOffset(), layout.dataByteSize());
    }

    /** {@return the pool: what the allocator hands out} */
    public MemorySegment pool() {
        return segment.asSlice(layout.poolOffset(), layout.poolByteSize());
    }

    /** {@return the io part: values on their way between Java and native code} */
    public MemorySegment io() {
        return segment.asSlice(layout.ioOffset(), layout.ioByteSize());
    }

    /** Makes an allocator the only one of this region's pool. */
    synchronized ControlBlock claim(AllocatorKind kind) {
        if (closed) {
            throw isClosed();
        }
        control.claim(kind);
        return control;
    }

    /**
     * Keeps the region open, because native code holds addresses in it.
     *
     * @return what has to be closed before the region can be
     * @throws IllegalStateException if the region is closed
     */
    public synchronized Lease retain() {
        if (closed) {
            throw isClosed();
        }
        retained++;
        return new RegionLease();
    }

    /** Counts once, however often it is claimed or closed. */
    private final class RegionLease implements Lease {
        private boolean claimed; // guarded by the region
        private boolean closed; // guarded by the region

        @Override
        public void claim() {
            synchronized (Region.this) {
                if (closed) {
                    throw new IllegalStateException("lease is closed");
                }
                if (!claimed) {
                    if (claims > 0 && !servesMany) {
                        throw servesOne();
                    }
                    claimed = true;
                    claims++;
                }
            }
        }

        @Override
        public void close() {
            synchronized (Region.this) {
                if (!closed) {
                    closed = true;
                    retained--;
                    claims -= claimed ? 1 : 0;
                }
            }
        }
    }

    /** Lets several claim the allocator, as any thread may call it. */
    synchronized void serveMany() {
        servesMany = true;
    }

    /**
     * Lets one claim the allocator and no more.
     *
     * @throws IllegalStateException if several have
     */
    synchronized void serveOne() {
        if (claims > 1) {
            throw servesOne();
        }
        servesMany = false;
    }

    private IllegalStateException servesOne() {
        return new IllegalStateException(
                "allocator is in use already, and serves one at a time: claims=" + claims);
    }

    synchronized void requireNotRetained(String operation) {
        if (retained > 0) {
            throw new IllegalStateException(
                    "region is in use, so there can be no %s: retained=%d"
                            .formatted(operation, retained));
        }
    }

    /**
     * Gives the address space back to the system. Closing again does nothing. Where another thread
     * is inside of the region's allocator at this moment, which no program should let happen, the
     * memory stays the process's.
     *
     * @throws IllegalStateException if the region is retained
     */
    @Override
    public synchronized void close() {
        requireNotRetained("close");
        if (!closed) {
            closed = true;
            try {
                arena.close();
            } catch (Throwable e) {
                closed = false; // a segment of it is in use
                throw e;
            }
            LiveAllocators.remove(this);
        }
    }
}
