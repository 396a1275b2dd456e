package dev.moonpool.memory;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Regions that were closed while another thread could be at work in them: their address space goes
 * back to the system when Java has found that nobody reaches them any more, with the next region
 * that is reserved or comes here.
 *
 * <p>Any thread may call it.
 */
final class LingeringRegions {
    /** A process has some 65,000 mappings on Linux, and a region is three of them. */
    private static final int MANY = 4096;

    private static final ReferenceQueue<Object> UNREACHABLE = new ReferenceQueue<>();
    private static final Set<Lingering> ALL = ConcurrentHashMap.newKeySet();

    private static final class Lingering extends PhantomReference<Object> {
        private final Reservation reservation;

        private Lingering(Object user, Reservation reservation) {
            super(user, UNREACHABLE);
            this.reservation = reservation;
        }

        private void giveBack() {
            reservation.giveBack();
            ALL.remove(this);
        }
    }

    private LingeringRegions() {}

    /**
     * Keeps what a region reserved.
     *
     * @param user for as long as this is reachable, as it is for all that use the reservation
     * @param reservation what does not lead to the user
     */
    static void add(Object user, Reservation reservation) {
        ALL.add(new Lingering(user, reservation));
        if (ALL.size() % MANY == 0) {
            System.gc();
        }
        giveBack();
    }

    /** Gives back what Java's collector has told of. */
    static void giveBack() {
        while (UNREACHABLE.poll() instanceof Lingering found) {
            found.giveBack();
        }
    }

    /**
     * Has Java's collector look for unreachable ones, as address space has run out, and gives back
     * what it finds. It takes as long as the collector, if there are any at all.
     *
     * @return whether something was given back
     */
    static boolean reclaim() {
        if (ALL.isEmpty()) {
            return false;
        }
        System.gc();
        boolean any = false;
        for (Lingering lingering : ALL) {
            if (lingering.refersTo(null)) {
                lingering.giveBack();
                any = true;
            }
        }
        return any;
    }
}
