package dev.moonpool.memory;

import java.lang.ref.Cleaner;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Regions that were closed while another thread could be at work in them: their address space goes
 * back to the system when Java finds that nobody reaches them any more.
 *
 * <p>Any thread may call it.
 */
final class LingeringRegions {
    private static final Cleaner CLEANER = Cleaner.create();

    /** How long Java's collector may take to tell the cleaner what it has found. */
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private static final AtomicLong COUNT = new AtomicLong();

    private LingeringRegions() {}

    /** Has this run when the region is unreachable, to which it must not lead. */
    static void add(Region region, Runnable unmapping) {
        COUNT.incrementAndGet();
        CLEANER.register(
                region,
                () -> {
                    unmapping.run();
                    COUNT.decrementAndGet();
                });
    }

    /**
     * Has Java look for unreachable ones, as address space has run out. It takes as long as Java's
     * collector, if there are any.
     *
     * @return whether one or more of them went back
     */
    static boolean reclaim() {
        long before = COUNT.get();
        if (before == 0) {
            return false;
        }
        System.gc();
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (COUNT.get() >= before && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
        return COUNT.get() < before;
    }
}
