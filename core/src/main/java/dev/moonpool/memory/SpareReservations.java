package dev.moonpool.memory;

import java.util.ArrayList;

/**
 * Reservations of regions that were closed, kept for the next regions of the same size: mapping and
 * unmapping cost time, and so does the system's work at the first touch of each page. All of their
 * memory is zero, as that of new ones is.
 *
 * <p>The pages that are kept are warm until their region gives pages back, or is closed in its
 * turn. There is a limit for all warm pages of the process, those of regions that are open again
 * included; where it is reached, the oldest spares go back to the system, as they do when there are
 * many.
 *
 * <p>Where the system limits how much address space there is, none are kept: others may need it.
 *
 * <p>Any thread may call it.
 */
final class SpareReservations {
    /** How much memory is warm at most, in bytes. */
    static final long MAX_WARM = 32 << 20;

    /** How much of one reservation stays, from its start; what lies behind goes back. */
    static final long MAX_KEPT = 16 << 20;

    /** How many are kept at most: they are taken as fast as regions are opened. */
    static final int MAX_SPARES = 4;

    /** How much address space each may take, however little of it is memory. */
    static final long MAX_RESERVED = 8L << 30;

    private static final ArrayList<Reservation> SPARES =
            new ArrayList<>(MAX_SPARES + 1); // oldest first; guarded by itself

    private static long warm; // the sum of the reservations' warmByteSize; guarded by SPARES

    private SpareReservations() {}

    /**
     * {@return a spare of these sizes, the latest if there are several; else a new reservation}
     *
     * @param byteSize how much memory
     * @param scratchByteSize how much scratch
     * @throws OutOfMemoryError if there is none, and the system has no such range
     */
    static Reservation reserve(long byteSize, long scratchByteSize) {
        synchronized (SPARES) {
            for (int i = SPARES.size() - 1; i >= 0; i--) {
                Reservation spare = SPARES.get(i);
                if (spare.isGone()) {
                    SPARES.remove(i);
                } else if (spare.hasSizes(byteSize, scratchByteSize)) {
                    return SPARES.remove(i);
                }
            }
        }
        return new Reservation(byteSize, scratchByteSize);
    }

    /**
     * Keeps the memory of a reservation as a spare, or gives it back to the system. Nobody may be
     * at work in it. Doing it again does nothing, or does what is left to do if it failed.
     *
     * @param usedByteSize how much of the memory, from the start, may not be zero
     */
    static void keepOrGiveBack(Reservation reservation, long usedByteSize) {
        if (reservation.isGone()) {
            return;
        }
        boolean canStay =
                VirtualMemory.isZeroOnceReleased()
                        && !VirtualMemory.isScarce()
                        && reservation.wholeByteSize() <= MAX_RESERVED;
        long warmByteSize = canStay ? reservation.clear(usedByteSize, MAX_KEPT) : -1;
        if (warmByteSize < 0) {
            reservation.giveBack();
            return;
        }
        synchronized (SPARES) {
            SPARES.ensureCapacity(SPARES.size() + 1); // or it fails before anything has changed
            Reservation spare = reservation.passOn();
            SPARES.add(spare);
            warm += warmByteSize - reservation.warmByteSize; // no calls: the stack may end here
            reservation.warmByteSize = 0;
            spare.warmByteSize = warmByteSize;
            while (!SPARES.isEmpty() && (SPARES.size() > MAX_SPARES || warm > MAX_WARM)) {
                giveBackOldest();
            }
        }
    }

    /** Gives all spares back to the system. {@return whether there were any} */
    static boolean giveBackAll() {
        synchronized (SPARES) {
            boolean any = !SPARES.isEmpty();
            while (!SPARES.isEmpty()) {
                giveBackOldest();
            }
            return any;
        }
    }

    /** Where the stack ends in between, one that is gone stays in the list. */
    private static void giveBackOldest() {
        SPARES.getFirst().giveBack();
        SPARES.removeFirst();
    }

    /** Counts a reservation's pages no more: they went back, or are its region's own. */
    static void cooled(Reservation reservation) {
        synchronized (SPARES) {
            warm -= reservation.warmByteSize;
            reservation.warmByteSize = 0;
        }
    }
}
