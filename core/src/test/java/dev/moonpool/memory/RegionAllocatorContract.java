package dev.moonpool.memory;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every allocator promises besides, that takes over a region and its control block. */
abstract class RegionAllocatorContract extends BlockAllocatorContract {
    final AllocatorKind kind;

    RegionAllocatorContract(AllocatorKind kind) {
        this.kind = kind;
    }

    @Override
    protected final AllocatorFixture fixtureOf(long poolByteSize) {
        return AllocatorFixture.of(kind, poolByteSize);
    }

    @ParameterizedTest
    @EnumSource(AllocatorKind.class)
    void staysTheOnlyAllocatorOfItsRegion(AllocatorKind other) {
        model.allocate(16);
        var refusal =
                assertThrows(IllegalStateException.class, () -> AllocatorFixture.on(region, other));
        assertEquals("region has an allocator already: allocator=" + kind, refusal.getMessage());
        model.verify();
    }

    @Test
    void refusesARegionThatIsClosed() {
        Region closed = AllocatorFixture.regionOf(16);
        closed.close();
        assertThrows(IllegalStateException.class, () -> AllocatorFixture.on(closed, kind));
    }

    @Test
    void checkNamesADamagedControlBlock() {
        model.allocate(16);
        damage("magic", 0, "control block is damaged: magic=0x0");
        damage("live_bytes", -1, "counters are damaged");
        damage("failures", -1, "counters are damaged");
        damage("frees", 2, "counters are damaged");
        damage("live_bytes", 1 << 20, "live");
        assertDoesNotThrow(allocator::check);
    }

    /** Writes over a field of the control block, for as long as it takes to see check fail. */
    void damage(String field, long value, String fact) {
        long offset = ControlBlockTest.offsetOf(field);
        long before = region.data().get(JAVA_LONG, offset);
        region.dataToWrite().set(JAVA_LONG, offset, value);
        var failure = assertThrows(IllegalStateException.class, allocator::check, field);
        String message = String.valueOf(failure.getMessage());
        assertTrue(message.contains(fact), message);
        region.dataToWrite().set(JAVA_LONG, offset, before);
    }
}
