package dev.moonpool.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Address space from the operating system, until it is given back: memory, zeroed and readable and
 * writable; a page that faults on every access; and scratch.
 *
 * <pre>
 *     memory | guard page | scratch
 * </pre>
 *
 * For any thread.
 */
@SuppressWarnings("restricted") // memory that is the caller's to bound
final class Reservation {
    private final long byteSize;
    private final long scratchOffset;
    private final long wholeByteSize;
    private final @Nullable Arena arena; // where there is no mmap
    private final long address;

    /** How far pages may be in memory that nobody has touched since they were cleared. */
    private long clearedEnd;

    private boolean gone; // guarded by this

    /** How many bytes {@link SpareReservations} counts; it alone changes them. */
    long warmByteSize;

    /**
     * Reserves address space.
     *
     * @param byteSize how much memory
     * @param scratchByteSize how much scratch
     * @throws OutOfMemoryError if the system has no such range
     */
    Reservation(long byteSize, long scratchByteSize) {
        long page = VirtualMemory.pageByteSize();
        long guard = roundUp(byteSize, page);
        this.byteSize = byteSize;
        scratchOffset = guard + page;
        wholeByteSize = scratchOffset + roundUp(scratchByteSize, page);
        if (VirtualMemory.isMapped()) {
            arena = null;
            address = VirtualMemory.map(wholeByteSize, byteSize);
            try {
                VirtualMemory.protect(address + guard, page);
            } catch (Throwable e) {
                giveBack();
                throw e;
            }
        } else {
            arena = Arena.ofShared();
            address = arena.allocate(wholeByteSize, page).address();
        }
    }

    /** The same address space. */
    private Reservation(Reservation other) {
        byteSize = other.byteSize;
        scratchOffset = other.scratchOffset;
        wholeByteSize = other.wholeByteSize;
        arena = other.arena;
        address = other.address;
        clearedEnd = other.clearedEnd;
    }

    /** {@return how much address space this takes, in bytes} */
    long wholeByteSize() {
        return wholeByteSize;
    }

    boolean hasSizes(long byteSize, long scratchByteSize) {
        return this.byteSize == byteSize
                && wholeByteSize - scratchOffset
                        == roundUp(scratchByteSize, VirtualMemory.pageByteSize());
    }

    private static long roundUp(long byteSize, long page) {
        return (byteSize + page - 1) & -page;
    }

    /**
     * {@return the memory, for as long as the arena is open} Giving back does not wait for that.
     */
    MemorySegment memory(Arena scope) {
        return MemorySegment.ofAddress(address).reinterpret(byteSize, scope, null);
    }

    /** {@return where the scratch begins, counted from the start of the memory} */
    long scratchOffset() {
        return scratchOffset;
    }

    /** Gives the pages of memory and scratch back to the system. The address space stays. */
    synchronized void releasePages() {
        if (!gone) {
            SpareReservations.cooled(this);
            VirtualMemory.release(address, address + byteSize);
            releaseScratch();
        }
    }

    /**
     * Gives pages back to the system that are there since this was a spare: what nobody has used
     * since.
     *
     * @param from where that begins at the earliest
     * @param to where it ends at the latest
     */
    void releaseCleared(long from, long to) {
        VirtualMemory.release(address + from, address + Math.min(to, clearedEnd));
    }

    /** What was cleared is back at the system, or in use. */
    void forgetCleared() {
        clearedEnd = 0;
        SpareReservations.cooled(this);
    }

    /**
     * Makes the memory zero, as that of a new reservation is, if nobody has written beyond what the
     * caller says. Its first pages stay if they are there.
     *
     * @param usedByteSize how much of the memory, from the start, may not be zero
     * @param keptByteSize how far pages may stay, in bytes; whole pages
     * @return how many bytes stay in memory; -1 if the system keeps pages that it should not, as it
     *     does where the process has locked its memory
     */
    long clear(long usedByteSize, long keptByteSize) {
        long page = VirtualMemory.pageByteSize();
        long end = roundUp(byteSize, page);
        long kept = Math.min(roundUp(Math.min(usedByteSize, byteSize), page), keptByteSize);
        clearedEnd = Math.max(kept, clearedEnd);
        // All of it, not only what was used: the system may have made a large page of more.
        long rest = end - clearedEnd;
        if (rest > 0 && VirtualMemory.release(address + clearedEnd, address + end) < rest) {
            return -1;
        }
        releaseScratch();
        return VirtualMemory.clear(address, kept, clearedEnd);
    }

    /**
     * {@return the same memory as an object of its own} There is nothing left that this one could
     * give back.
     *
     * @throws IllegalStateException if it was given back, or passed on, before
     */
    synchronized Reservation passOn() {
        if (gone) {
            throw new IllegalStateException("reservation is gone");
        }
        Reservation other = new Reservation(this);
        gone = true;
        return other;
    }

    /** Gives the pages of the scratch back to the system. {@return whether it took them all} */
    boolean releaseScratch() {
        long from = address + scratchOffset;
        long to = address + wholeByteSize;
        return VirtualMemory.release(from, to) == to - from;
    }

    /** {@return whether this has nothing left to give back} */
    synchronized boolean isGone() {
        return gone;
    }

    /** Gives all of it back to the system. Doing it again does nothing. */
    synchronized void giveBack() {
        if (!gone) {
            SpareReservations.cooled(this);
            if (arena == null) {
                VirtualMemory.unmap(address, wholeByteSize);
            } else {
                arena.close();
            }
            gone = true;
        }
    }
}
