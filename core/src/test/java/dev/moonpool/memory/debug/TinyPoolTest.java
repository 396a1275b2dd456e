package dev.moonpool.memory.debug;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.moonpool.memory.AllocatorFixture;
import dev.moonpool.memory.NativeMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a {@link CheckedAllocator} does when there is no memory for its extras. */
class TinyPoolTest {
    private static final long POOL = 256;

    private final AllocatorFixture fixture = AllocatorFixture.pool(POOL);
    private final CheckedAllocator checked = new CheckedAllocator(fixture.base());

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void theQuarantineGivesWayToARequest() {
        long block = checked.allocate(POOL - 32);
        checked.free(block, POOL - 32);
        assertEquals(block, checked.allocate(POOL - 32));
        assertEquals(0, checked.statistics().failures());
        checked.check();
    }

    @Test
    void aDamagedQuarantineDoesNotGiveWay() {
        long block = checked.allocate(POOL - 32);
        checked.free(block, POOL - 32);
        NativeMemory.at(block, 1).fill((byte) 0);
        assertThrows(IllegalStateException.class, () -> checked.allocate(POOL - 32));
        assertEquals(1, checked.statistics().requests());
    }

    @Test
    void aBlockGrowsWhereItIsIfThereIsNoOtherPlace() {
        long block = checked.allocate(100);
        checked.segment(block, 100).fill((byte) 7);
        assertEquals(block, checked.reallocate(block, 100, POOL - 32));
        assertEquals(1, checked.statistics().grownInPlace());
        assertEquals(7, checked.segment(block, 100).get(JAVA_BYTE, 99));
        checked.check();
    }

    @Test
    void aRequestFailsWhenEvenThatIsTooLittle() {
        long block = checked.allocate(100);
        assertEquals(0, checked.reallocate(block, 100, POOL - 31));
        assertEquals(0, checked.allocate(POOL));
        assertEquals(2, checked.statistics().failures());
        checked.check();
        checked.free(block, 100);
    }

    @Test
    void aFullPoolStillShrinksItsBlocks() {
        long block = checked.allocate(POOL - 32);
        for (long byteSize = POOL - 33; byteSize > 0; byteSize--) {
            block = checked.reallocate(block, byteSize + 1, byteSize);
            assertNotEquals(0, block);
            checked.check();
        }
    }
}
