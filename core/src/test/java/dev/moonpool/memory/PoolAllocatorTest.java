package dev.moonpool.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PoolAllocatorTest extends PooledAllocatorContract {

    PoolAllocatorTest() {
        super(AllocatorKind.POOL);
    }

    private long pool() {
        return region.pool().address();
    }

    @Test
    void blocksFollowEachOtherRoundedUpToEightBytes() {
        assertEquals(pool(), model.allocate(1));
        assertEquals(pool() + 8, model.allocate(8));
        assertEquals(pool() + 16, model.allocate(9));
        assertEquals(pool() + 32, model.allocate(1));
        assertEquals(40, allocator.statistics().usedBytes());
    }

    @Test
    void reusesTheLatestFreeBlockOfTheSize() {
        long first = model.allocate(40);
        long second = model.allocate(40);
        model.allocate(8);
        model.free(first);
        model.free(second);
        assertEquals(second, model.allocate(33));
        assertEquals(first, model.allocate(40));
    }

    @Test
    void splitsALargerBlockAndKeepsTheRest() {
        long block = model.allocate(64);
        model.allocate(8);
        model.free(block);
        assertEquals(block, model.allocate(24));
        assertEquals(block + 24, model.allocate(40));
    }

    @Test
    void freeAtTheTopLowersIt() {
        model.allocate(16);
        long last = model.allocate(100);
        model.free(last);
        assertEquals(last, model.allocate(200));
        assertEquals(16 + 200, allocator.statistics().usedBytes());
    }

    @Test
    void growsInPlaceAtTheTopAndWithinTheGranule() {
        long inner = model.allocate(17);
        long last = model.allocate(16);
        assertEquals(last, model.reallocate(last, 1000));
        assertEquals(inner, model.reallocate(inner, 24));
        assertNotEquals(inner, model.reallocate(inner, 25));
    }

    @Test
    void shrinkingGivesTheTailBack() {
        long block = model.allocate(100);
        model.allocate(8);
        assertEquals(block, model.reallocate(block, 10));
        assertEquals(block + 16, model.allocate(88));
    }

    @Test
    void coalescesWithBothNeighbours() {
        List<Long> blocks = fillWith(64);
        for (int i : new int[] {4, 6, 5}) {
            model.free(blocks.get(i));
        }
        assertEquals(blocks.get(4), model.allocate(192));
        model.verify();
    }

    @Test
    void coalescesWithTheTop() {
        List<Long> blocks = fillWith(64);
        int last = blocks.size() - 1;
        model.free(blocks.get(last - 1));
        model.free(blocks.get(last));
        assertEquals(blocks.get(last - 1), model.allocate(128));
    }

    @Test
    void reusesLowAddressesFirstAfterAConsolidation() {
        List<Long> blocks = fillWith(64);
        for (int i = 0; i < 10; i += 2) {
            model.free(blocks.get(i));
        }
        assertEquals(0, model.allocate(65));
        assertEquals(blocks.get(0), model.allocate(64));
        assertEquals(blocks.get(2), model.allocate(64));
    }

    @Test
    void aPoolThatIsAllFreeServesAsOneBlock() {
        Seeds.each(
                20,
                random -> {
                    List<Long> blocks = new ArrayList<>();
                    for (long block; (block = model.allocate(1 + random.nextInt(300))) != 0; ) {
                        blocks.add(block);
                    }
                    while (!blocks.isEmpty()) {
                        model.free(blocks.remove(random.nextInt(blocks.size())));
                    }
                    assertEquals(0, allocator.statistics().usedBytes());
                    long whole = model.allocate(POOL);
                    assertEquals(pool(), whole);
                    model.free(whole);
                });
    }

    @Test
    void largeBlocksAreFoundInTheirOwnList() {
        try (var large = AllocatorFixture.of(kind, 1 << 20)) {
            BlockAllocator pool = large.allocator();
            List<Long> blocks = new ArrayList<>();
            List<Long> fences = new ArrayList<>();
            for (int i = 0; i < 30; i++) { // all in the list of 4096 to 4607 bytes
                blocks.add(pool.allocate(4096 + 8 * i));
                fences.add(pool.allocate(8));
            }
            for (int i = 0; i < 30; i++) {
                pool.free(blocks.get(i), 4096 + 8 * i);
                pool.check();
            }
            for (int i = 29; i >= 0; i--) {
                assertNotEquals(0, pool.allocate(4096 + 8 * i));
                pool.check();
            }
            assertEquals(30, fences.size());
        }
    }

    @Test
    void dataPartWithoutRoomForTheListsIsRefused() {
        RegionLayout layout = new RegionLayout(16, ControlBlock.BYTE_SIZE, 1024, 16);
        try (Region small = Region.reserve(layout)) {
            var refusal =
                    assertThrows(IllegalArgumentException.class, () -> new PoolAllocator(small));
            assertEquals(
                    "data part cannot hold the free lists: dataByteSize="
                            + ControlBlock.BYTE_SIZE
                            + ", needed="
                            + (ControlBlock.BYTE_SIZE + FreeBins.LAYOUT.byteSize()),
                    refusal.getMessage());
            new BumpAllocator(small).check();
        }
    }

    /** Fills the pool, so that the next request has to consolidate. */
    private List<Long> fillWith(long byteSize) {
        List<Long> blocks = new ArrayList<>();
        for (long block; (block = model.allocate(byteSize)) != 0; ) {
            blocks.add(block);
        }
        return blocks;
    }
}
