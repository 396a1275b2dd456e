package dev.moonpool.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link BlockAllocator} promises, decorators included. */
public abstract class BlockAllocatorContract {
    protected static final long POOL = 4096;

    protected AllocatorFixture fixture;
    protected Region region;
    protected BlockAllocator allocator;
    protected AllocatorModel model;

    protected BlockAllocatorContract() {}

    /** Makes the allocator to test, on a pool of this size where it uses one. */
    protected abstract AllocatorFixture fixtureOf(long poolByteSize);

    @BeforeEach
    void open() {
        fixture = fixtureOf(POOL);
        region = fixture.region();
        allocator = fixture.allocator();
        model = new AllocatorModel(allocator, new Random(1));
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void startsWithNothingLive() {
        model.verify();
        assertTrue(model.runs().stream().allMatch(AllocatorModel.Run::free));
    }

    @Test
    void alignsBlocksOfEverySize() {
        long alignment = allocator.byteAlignment();
        assertTrue(Long.bitCount(alignment) == 1 && alignment >= 8, () -> "" + alignment);
        for (int byteSize = 1; byteSize < 80; byteSize++) {
            assertNotEquals(0, model.allocate(byteSize)); // the model looks at the alignment
        }
        model.verify();
    }

    @Test
    void growsTheNewestBlock() {
        long block = model.allocate(10);
        for (long byteSize : new long[] {11, 16, 17, 100, 1000}) {
            block = model.reallocate(block, byteSize);
            assertNotEquals(0, block);
            model.verify();
        }
    }

    @Test
    void growsABlockWithNeighbours() {
        model.allocate(40);
        long block = model.allocate(40);
        model.allocate(40);
        for (long byteSize : new long[] {41, 48, 49, 200}) {
            block = model.reallocate(block, byteSize);
            assertNotEquals(0, block);
            model.verify();
        }
    }

    @Test
    void shrinksABlockByteByByte() {
        long block = model.allocate(50);
        model.allocate(10);
        for (int byteSize = 49; byteSize > 0; byteSize--) {
            block = model.reallocate(block, byteSize);
            model.verify();
        }
    }

    @Test
    void reallocatesToTheSameSize() {
        long block = model.reallocate(model.allocate(33), 33);
        assertNotEquals(0, block);
        model.verify();
    }

    @Test
    void growsAgainAfterAShrink() {
        long block = model.reallocate(model.allocate(100), 5);
        assertNotEquals(0, model.reallocate(block, 100));
        model.verify();
    }

    @Test
    void peakStaysWhenBlocksGo() {
        model.allocate(300);
        model.freeAll();
        model.allocate(100);
        model.verify(); // against the model's own peak
        assertEquals(300, allocator.statistics().peakBytes());
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                Long.MAX_VALUE,
                Long.MAX_VALUE - 1,
                Long.MAX_VALUE - 14,
                Long.MAX_VALUE - 15,
                Long.MAX_VALUE - 16,
                1L << 62,
                1L << 48
            })
    void refusesSizesThatNoMemoryHas(long byteSize) {
        long block = model.allocate(24);
        assertEquals(0, model.allocate(byteSize));
        assertEquals(0, model.reallocate(block, byteSize));
        model.verify();
        assertEquals(2, allocator.statistics().failures());
        model.reallocate(block, 12);
        model.freeAll();
        model.verify();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, -16, Long.MIN_VALUE})
    void rejectsSizesThatAreNotPositive(long byteSize) {
        long block = model.allocate(32);
        requireRejected(() -> allocator.allocate(byteSize), "byteSize=" + byteSize);
        requireRejected(() -> allocator.reallocate(block, 32, byteSize), "newByteSize=" + byteSize);
        requireRejectedBlock(block, byteSize);
    }

    @Test
    void rejectsAddressesThatItDidNotHandOut() {
        long block = model.allocate(32);
        long start = region.address();
        long[] foreign = {
            0,
            1,
            16,
            -16,
            Long.MAX_VALUE,
            Long.MAX_VALUE - 15,
            Long.MIN_VALUE,
            Long.MIN_VALUE + start,
            start,
            region.data().address(),
            region.pool().address() - 16,
            region.io().address(),
            start + region.layout().byteSize(),
            block + 1,
            block + allocator.byteAlignment() / 2,
            block - 16,
        };
        for (long address : foreign) {
            requireRejectedBlock(address, 16);
            requireRejectedBlock(address, Long.MAX_VALUE);
        }
    }

    @Test
    void rejectsOldSizesBeyondTheBlock() {
        long block = model.allocate(32);
        long[] sizes = {33, POOL + 1, 1L << 46, Long.MAX_VALUE - 15, Long.MAX_VALUE};
        for (long byteSize : sizes) {
            requireRejectedBlock(block, byteSize);
        }
    }

    private void requireRejectedBlock(long address, long byteSize) {
        String values = "address=0x%x, byteSize=%d".formatted(address, byteSize);
        requireRejected(() -> allocator.free(address, byteSize), values);
        requireRejected(() -> allocator.reallocate(address, byteSize, 16), values);
        requireRejected(() -> allocator.reallocate(address, byteSize, Long.MAX_VALUE), values);
    }

    /** Fails with the values in its message, and leaves everything as it was. */
    private void requireRejected(Executable call, String values) {
        var rejection = assertThrows(IllegalArgumentException.class, call, values);
        String message = String.valueOf(rejection.getMessage());
        assertTrue(message.contains(values), () -> "no '" + values + "' in: " + message);
        model.verify();
    }

    @Test
    void segmentIsExactlyTheBlock() {
        long block = model.allocate(20);
        MemorySegment segment = allocator.segment(block, 20);
        assertEquals(block, segment.address());
        assertEquals(20, segment.byteSize());
        assertEquals(0, allocator.segment(block, 0).byteSize());
        assertThrows(IndexOutOfBoundsException.class, () -> segment.get(JAVA_BYTE, 20));
        assertThrows(IndexOutOfBoundsException.class, () -> segment.get(JAVA_BYTE, -1));
    }

    @Test
    void segmentRejectsWhatWasNotHandedOut() {
        long block = model.allocate(32);
        long[][] ranges = {
            {0, 0},
            {0, 1},
            {-16, 0},
            {-16, 32},
            {Long.MIN_VALUE, 0},
            {Long.MAX_VALUE, 0},
            {block, -1},
            {block, 33},
            {block, Long.MAX_VALUE},
            {block - 16, 16},
            {region.address(), 0},
            {region.data().address(), 8},
            {region.io().address(), 0},
        };
        for (long[] range : ranges) {
            requireRejected(
                    () -> allocator.segment(range[0], range[1]),
                    "address=0x%x, byteSize=%d".formatted(range[0], range[1]));
        }
    }

    @Test
    void everyUseAfterTheRegionIsClosedIsRefused() {
        long block = model.allocate(64);
        region.close();
        Executable[] uses = {
            () -> allocator.allocate(16),
            () -> allocator.reallocate(block, 64, 32),
            () -> allocator.reallocate(block, 64, 64),
            () -> allocator.reallocate(block, 64, 128),
            () -> allocator.free(block, 64),
            () -> allocator.statistics(),
            () -> allocator.check(),
        };
        for (int i = 0; i < uses.length; i++) {
            assertThrows(IllegalStateException.class, uses[i], "use " + i);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 32, 48, 64, 112, 1024, 65536})
    void survivesRandomWalks(int poolByteSize) {
        Seeds.each(
                12,
                random -> {
                    try (var walked = fixtureOf(poolByteSize)) {
                        var walker = new AllocatorModel(walked.allocator(), random);
                        int maxByteSize = Math.max(40, poolByteSize / 50);
                        Seeds.steps(
                                250,
                                () -> {
                                    walker.step(maxByteSize);
                                    walker.verify();
                                });
                        walker.freeAll();
                        walker.verify();
                    }
                });
    }
}
