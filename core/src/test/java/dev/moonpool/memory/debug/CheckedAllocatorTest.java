package dev.moonpool.memory.debug;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.moonpool.memory.AllocatorFixture;
import dev.moonpool.memory.AllocatorModel;
import dev.moonpool.memory.AllocatorStatistics;
import dev.moonpool.memory.AllocatorStatistics.Requests;
import dev.moonpool.memory.BlockAllocator;
import dev.moonpool.memory.CHeap;
import dev.moonpool.memory.NativeMemory;
import dev.moonpool.memory.Seeds;
import dev.moonpool.memory.debug.CheckedAllocator.Block;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each kind of misuse, and what the message says; on a pool and on libc. */
@ParameterizedClass
@ValueSource(booleans = {true, false})
class CheckedAllocatorTest {
    private static final long QUARANTINE = 1000;

    private final AllocatorFixture fixture;
    private final BlockAllocator base;
    private final CheckedAllocator checked;

    CheckedAllocatorTest(boolean onPool) {
        fixture = onPool ? AllocatorFixture.pool(64 << 10) : AllocatorFixture.system();
        base = fixture.base();
        checked = new CheckedAllocator(base, QUARANTINE);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    /** Writes as C does, wherever it likes. {@return what was there} */
    private static byte poke(long address, int value) {
        var memory = NativeMemory.at(address, 1);
        byte before = memory.get(JAVA_BYTE, 0);
        memory.set(JAVA_BYTE, 0, (byte) value);
        return before;
    }

    private static byte peek(long address) {
        return NativeMemory.at(address, 1).get(JAVA_BYTE, 0);
    }

    /** Nothing that can be seen from outside is another after it. */
    private <T extends RuntimeException> void requireRejected(
            Class<T> type, Executable call, String message) {
        AllocatorStatistics before = checked.statistics();
        List<Block> blocks = checked.liveBlocks();
        List<Requests> byTag = checked.liveByTag();
        var rejection = assertThrows(type, call);
        assertEquals(message, rejection.getMessage());
        assertEquals(before, checked.statistics());
        assertEquals(blocks, checked.liveBlocks());
        assertEquals(byTag, checked.liveByTag());
    }

    private void requireDamage(Executable call, String format, long address) {
        requireRejected(IllegalStateException.class, call, format.formatted(address));
    }

    private void requireBadArguments(Executable call, String message) {
        requireRejected(IllegalArgumentException.class, call, message);
    }

    @Test
    void findsAWriteBehindTheEnd() {
        assertEquals(0, checked.allocate(Long.MAX_VALUE)); // the first request
        long block = checked.allocate(32, 3);
        for (int offset : new int[] {32, 40, 47}) {
            byte before = poke(block + offset, 'A');
            String damage =
                    "written behind the end of a block: address=0x%x, byteSize=32, request=2, tag=3, offset="
                            + offset
                            + ", found=0x41, expected=0xfd";
            requireDamage(() -> checked.free(block, 32), damage, block);
            requireDamage(() -> checked.reallocate(block, 32, 31), damage, block);
            requireDamage(() -> checked.reallocate(block, 32, 33), damage, block);
            requireDamage(checked::check, damage, block);
            poke(block + offset, before);
        }
        checked.check();
        checked.free(block, 32);
    }

    @Test
    void findsAWriteInFrontOfTheStart() {
        long block = checked.allocate(5);
        for (int offset : new int[] {-1, -8, -16}) {
            byte before = poke(block + offset, 0);
            String damage =
                    "written in front of a block: address=0x%x, byteSize=5, request=1, tag=0, offset="
                            + offset
                            + ", found=0x00, expected=0xfd";
            requireDamage(() -> checked.free(block, 5), damage, block);
            requireDamage(() -> checked.reallocate(block, 5, 6), damage, block);
            requireDamage(checked::check, damage, block);
            poke(block + offset, before);
        }
        checked.check();
    }

    @Test
    void namesTheFirstByteThatIsDamaged() {
        long block = checked.allocate(10);
        for (int offset : new int[] {15, 12, 13}) {
            poke(block + offset, 1);
        }
        var damage = assertThrows(IllegalStateException.class, checked::check);
        assertTrue(String.valueOf(damage.getMessage()).contains("offset=12,"));
    }

    @Test
    void redZonesAreRightBehindBlocksOfEverySize() {
        for (int byteSize = 1; byteSize < 70; byteSize++) {
            long block = checked.allocate(byteSize);
            byte before = poke(block + byteSize, 0);
            assertThrows(IllegalStateException.class, checked::check, "byteSize=" + byteSize);
            poke(block + byteSize, before);
            checked.free(block, byteSize);
        }
    }

    @Test
    void redZonesMoveWithTheEndOfABlock() {
        long block = checked.allocate(100);
        for (int byteSize : new int[] {99, 50, 51, 200, 1}) {
            block = checked.reallocate(block, checked.liveBlocks().getFirst().byteSize(), byteSize);
            byte before = poke(block + byteSize, 0);
            assertThrows(IllegalStateException.class, checked::check, "byteSize=" + byteSize);
            poke(block + byteSize, before);
            checked.check();
        }
    }

    @Test
    void findsAWriteToAFreedBlock() {
        long block = checked.allocate(32, 3);
        checked.free(block, 32);
        String damage =
                "written to a block that was freed: address=0x%x, byteSize=32, request=1, tag=3, offset=7, found=0x41, expected=0xdd";
        byte before = poke(block + 7, 'A');
        requireDamage(checked::check, damage, block);
        requireDamage(checked::emptyQuarantine, damage, block);
        poke(block + 7, before);
        checked.emptyQuarantine();
        checked.check();
    }

    @Test
    void findsWritesAroundAFreedBlock() {
        long block = checked.allocate(32, 3);
        checked.free(block, 32);
        byte before = poke(block - 1, 0);
        requireDamage(
                checked::check,
                "written in front of a freed block: address=0x%x, byteSize=32, request=1, tag=3, offset=-1, found=0x00, expected=0xfd",
                block);
        poke(block - 1, before);
        before = poke(block + 33, 0);
        requireDamage(
                checked::check,
                "written behind the end of a freed block: address=0x%x, byteSize=32, request=1, tag=3, offset=33, found=0x00, expected=0xfd",
                block);
        poke(block + 33, before);
        checked.check();
    }

    @Test
    void aBlockIsCheckedWhenItHasToLeaveTheQuarantine() {
        long first = checked.allocate(600);
        long second = checked.allocate(600);
        checked.free(first, 600);
        byte before = poke(first + 599, 0);
        String damage =
                "written to a block that was freed: address=0x%x, byteSize=600, request=1, tag=0, offset=599, found=0x00, expected=0xdd";
        requireDamage(() -> checked.free(second, 600), damage, first);
        requireDamage(() -> checked.reallocate(second, 600, 700), damage, first);
        poke(first + 599, before);
        checked.free(second, 600);
        assertEquals(1, base.statistics().blocks()); // the first one is out
    }

    @Test
    void findsAWriteToTheOldPlaceOfABlockThatGrew() {
        long block = checked.allocate(32, 3);
        long moved = checked.reallocate(block, 32, 33);
        assertNotEquals(block, moved);
        poke(block, 1);
        requireDamage(
                checked::check,
                "written to a block that was freed: address=0x%x, byteSize=32, request=1, tag=3, offset=0, found=0x01, expected=0xdd",
                block);
        requireBadArguments(
                () -> checked.free(block, 32),
                "block was freed already: address=0x%1$x, byteSize=32; expected: address=0x%1$x, byteSize=32, request=1, tag=3"
                        .formatted(block));
    }

    @Test
    void findsADoubleFree() {
        long block = checked.allocate(32, 15);
        checked.free(block, 32);
        String rejection =
                "block was freed already: address=0x%1$x, byteSize=%2$d; expected: address=0x%1$x, byteSize=32, request=1, tag=15";
        requireBadArguments(() -> checked.free(block, 32), rejection.formatted(block, 32));
        requireBadArguments(() -> checked.free(block, 8), rejection.formatted(block, 8));
        requireBadArguments(() -> checked.reallocate(block, 32, 8), rejection.formatted(block, 32));
        requireBadArguments(
                () -> checked.reallocate(block, 32, 64), rejection.formatted(block, 32));
        requireBadArguments(() -> checked.segment(block, 32), rejection.formatted(block, 32));
    }

    @Test
    void afterTheQuarantineADoubleFreeIsOfNoBlock() {
        long block = checked.allocate(32);
        checked.free(block, 32);
        checked.emptyQuarantine();
        requireBadArguments(
                () -> checked.free(block, 32),
                "no block of this allocator: address=0x%x, byteSize=32".formatted(block));
    }

    @Test
    void findsAWrongSize() {
        long block = checked.allocate(32, 1);
        String rejection =
                "size is not the block's: address=0x%1$x, byteSize=%2$d; expected: address=0x%1$x, byteSize=32, request=1, tag=1";
        for (long byteSize : new long[] {31, 33, 0, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
            requireBadArguments(
                    () -> checked.free(block, byteSize), rejection.formatted(block, byteSize));
            requireBadArguments(
                    () -> checked.reallocate(block, byteSize, 8),
                    rejection.formatted(block, byteSize));
        }
    }

    @Test
    void findsAnAddressInsideOfABlock() {
        long block = checked.allocate(32, 1);
        String rejection =
                ": address=0x%x, byteSize=8; expected: address=0x%x, byteSize=32, request=1, tag=1";
        int[] offsets = {-16, -1, 1, 16, 31, 32, 47};
        for (int offset : offsets) {
            requireBadArguments(
                    () -> checked.free(block + offset, 8),
                    ("address is inside of a block" + rejection).formatted(block + offset, block));
        }
        checked.free(block, 32);
        for (int offset : offsets) {
            requireBadArguments(
                    () -> checked.free(block + offset, 8),
                    ("address is inside of a freed block" + rejection)
                            .formatted(block + offset, block));
        }
    }

    @Test
    void findsAForeignBlock() {
        long foreign = base.allocate(32);
        requireBadArguments(
                () -> checked.free(foreign, 32),
                "no block of this allocator: address=0x%x, byteSize=32".formatted(foreign));
        base.free(foreign, 32);
    }

    @Test
    void aRejectedRequestHasNoNumber() {
        assertThrows(IllegalArgumentException.class, () -> checked.allocate(0));
        assertThrows(IllegalArgumentException.class, () -> checked.allocate(1, -1));
        checked.allocate(1);
        assertEquals(1, checked.liveBlocks().getFirst().request());
    }

    @Test
    void numbersAreTheRequestsAndStayWithTheirBlock() {
        long first = checked.allocate(10); // 1
        checked.allocate(Long.MAX_VALUE); // 2
        first = checked.reallocate(first, 10, 20); // 3
        first = checked.reallocate(first, 20, 5); // no request for memory
        long second = checked.allocate(10, 2); // 4
        assertEquals(
                List.of(new Block(first, 5, 0, 1), new Block(second, 10, 2, 4)),
                checked.liveBlocks().stream()
                        .sorted((a, b) -> Long.compare(a.request(), b.request()))
                        .toList());
        assertEquals(4, checked.statistics().requests());
    }

    @Test
    void newMemoryIsMarked() {
        long block = checked.allocate(20);
        byte[] fresh = new byte[20];
        Arrays.fill(fresh, (byte) 0xcd);
        assertEquals(-1, Arrays.mismatch(fresh, bytes(block, 20)));
        checked.segment(block, 20).fill((byte) 7);
        long grown = checked.reallocate(block, 20, 40);
        byte[] expected = new byte[40];
        Arrays.fill(expected, 0, 20, (byte) 7);
        Arrays.fill(expected, 20, 40, (byte) 0xcd);
        assertEquals(-1, Arrays.mismatch(expected, bytes(grown, 40)));
        assertEquals((byte) 0xdd, peek(block));
    }

    private byte[] bytes(long block, long byteSize) {
        return checked.segment(block, byteSize).toArray(JAVA_BYTE);
    }

    @Test
    void aSegmentMayBeAnyPartOfABlock() {
        long block = checked.allocate(32);
        assertEquals(block + 8, checked.segment(block + 8, 24).address());
        assertEquals(24, checked.segment(block + 8, 24).byteSize());
        assertEquals(0, checked.segment(block + 32, 0).byteSize());
        assertThrows(IllegalArgumentException.class, () -> checked.segment(block + 8, 25));
        assertThrows(IllegalArgumentException.class, () -> checked.segment(block + 33, 0));
        assertThrows(IllegalArgumentException.class, () -> checked.segment(block - 1, 1));
    }

    @Test
    void theQuarantineKeepsTheLatestBlocks() {
        List<Long> blocks = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            blocks.add(checked.allocate(100));
        }
        for (long block : blocks) {
            checked.free(block, 100);
        }
        assertEquals(QUARANTINE / 100, base.statistics().blocks());
        for (int i = 0; i < 30; i++) {
            long block = blocks.get(i);
            var rejection =
                    assertThrows(IllegalArgumentException.class, () -> checked.free(block, 100));
            String what = i < 20 ? "no block of this" : "freed already";
            assertTrue(String.valueOf(rejection.getMessage()).contains(what), "block " + i);
        }
    }

    @Test
    void aBlockThatIsLargerThanTheQuarantineDoesNotEmptyIt() {
        long small = checked.allocate(QUARANTINE);
        long large = checked.allocate(QUARANTINE + 1);
        checked.free(small, QUARANTINE);
        checked.free(large, QUARANTINE + 1);
        assertEquals(1, base.statistics().blocks());
        checked.check();
    }

    @Test
    void aQuarantineOfNothingGivesBackAtOnce() {
        var none = new CheckedAllocator(base, 0);
        none.free(none.allocate(1), 1);
        long block = none.allocate(1);
        none.free(none.reallocate(block, 1, 50), 50);
        assertEquals(0, base.statistics().blocks());
        none.check();
        assertThrows(IllegalArgumentException.class, () -> new CheckedAllocator(base, -1));
    }

    @Test
    void liveByTagIsWhatIsThereNow() {
        long first = checked.allocate(10, 2);
        long second = checked.allocate(20, 2);
        checked.allocate(30, 5);
        assertEquals(new Requests(2, 30), checked.liveByTag().get(2));
        first = checked.reallocate(first, 10, 100);
        second = checked.reallocate(second, 20, 1);
        assertEquals(new Requests(2, 101), checked.liveByTag().get(2));
        checked.free(first, 100);
        checked.free(second, 1);
        assertEquals(new Requests(0, 0), checked.liveByTag().get(2));
        assertEquals(new Requests(1, 30), checked.liveByTag().get(5));
        assertEquals(BlockAllocator.TAGS, checked.liveByTag().size());
        assertEquals(new Requests(2, 30), checked.statistics().requestsByTag().get(2));
    }

    @Test
    void statisticsCountTheCallersBytesAndTheMemoryUnderneath() {
        long block = checked.allocate(10);
        checked.free(checked.allocate(20), 20);
        AllocatorStatistics seen = checked.statistics();
        assertEquals(10, seen.liveBytes());
        assertEquals(30, seen.peakBytes());
        assertEquals(1, seen.blocks());
        assertEquals(base.statistics().usedBytes(), seen.usedBytes());
        assertTrue(seen.usedBytes() >= 30 + 4 * 16, "red zones and quarantine are used");
        checked.free(block, 10);
        checked.emptyQuarantine();
        assertEquals(0, checked.statistics().usedBytes());
    }

    @Test
    void walkShowsExactlyTheBlocks() {
        var model = new AllocatorModel(checked, new Random(1));
        model.fill(10, 5);
        model.free(model.blocks().any());
        List<Long> used =
                model.runs().stream()
                        .filter(run -> !run.free())
                        .map(AllocatorModel.Run::address)
                        .toList();
        assertEquals(model.blocks().addresses(), used);
        assertEquals(base.freeSpace().byteSize(), checked.freeSpace().byteSize());
        model.verify();
    }

    @Test
    void whatLeakedIsLeft() {
        checked.free(checked.allocate(10), 10);
        long leak = checked.allocate(11, 4);
        checked.emptyQuarantine();
        assertEquals(List.of(new Block(leak, 11, 4, 2)), checked.liveBlocks());
        assertEquals(1, base.statistics().blocks());
    }

    @Test
    void servesAHeap() {
        CHeap heap = new CHeap(checked);
        List<Long> payloads = new ArrayList<>();
        for (int size = 0; size < 60; size++) {
            payloads.add(heap.malloc(size));
            payloads.add(heap.realloc(heap.alignedAlloc(64, size), 2L * size));
        }
        checked.check();
        payloads.forEach(heap::free);
        assertEquals(0, checked.statistics().blocks());
        assertThrows(IllegalArgumentException.class, () -> heap.free(payloads.getFirst()));
        checked.check();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 100, 5000})
    void findsDamageInRandomWalks(long quarantine) {
        Seeds.each(
                10,
                random -> {
                    var walked = new CheckedAllocator(base, quarantine);
                    var model = new AllocatorModel(walked, random);
                    Seeds.steps(
                            100,
                            () -> {
                                model.step(100);
                                requireDamageIsSeen(walked, random);
                                model.verify();
                            });
                    model.freeAll();
                    walked.emptyQuarantine();
                    assertEquals(0, base.statistics().blocks());
                });
    }

    private static void requireDamageIsSeen(CheckedAllocator walked, Random random) {
        List<Block> blocks = walked.liveBlocks();
        if (!blocks.isEmpty()) {
            Block block = blocks.get(random.nextInt(blocks.size()));
            int outside = random.nextInt(32) - 16; // from -16 to 15
            long address = block.address() + outside + (outside < 0 ? 0 : block.byteSize());
            byte before = poke(address, random.nextInt(0xfd));
            var damage = assertThrows(IllegalStateException.class, walked::check);
            assertTrue(String.valueOf(damage.getMessage()).contains(block.toString()));
            poke(address, before);
        }
    }
}
