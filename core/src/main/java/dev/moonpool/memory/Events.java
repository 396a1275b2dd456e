package dev.moonpool.memory;

import org.jspecify.annotations.Nullable;

/**
 * What allocators tell Flight Recorder: one call per event, out of the hot paths.
 *
 * <p>While nobody records, a call costs the look at a flag. The module jdk.jfr is optional: without
 * it, the calls do nothing, and {@link FlightEvents}, which is all that names it, is not loaded.
 *
 * <p>Whatever goes wrong while an event is made, up to a stack overflow, stays in here, and the
 * event is lost: the caller is in the middle of its work.
 */
final class Events {
    private static final boolean AVAILABLE = isAvailable();

    private Events() {}

    /** An event with a duration, that has begun. */
    interface Begun {}

    private static boolean isAvailable() {
        try {
            Class<?> event = Class.forName("jdk.jfr.Event", false, Events.class.getClassLoader());
            // Where it was not resolved with this module, but is there all the same.
            Events.class.getModule().addReads(event.getModule());
            return true;
        } catch (Throwable _) {
            return false;
        }
    }

    /** From now on, until its region is closed, the allocator's statistics are events. */
    static void opened(RegionAllocator allocator) {
        try {
            if (AVAILABLE) {
                LiveAllocators.add(allocator);
                FlightEvents.listen();
            }
        } catch (Throwable _) {
            // see above
        }
    }

    static void grew(
            RegionAllocator allocator, long blockSize, long committedBefore, long committed) {
        try {
            if (AVAILABLE && FlightEvents.areWanted()) {
                FlightEvents.grew(allocator, blockSize, committedBefore, committed);
            }
        } catch (Throwable _) {
            // see above
        }
    }

    static void failed(RegionAllocator allocator, long oldByteSize, long byteSize) {
        try {
            if (AVAILABLE && FlightEvents.areWanted()) {
                FlightEvents.failed(allocator, oldByteSize, byteSize);
            }
        } catch (Throwable _) {
            // see above
        }
    }

    /** To be followed by {@link #trimmed}; null if nobody wants to know. */
    static @Nullable Begun trimming(RegionAllocator allocator) {
        try {
            return AVAILABLE && FlightEvents.areWanted() ? FlightEvents.trimming(allocator) : null;
        } catch (Throwable _) {
            return null;
        }
    }

    static void trimmed(@Nullable Begun trim, RegionAllocator allocator) {
        try {
            if (trim != null) {
                FlightEvents.trimmed(trim, allocator);
            }
        } catch (Throwable _) {
            // see above
        }
    }

    /** To be followed by {@link #consolidated}; null if nobody wants to know. */
    static @Nullable Begun consolidating(RegionAllocator allocator) {
        try {
            return AVAILABLE && FlightEvents.areWanted()
                    ? FlightEvents.consolidating(allocator)
                    : null;
        } catch (Throwable _) {
            return null;
        }
    }

    static void consolidated(
            @Nullable Begun consolidation, RegionAllocator allocator, long mergedBlocks) {
        try {
            if (consolidation != null) {
                FlightEvents.consolidated(consolidation, allocator, mergedBlocks);
            }
        } catch (Throwable _) {
            // see above
        }
    }
}
