package dev.moonpool.memory;

import java.util.concurrent.atomic.AtomicBoolean;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.FlightRecorderListener;
import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/**
 * The events, and the one class that names Flight Recorder's. To be called by {@link Events} only.
 *
 * <p>The first use of an event's class initialises Flight Recorder, which takes some 300 ms: none
 * of them may be touched before somebody records.
 */
@SuppressWarnings("UnusedVariable") // Flight Recorder reads the fields of events
final class FlightEvents {
    private static final AtomicBoolean LISTENS = new AtomicBoolean();

    private FlightEvents() {}

    /** Whether somebody records, or did once: then each event knows if it is wanted. */
    static boolean areWanted() {
        return FlightRecorder.isInitialized();
    }

    /**
     * Sees to it that statistics become events when somebody records. Not done by the class's
     * initialiser, which a thread that starts Flight Recorder would wait for, with its lock held.
     */
    static void listen() {
        if (!LISTENS.get() && LISTENS.compareAndSet(false, true)) {
            FlightRecorder.addListener(new Listener());
        }
    }

    private static final class Listener implements FlightRecorderListener {
        @Override
        public void recorderInitialized(FlightRecorder recorder) {
            try {
                FlightRecorder.addPeriodicEvent(Statistics.class, Statistics.HOOK);
            } catch (RuntimeException | Error _) {
                // there are no statistics then
            }
        }
    }

    static void grew(
            RegionAllocator allocator, long blockSize, long committedBefore, long committed) {
        Grow event = new Grow();
        if (event.shouldCommit()) {
            event.at(allocator);
            event.blockSize = blockSize;
            event.committedBytesBefore = committedBefore;
            event.committedBytes = committed;
            event.limit = allocator.control.limit();
            event.commit();
        }
    }

    static void failed(RegionAllocator allocator, long oldByteSize, long byteSize) {
        AllocationFailure event = new AllocationFailure();
        if (event.shouldCommit()) {
            ControlBlock.Space space = allocator.space(allocator.control);
            event.at(allocator);
            event.byteSize = byteSize;
            event.oldByteSize = oldByteSize;
            event.usedBytes = allocator.control.usedBytes();
            event.footprintBytes = space.footprint();
            event.remainingBytes = space.remaining();
            event.commit();
        }
    }

    static Events.@Nullable Begun trimming(RegionAllocator allocator) {
        Trim event = new Trim();
        if (!event.isEnabled()) {
            return null;
        }
        ControlBlock.Space space = allocator.space(allocator.control);
        event.footprintBytesBefore = space.footprint();
        event.committedBytesBefore = space.committed();
        event.begin();
        return event;
    }

    static void trimmed(Events.Begun trim, RegionAllocator allocator) {
        Trim event = (Trim) trim;
        event.end();
        if (event.shouldCommit()) {
            ControlBlock.Space space = allocator.space(allocator.control);
            event.at(allocator);
            event.usedBytes = allocator.control.usedBytes();
            event.footprintBytes = space.footprint();
            event.committedBytes = space.committed();
            event.commit();
        }
    }

    static Events.@Nullable Begun consolidating(RegionAllocator allocator) {
        Consolidate event = new Consolidate();
        if (!event.isEnabled()) {
            return null;
        }
        event.footprintBytesBefore = allocator.space(allocator.control).footprint();
        event.begin();
        return event;
    }

    static void consolidated(
            Events.Begun consolidation, RegionAllocator allocator, long mergedBlocks) {
        Consolidate event = (Consolidate) consolidation;
        event.end();
        if (event.shouldCommit()) {
            event.at(allocator);
            event.footprintBytes = allocator.space(allocator.control).footprint();
            event.recoveredBytes = event.footprintBytesBefore - event.footprintBytes;
            event.mergedBlocks = mergedBlocks;
            event.commit();
        }
    }

    @Category("Moonpool")
    @StackTrace(false)
    private abstract static class RegionEvent extends Event {
        @Label("Region")
        @Description("Address of the region's first byte")
        @MemoryAddress
        long region;

        @Label("Allocator")
        String allocator = "";

        final void at(RegionAllocator source) {
            region = source.region().address();
            allocator = source.getClass().getSimpleName();
        }
    }

    @Name("dev.moonpool.Grow")
    @Label("Grow")
    @Description("An allocator took more of its region, because a block did not fit")
    @StackTrace(true)
    private static final class Grow extends RegionEvent {
        @Label("Block Size")
        @Description("Size of the block that did not fit, as aligned")
        @DataAmount
        long blockSize;

        @Label("Committed Before")
        @DataAmount
        long committedBytesBefore;

        @Label("Committed")
        @DataAmount
        long committedBytes;

        @Label("Limit")
        @Description("The most that blocks, and the free memory between them, may take")
        @DataAmount
        long limit;
    }

    @Name("dev.moonpool.AllocationFailure")
    @Label("Allocation Failure")
    @Description("A request for a block, or for a larger one, was answered with 0")
    @StackTrace(true)
    private static final class AllocationFailure extends RegionEvent {
        @Label("Size")
        @Description("Size that was asked for")
        @DataAmount
        long byteSize;

        @Label("Old Size")
        @Description("Size of the block that was to grow; 0 for a new one")
        @DataAmount
        long oldByteSize;

        @Label("Used")
        @Description("Bytes in blocks, as aligned")
        @DataAmount
        long usedBytes;

        @Label("Footprint")
        @Description("Memory that blocks lie in, with the free blocks between them")
        @DataAmount
        long footprintBytes;

        @Label("Remaining")
        @Description("Bytes neither used nor beyond the limit, though in pieces too small")
        @DataAmount
        long remainingBytes;
    }

    @Name("dev.moonpool.Trim")
    @Label("Trim")
    @Description("An allocator gave free memory back to the system")
    private static final class Trim extends RegionEvent implements Events.Begun {
        @Label("Used")
        @Description("Bytes in blocks, as aligned")
        @DataAmount
        long usedBytes;

        @Label("Footprint Before")
        @DataAmount
        long footprintBytesBefore;

        @Label("Footprint")
        @Description("Memory that blocks lie in, with the free blocks between them")
        @DataAmount
        long footprintBytes;

        @Label("Committed Before")
        @DataAmount
        long committedBytesBefore;

        @Label("Committed")
        @DataAmount
        long committedBytes;
    }

    @Name("dev.moonpool.Consolidate")
    @Label("Consolidate")
    @Description("An allocator merged free blocks that lie side by side")
    private static final class Consolidate extends RegionEvent implements Events.Begun {
        @Label("Merged Blocks")
        @Description("Free blocks that became part of others")
        long mergedBlocks;

        @Label("Recovered")
        @Description("Bytes by which the footprint became smaller")
        @DataAmount
        long recoveredBytes;

        @Label("Footprint Before")
        @DataAmount
        long footprintBytesBefore;

        @Label("Footprint")
        @Description("Memory that blocks lie in, with the free blocks between them")
        @DataAmount
        long footprintBytes;
    }

    @Name("dev.moonpool.AllocatorStatistics")
    @Label("Allocator Statistics")
    @Description("The counters of an allocator whose region is open, see AllocatorStatistics")
    @Period("1 s")
    private static final class Statistics extends RegionEvent {
        /** Runs on a thread of Flight Recorder's, while the allocators work. */
        static final Runnable HOOK = Statistics::emitAll;

        @Label("Live")
        @DataAmount
        long liveBytes;

        @Label("Peak")
        @DataAmount
        long peakBytes;

        @Label("Used")
        @DataAmount
        long usedBytes;

        @Label("Peak Used")
        @DataAmount
        long peakUsedBytes;

        @Label("Blocks")
        long blocks;

        @Label("Requests")
        long requests;

        @Label("Failures")
        long failures;

        @Label("Grown in Place")
        long grownInPlace;

        @Label("Moved")
        long moved;

        @Label("Shrunk")
        long shrunk;

        @Label("Footprint")
        @DataAmount
        long footprintBytes;

        @Label("Committed")
        @DataAmount
        long committedBytes;

        @Label("Reserved")
        @DataAmount
        long reservedBytes;

        @Label("Remaining")
        @DataAmount
        long remainingBytes;

        @Label("Consolidations")
        long consolidations;

        @Label("Merged Blocks")
        long mergedBlocks;

        @Label("Recovered")
        @DataAmount
        long recoveredBytes;

        private static void emitAll() {
            for (RegionAllocator allocator : LiveAllocators.all()) {
                try {
                    emit(allocator, allocator.glance());
                } catch (RuntimeException | Error _) {
                    // closed in between; the others go on
                }
            }
        }

        private static void emit(RegionAllocator allocator, AllocatorStatistics from) {
            Statistics event = new Statistics();
            event.at(allocator);
            event.liveBytes = from.liveBytes();
            event.peakBytes = from.peakBytes();
            event.usedBytes = from.usedBytes();
            event.peakUsedBytes = from.peakUsedBytes();
            event.blocks = from.blocks();
            event.requests = from.requests();
            event.failures = from.failures();
            event.grownInPlace = from.grownInPlace();
            event.moved = from.moved();
            event.shrunk = from.shrunk();
            event.footprintBytes = from.footprintBytes();
            event.committedBytes = from.committedBytes();
            event.reservedBytes = from.reservedBytes();
            event.remainingBytes = from.remainingBytes();
            event.consolidations = from.consolidations();
            event.mergedBlocks = from.mergedBlocks();
            event.recoveredBytes = from.recoveredBytes();
            event.commit();
        }
    }
}
