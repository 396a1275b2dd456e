package dev.moonpool.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

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
    /** More than it takes to close an arena, by several times. */
    private static final int CLOSING_CALLS = 256;

    /** More than it takes when classes are loaded for it. */
    private static final int PREPARING_CALLS = 1024;

    private static boolean closingIsPrepared; // that several threads do it does no harm

    private final RegionLayout layout;
    private final Reservation reservation;
    private final Arena arena; // of the segments
    private final MemorySegment segment;
    private final ControlBlock control;
    private final RegionUser user = new RegionUser(this);
    private long usedEnd; // how far the memory may not be zero
    private long retained; // guarded by this
    private long claims; // of leases that are open; guarded by this
    private boolean servesMany; // whether there may be more than one; guarded by this

    private boolean closed; // guarded by this

    /** Whether the segments are closed, or it was tried. */
    private boolean segmentsClosed; // guarded by this

    /** Whether all that was reserved went back, or will when the region is unreachable. */
    private boolean released; // guarded by this

    private Region(RegionLayout layout) {
        this.layout = layout;
        reservation = SpareReservations.reserve(layout.reservedByteSize(), scratchByteSize());
        try {
            usedEnd = layout.growthOffset(); // what lies before is anybody's to write
            arena = Arena.ofShared();
            segment = reservation.memory(arena);
            control = new ControlBlock(segment.address() + layout.dataOffset());
            control.initialize(layout);
        } catch (Throwable e) {
            reservation.giveBack();
            throw e;
        }
    }

    /**
     * {@return a new region}
     *
     * @param layout the sizes of its parts
     * @throws OutOfMemoryError if the system cannot reserve the address space
     */
    public static Region reserve(RegionLayout layout) {
        Objects.requireNonNull(layout, "layout");
        StackSpace.require(CLOSING_CALLS); // what fails in the middle may not be given back
        prepareClosing();
        LingeringRegions.giveBack();
        try {
            return new Region(layout);
        } catch (OutOfMemoryError e) {
            boolean hadSpares = SpareReservations.giveBackAll();
            if (!LingeringRegions.reclaim() && !hadSpares) {
                throw e;
            }
            return new Region(layout);
        }
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
        RegionLayout granted = Objects.requireNonNull(layout, "layout");
        try {
            return reserve(granted);
        } catch (OutOfMemoryError e) {
            OutOfMemoryError last = e;
            while (granted.growthByteSize() > 0) {
                granted =
                        granted.withGrowthByteSize(
                                granted.growthByteSize() / 2 & -RegionLayout.BYTE_ALIGNMENT);
                try {
                    return new Region(granted);
                } catch (OutOfMemoryError again) {
                    last = again;
                }
            }
            throw last;
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

    private static IllegalStateException isClosed() {
        return new IllegalStateException("region is closed");
    }

    /** {@return who works by address in the region} */
    RegionUser user() {
        return user;
    }

    /** Throws {@link IllegalStateException} if the region is closed; for work on no memory. */
    void requireOpen() {
        byte ignored = segment.get(JAVA_BYTE, 0);
    }

    /** {@return the whole region, the growth area included} */
    MemorySegment segment() {
        return segment;
    }

    /**
     * {@return the address of memory that the allocator may use during an operation: enough for a
     * {@link FreeMap} of pool and growth area} It is no part of the region; what is in it is
     * undefined.
     */
    long scratch() {
        return address() + reservation.scratchOffset();
    }

    /** Says that the growth area is used up to an offset, at the most. */
    void usedUpTo(long end) {
        usedEnd = Math.max(usedEnd, end);
    }

    /**
     * Gives memory back to the system that is there since another region was closed, and that this
     * one has not used.
     *
     * @param from where that begins
     */
    void releaseUnused(long from) {
        long io = layout.ioOffset();
        if (from < io) {
            reservation.releaseCleared(from, io);
        }
        reservation.releaseCleared(Math.max(from, layout.growthOffset()), segment.byteSize());
        reservation.forgetCleared();
    }

    private long scratchByteSize() {
        return FreeMap.byteSize(layout.reservedByteSize() - layout.poolOffset());
    }

    /** Gives the scratch's memory back to the system. */
    void releaseScratch() {
        reservation.releaseScratch();
    }

    /** As above. {@return whether all of it is zero now} */
    boolean clearScratch() {
        return VirtualMemory.isZeroOnceReleased() && reservation.releaseScratch();
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
        public void handOver() {
            user.leave(control.isShared());
        }

        @Override
        public void close() {
            synchronized (Region.this) {
                if (!closed) {
                    closed = true;
                    claims -= claimed ? 1 : 0;
                    retained--;
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
     * Gives the memory and the address space back: to the system, or, so far as they are few, to
     * the next regions of the same size, zeroed. Closing again does nothing, or does what is left
     * to do if it failed.
     *
     * <p>The address space stays until the region is unreachable if another thread may be at work
     * in it: one that has used the allocator, is alive, and has not {@linkplain Lease#handOver()
     * handed it over}, or had not when a third one began to use it; or if the calling thread is in
     * an operation of an allocator, or in a visitor of blocks. A thread that uses the allocator
     * while it is closed, as no program should, may get addresses of it for some moments more.
     *
     * @throws IllegalStateException if the region is retained, or another thread is in one of its
     *     segments at this moment
     */
    @Override
    public synchronized void close() {
        requireNotRetained("close");
        if (!released) {
            StackSpace.require(CLOSING_CALLS);
            boolean atWork = RegionUser.isAtWork();
            closed = true;
            user.end(atWork);
            try {
                closeSegments();
            } finally {
                if (!closed) {
                    user.goOn();
                }
            }
            giveBack();
            LiveAllocators.remove(this);
        }
    }

    /**
     * Does once what closing a region does, while there is none to lose: what the JVM links or
     * loads for it fails for good if it fails the first time, where the stack or the heap ends.
     */
    private static void prepareClosing() {
        if (!closingIsPrepared) {
            StackSpace.require(PREPARING_CALLS);
            boolean ignored = RegionUser.isAtWork();
            Reservation small = new Reservation(1, 1);
            try (Arena shared = Arena.ofShared()) {
                small.memory(shared).fill((byte) 1);
                SpareReservations.keepOrGiveBack(small, 1);
            } finally {
                small.giveBack();
            }
            SpareReservations.giveBackAll();
            closingIsPrepared = true;
        }
    }

    /**
     * Ends the segments, once. If this were to fail in the middle, JDK's arena would take itself
     * for neither open nor closed, and closing it again would wait for ever.
     */
    private void closeSegments() {
        if (!segmentsClosed) {
            segmentsClosed = true;
            try {
                arena.close();
            } catch (IllegalStateException e) {
                segmentsClosed = false;
                closed = false;
                throw e;
            } catch (Throwable e) {
                user.mayBeSeveral(); // who knows which threads were told
                throw e;
            }
        }
    }

    private void giveBack() {
        if (user.mayAnotherBeAtWork()) {
            LingeringRegions.add(arena.scope(), reservation); // regions and segments lead to it
            released = true;
            reservation.releasePages();
        } else {
            SpareReservations.keepOrGiveBack(reservation, usedEnd);
            released = true;
        }
    }
}
