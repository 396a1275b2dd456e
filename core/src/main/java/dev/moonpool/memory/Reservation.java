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
    private boolean gone; // guarded by this

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
    void releasePages() {
        VirtualMemory.release(address, address + byteSize);
        releaseScratch();
    }

    /** Gives the pages of the scratch back to the system. */
    void releaseScratch() {
        VirtualMemory.release(address + scratchOffset, address + wholeByteSize);
    }

    /** Gives all of it back to the system. Doing it again does nothing. */
    synchronized void giveBack() {
        if (!gone) {
            if (arena == null) {
                VirtualMemory.unmap(address, wholeByteSize);
            } else {
                arena.close();
            }
            gone = true;
        }
    }
}
