package dev.moonpool.memory;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import jdk.jfr.consumer.RecordingStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a recording holds of what an allocator did. */
@Timeout(120)
class FlightEventsTest {
    private static final String PREFIX = "dev.moonpool.";
    private static final String GROW = PREFIX + "Grow";
    private static final String TRIM = PREFIX + "Trim";
    private static final String CONSOLIDATE = PREFIX + "Consolidate";
    private static final String FAILURE = PREFIX + "AllocationFailure";
    private static final String STATISTICS = PREFIX + "AllocatorStatistics";
    private static final List<String> ALL = List.of(GROW, TRIM, CONSOLIDATE, FAILURE, STATISTICS);

    private static final long POOL = 1 << 16;
    private static final long GROWTH = 1 << 20;

    @TempDir private Path folder;
    private final Region region = Region.reserve(new RegionLayout(16, 8192, POOL, 16, GROWTH));

    @AfterEach
    void close() {
        region.close();
    }

    /** Does this while events are recorded, and finds those of this name in this test's region. */
    private List<RecordedEvent> recorded(String name, Runnable work) {
        return events(name, work).stream()
                .filter(event -> event.getLong("region") == region.address())
                .toList();
    }

    private List<RecordedEvent> events(String name, Runnable work) {
        Path file = folder.resolve("events.jfr");
        try (Recording recording = new Recording()) {
            ALL.forEach(recording::disable);
            if (!name.isEmpty()) {
                recording.enable(name).withPeriod(Duration.ofMillis(10));
            }
            recording.start();
            work.run();
            recording.stop();
            recording.dump(file);
            return RecordingFile.readAllEvents(file).stream()
                    .filter(event -> event.getEventType().getName().startsWith(PREFIX))
                    // A recording's file is not in the order of time.
                    .sorted(Comparator.comparing(RecordedEvent::getStartTime))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Long> allocate(BlockAllocator allocator, int count, long byteSize) {
        List<Long> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            blocks.add(allocator.allocate(byteSize));
        }
        return blocks;
    }

    private static void free(BlockAllocator allocator, List<Long> blocks, long byteSize) {
        blocks.forEach(block -> allocator.free(block, byteSize));
    }

    /** All that there are events of. */
    private void doEverything() {
        PoolAllocator allocator = new PoolAllocator(region);
        List<Long> blocks = allocate(allocator, 1000, 100);
        free(allocator, blocks.subList(0, 900), 100);
        allocator.trim();
        assertEquals(0, allocator.allocate(POOL + GROWTH));
        allocator.check();
    }

    @Test
    void growingTellsFromWhereToWhere() {
        PoolAllocator allocator = new PoolAllocator(region);
        List<RecordedEvent> events = recorded(GROW, () -> allocator.allocate(20_001));
        assertEquals(1, events.size());
        RecordedEvent event = events.getFirst();
        assertEquals("PoolAllocator", event.getString("allocator"));
        assertEquals(20_008, event.getLong("blockSize"));
        assertEquals(0, event.getLong("committedBytesBefore"));
        assertEquals(allocator.statistics().committedBytes(), event.getLong("committedBytes"));
        assertEquals(POOL + GROWTH, event.getLong("limit"));
        assertNotNull(event.getStackTrace());
    }

    @Test
    void growingInPlaceAndLeavingThePoolAreGrowing() {
        PoolAllocator allocator = new PoolAllocator(region);
        List<RecordedEvent> events =
                recorded(
                        GROW,
                        () -> {
                            long block = allocator.allocate(8 << 10);
                            allocator.reallocate(block, 8 << 10, 40 << 10);
                            allocator.allocate(200 << 10);
                        });
        assertEquals(
                List.of(8L << 10, 40L << 10, 200L << 10),
                events.stream().map(event -> event.getLong("blockSize")).toList());
        assertEquals(
                events.get(1).getLong("committedBytes"),
                events.get(2).getLong("committedBytesBefore"));
        assertTrue(events.get(2).getLong("committedBytes") >= POOL + (200 << 10));
    }

    @Test
    void consolidatingTellsWhatWasMerged() {
        PoolAllocator allocator = new PoolAllocator(region);
        List<Long> blocks = allocate(allocator, 1000, 64);
        free(allocator, blocks.subList(900, 999), 64);
        allocator.free(blocks.get(500), 64);
        long footprint = allocator.statistics().footprintBytes();
        allocator.free(blocks.get(999), 64); // lowers the top; the others are merged with it
        List<RecordedEvent> events = recorded(CONSOLIDATE, allocator::trim);
        assertEquals(1, events.size());
        RecordedEvent event = events.getFirst();
        AllocatorStatistics after = allocator.statistics();
        assertEquals(98, event.getLong("mergedBlocks"));
        assertEquals(after.mergedBlocks(), event.getLong("mergedBlocks"));
        assertEquals(footprint - 64, event.getLong("footprintBytesBefore"));
        assertEquals(footprint - 100 * 64, event.getLong("footprintBytes"));
        assertEquals(99 * 64, event.getLong("recoveredBytes"));
        assertTrue(event.getDuration().toNanos() > 0);
    }

    @Test
    void trimmingTellsWhatWasGivenBack() {
        PoolAllocator allocator = new PoolAllocator(region);
        List<Long> blocks = allocate(allocator, 100, 4000);
        free(allocator, blocks.subList(10, 100), 4000);
        AllocatorStatistics before = allocator.statistics();
        List<RecordedEvent> events = recorded(TRIM, allocator::trim);
        AllocatorStatistics after = allocator.statistics();
        assertEquals(1, events.size());
        RecordedEvent event = events.getFirst();
        assertEquals(after.usedBytes(), event.getLong("usedBytes"));
        assertEquals(before.footprintBytes(), event.getLong("footprintBytesBefore"));
        assertEquals(after.footprintBytes(), event.getLong("footprintBytes"));
        assertEquals(before.committedBytes(), event.getLong("committedBytesBefore"));
        assertEquals(after.committedBytes(), event.getLong("committedBytes"));
        assertTrue(after.committedBytes() < before.committedBytes());
        assertTrue(event.getDuration().toNanos() > 0);
    }

    @Test
    void trimmingByItselfIsTrimming() {
        PoolAllocator allocator = new PoolAllocator(region);
        List<Long> blocks = allocate(allocator, 1060, 1000); // an eighth of it is above 128 KiB
        assertEquals(1, recorded(TRIM, () -> free(allocator, blocks.subList(0, 950), 1000)).size());
    }

    @ParameterizedTest
    @EnumSource(AllocatorKind.class)
    void aFailureTellsWhatWasAskedFor(AllocatorKind kind) {
        BlockAllocator allocator = AllocatorFixture.on(region, kind);
        long block = allocator.allocate(100);
        long tooMuch = 1L << 60;
        List<RecordedEvent> events =
                recorded(
                        FAILURE,
                        () -> {
                            assertEquals(0, allocator.allocate(tooMuch));
                            assertEquals(0, allocator.reallocate(block, 100, tooMuch + 1));
                        });
        assertEquals(2, events.size());
        assertEquals(tooMuch, events.get(0).getLong("byteSize"));
        assertEquals(0, events.get(0).getLong("oldByteSize"));
        assertEquals(tooMuch + 1, events.get(1).getLong("byteSize"));
        assertEquals(100, events.get(1).getLong("oldByteSize"));
        AllocatorStatistics after = allocator.statistics();
        for (RecordedEvent event : events) {
            assertEquals(allocator.getClass().getSimpleName(), event.getString("allocator"));
            assertEquals(after.usedBytes(), event.getLong("usedBytes"));
            assertEquals(after.footprintBytes(), event.getLong("footprintBytes"));
            assertEquals(after.remainingBytes(), event.getLong("remainingBytes"));
            assertTrue(
                    event.getStackTrace().getFrames().stream()
                            .anyMatch(frame -> frame.getMethod().getName().startsWith("aFailure")));
        }
        allocator.free(block, 100);
        if (allocator instanceof SystemAllocator system) {
            system.close();
        }
    }

    @Test
    void aPoolThatIsFullFailsOnItsSlowPathToo() {
        PoolAllocator allocator = new PoolAllocator(region);
        allocator.limit(4096);
        long block = allocator.allocate(4000);
        List<RecordedEvent> events =
                recorded(
                        FAILURE,
                        () -> {
                            allocator.allocate(200);
                            allocator.reallocate(block, 4000, 5000);
                        });
        assertEquals(
                List.of(200L, 5000L),
                events.stream().map(event -> event.getLong("byteSize")).toList());
        assertEquals(96, events.getFirst().getLong("remainingBytes"));
    }

    @Test
    void nothingIsRecordedThatIsOff() {
        assertEquals(List.of(), events("", this::doEverything));
    }

    @Test
    void allocatingAndGivingBackAreNoEvents() {
        PoolAllocator allocator = new PoolAllocator(region);
        free(allocator, allocate(allocator, 10, 100), 100);
        try (Recording recording = new Recording()) {
            recording.start(); // with all events
            for (int i = 0; i < 100; i++) {
                free(allocator, allocate(allocator, 10, 100), 100);
            }
            recording.stop();
            Path file = folder.resolve("all.jfr");
            recording.dump(file);
            assertEquals(
                    List.of(),
                    RecordingFile.readAllEvents(file).stream()
                            .filter(event -> event.getEventType().getName().startsWith(PREFIX))
                            .filter(event -> !event.getEventType().getName().equals(STATISTICS))
                            .toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @EnumSource(AllocatorKind.class)
    void statisticsComeByThemselves(AllocatorKind kind) {
        BlockAllocator allocator = AllocatorFixture.on(region, kind);
        long block = allocator.allocate(1001);
        RecordedEvent event = recorded(STATISTICS, () -> sleep(100)).getLast();
        AllocatorStatistics now = allocator.statistics();
        assertEquals(allocator.getClass().getSimpleName(), event.getString("allocator"));
        assertEquals(now, statisticsIn(event, now));
        assertNull(event.getStackTrace());
        allocator.free(block, 1001);
    }

    private static AllocatorStatistics statisticsIn(RecordedEvent event, AllocatorStatistics now) {
        return new AllocatorStatistics(
                event.getLong("liveBytes"),
                event.getLong("peakBytes"),
                event.getLong("usedBytes"),
                event.getLong("peakUsedBytes"),
                event.getLong("blocks"),
                event.getLong("requests"),
                event.getLong("failures"),
                event.getLong("grownInPlace"),
                event.getLong("moved"),
                event.getLong("shrunk"),
                event.getLong("footprintBytes"),
                event.getLong("committedBytes"),
                event.getLong("reservedBytes"),
                event.getLong("remainingBytes"),
                event.getLong("consolidations"),
                event.getLong("mergedBlocks"),
                event.getLong("recoveredBytes"),
                now.requestsByTag());
    }

    @Test
    void statisticsOfSharedCountersAreWhatStandsInTheRegion() {
        PoolAllocator allocator = new PoolAllocator(region);
        allocator.allocate(1000);
        allocator.share();
        region.dataToWrite().set(JAVA_LONG, ControlBlockTest.offsetOf("live_bytes"), 777);
        RecordedEvent event = recorded(STATISTICS, () -> sleep(100)).getLast();
        assertEquals(777, event.getLong("liveBytes"));
        assertEquals(1, event.getLong("blocks"));
    }

    @Test
    void closedRegionsVanish() {
        try (Region other = Region.reserve(RegionLayout.REFERENCE)) {
            PoolAllocator closed = new PoolAllocator(region);
            PoolAllocator open = new PoolAllocator(other);
            assertTrue(LiveAllocators.all().containsAll(List.of(closed, open)));
            region.close();
            assertFalse(LiveAllocators.all().contains(closed));
            List<RecordedEvent> events = events(STATISTICS, () -> sleep(100));
            assertTrue(
                    events.stream().anyMatch(event -> event.getLong("region") == other.address()));
            assertTrue(
                    events.stream()
                            .noneMatch(event -> event.getLong("region") == region.address()));
        }
    }

    @Test
    void regionsThatAreOpenedAndClosedLeaveNothing() {
        int before = LiveAllocators.all().size();
        for (int i = 0; i < 1000; i++) {
            try (Region brief = Region.reserve(RegionLayout.REFERENCE)) {
                new BumpAllocator(brief).allocate(16);
            }
        }
        // Others may have come and gone with the garbage, but none stayed.
        assertTrue(LiveAllocators.all().size() <= before);
    }

    /** Regions come and go, and native code shares some, while each is looked at all the time. */
    @Test
    void theOwnersAreNotDisturbed() throws InterruptedException {
        Set<String> seen = ConcurrentHashMap.newKeySet();
        CountDownLatch saw = new CountDownLatch(20);
        AtomicBoolean looking = new AtomicBoolean(true);
        Thread looks =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    while (looking.get()) {
                                        for (RegionAllocator any : LiveAllocators.all()) {
                                            try {
                                                any.glance();
                                            } catch (IllegalStateException e) {
                                                seen.add(String.valueOf(e.getMessage()));
                                            }
                                        }
                                    }
                                });
        try (RecordingStream stream = new RecordingStream()) {
            stream.enable(STATISTICS).withPeriod(Duration.ofMillis(1));
            stream.onEvent(STATISTICS, _ -> saw.countDown());
            stream.startAsync();
            int round = 0;
            do {
                workOnANewRegion(round++ % 2 == 0);
            } while (round < 200 || saw.getCount() > 0);
            assertTrue(saw.await(1, TimeUnit.SECONDS));
        } finally {
            looking.set(false);
            looks.join();
        }
        assertTrue(Set.of("Already closed").containsAll(seen), seen::toString);
    }

    private static void workOnANewRegion(boolean shared) {
        try (Region mine = Region.reserve(new RegionLayout(16, 8192, POOL, 16, GROWTH))) {
            PoolAllocator allocator = new PoolAllocator(mine);
            if (shared) {
                allocator.share();
            }
            List<Long> blocks = allocate(allocator, 500, 100);
            free(allocator, blocks.subList(0, 400), 100);
            allocator.trim();
            allocator.check();
            assertEquals(100, allocator.statistics().blocks());
        }
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
