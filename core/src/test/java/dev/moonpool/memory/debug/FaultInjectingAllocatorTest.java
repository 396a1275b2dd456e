package dev.moonpool.memory.debug;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.moonpool.memory.AllocatorFixture;
import dev.moonpool.memory.AllocatorModel;
import dev.moonpool.memory.AllocatorStatistics;
import dev.moonpool.memory.Seeds;
import dev.moonpool.memory.debug.FaultInjectingAllocator.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FaultInjectingAllocatorTest {
    private final AllocatorFixture fixture = AllocatorFixture.pool(64 << 10);

    @AfterEach
    void close() {
        fixture.close();
    }

    private FaultInjectingAllocator faulty(Plan plan) {
        return new FaultInjectingAllocator(fixture.base(), plan);
    }

    /** The numbers of those of the first 20 requests that fail. */
    private static List<Integer> failures(FaultInjectingAllocator faulty) {
        List<Integer> failures = new ArrayList<>();
        for (int request = 1; request <= 20; request++) {
            if (faulty.allocate(16) == 0) {
                failures.add(request);
            }
        }
        return failures;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 20})
    void refusesTheNthRequest(int n) {
        FaultInjectingAllocator faulty = faulty(Plan.failing(n));
        assertEquals(List.of(n), failures(faulty));
        assertEquals(20, faulty.requests());
        assertEquals(1, faulty.refusals());
    }

    @Test
    void refusesNothingBeyondTheLastRequest() {
        FaultInjectingAllocator faulty = faulty(Plan.failing(21));
        assertEquals(List.of(), failures(faulty));
        assertEquals(0, faulty.refusals());
    }

    @Test
    void refusesEachNthRequest() {
        assertEquals(List.of(7, 14), failures(faulty(Plan.failingEvery(7))));
        assertEquals(20, failures(faulty(Plan.failingEvery(1))).size());
    }

    @Test
    void refusesWhatWouldBeAboveTheLimit() {
        FaultInjectingAllocator faulty = faulty(Plan.failingAbove(100));
        long block = faulty.allocate(60);
        assertEquals(0, faulty.allocate(41));
        assertNotEquals(0, faulty.allocate(40));
        assertEquals(0, faulty.reallocate(block, 60, 61));
        assertEquals(block, faulty.reallocate(block, 60, 50));
        assertEquals(0, faulty.allocate(11));
        block = faulty.reallocate(block, 50, 60);
        faulty.free(block, 60);
        assertEquals(0, faulty.allocate(Long.MAX_VALUE));
        assertNotEquals(0, faulty.allocate(60));
        assertEquals(4, faulty.refusals());
    }

    @Test
    void countsBlocksThatWereThereBefore() {
        assertNotEquals(0, fixture.base().allocate(60));
        FaultInjectingAllocator faulty = faulty(Plan.failingAbove(100));
        assertEquals(0, faulty.allocate(41));
        assertNotEquals(0, faulty.allocate(40));
    }

    @Test
    void aRequestForNoMoreNeverFailsAndIsNoneToCount() {
        FaultInjectingAllocator faulty = faulty(Plan.failingEvery(2));
        long block = faulty.allocate(100);
        for (int byteSize = 99; byteSize > 0; byteSize--) {
            assertEquals(block, faulty.reallocate(block, byteSize + 1, byteSize));
            assertEquals(block, faulty.reallocate(block, byteSize, byteSize));
        }
        assertEquals(1, faulty.requests());
    }

    @Test
    void aRefusedReallocateLeavesTheBlockIntact() {
        FaultInjectingAllocator faulty = faulty(Plan.failing(2));
        long block = faulty.allocate(100);
        faulty.segment(block, 100).fill((byte) 7);
        assertEquals(0, faulty.reallocate(block, 100, 200));
        long moved = faulty.reallocate(block, 100, 200);
        assertEquals(7, faulty.segment(moved, 200).get(JAVA_BYTE, 99));
    }

    @Test
    void refusedRequestsAreFailuresInTheStatistics() {
        FaultInjectingAllocator faulty = faulty(Plan.failingEvery(2));
        faulty.allocate(16);
        faulty.allocate(16);
        faulty.allocate(1 << 20); // the pool cannot
        AllocatorStatistics statistics = faulty.statistics();
        assertEquals(3, statistics.requests());
        assertEquals(2, statistics.failures());
        assertEquals(3, faulty.requests());
        assertEquals(1, faulty.refusals());
        assertEquals(1, fixture.base().statistics().failures());
    }

    @Test
    void aRejectedRequestIsNoneToCount() {
        FaultInjectingAllocator faulty = faulty(Plan.failing(2));
        long block = faulty.allocate(16);
        assertThrows(IllegalArgumentException.class, () -> faulty.allocate(0));
        assertThrows(IllegalArgumentException.class, () -> faulty.allocate(1, 16));
        assertThrows(IllegalArgumentException.class, () -> faulty.reallocate(block, 16, 0));
        assertThrows(IllegalArgumentException.class, () -> faulty.reallocate(block, 0, 16));
        assertThrows(IllegalArgumentException.class, () -> faulty.reallocate(0, 16, 32));
        assertThrows(IllegalArgumentException.class, () -> faulty.free(0, 16));
        assertEquals(1, faulty.requests());
        assertEquals(0, faulty.refusals());
        assertEquals(0, faulty.allocate(16));
    }

    @Test
    void aRequestThatIsRefusedIsLookedAtNoLessClosely() {
        FaultInjectingAllocator faulty =
                new FaultInjectingAllocator(
                        new CheckedAllocator(fixture.base()), Plan.failingAbove(100));
        long block = faulty.allocate(100);
        assertThrows(IllegalArgumentException.class, () -> faulty.reallocate(block + 1, 100, 200));
        assertThrows(IllegalArgumentException.class, () -> faulty.reallocate(block, 50, 200));
        assertEquals(1, faulty.requests());
        assertEquals(0, faulty.reallocate(block, 100, 200));
        assertEquals(2, faulty.requests());
        assertEquals(0, faulty.statistics().shrunk());
    }

    @Test
    void plansRejectNumbersThatNoRequestHas() {
        assertThrows(IllegalArgumentException.class, () -> Plan.failing(0));
        assertThrows(IllegalArgumentException.class, () -> Plan.failingEvery(-1));
        assertThrows(IllegalArgumentException.class, () -> Plan.failingAbove(-1));
    }

    @Test
    void whatAPlanThrowsReachesTheCallerAndChangesNothing() {
        FaultInjectingAllocator faulty =
                faulty(
                        (request, liveBytes) -> {
                            throw new UnsupportedOperationException();
                        });
        assertThrows(UnsupportedOperationException.class, () -> faulty.allocate(16));
        assertEquals(0, faulty.requests());
        assertEquals(0, faulty.statistics().requests());
    }

    @Test
    void aCallerThatIsCheckedSurvivesRandomFaults() {
        Seeds.each(
                20,
                random -> {
                    Random faults = new Random(random.nextLong());
                    try (var walked = AllocatorFixture.pool(16 << 10)) {
                        var checked = new CheckedAllocator(walked.base(), 500);
                        var faulty =
                                new FaultInjectingAllocator(
                                        checked, (request, liveBytes) -> faults.nextInt(3) == 0);
                        var model = new AllocatorModel(faulty, random);
                        Seeds.steps(
                                200,
                                () -> {
                                    model.step(200);
                                    model.verify();
                                });
                        assertNotEquals(0, faulty.refusals());
                        assertEquals(faulty.requests(), faulty.statistics().requests());
                        model.freeAll();
                        assertEquals(List.of(), checked.liveBlocks());
                    }
                });
    }
}
