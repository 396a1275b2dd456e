package dev.moonpool.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegionLayoutTest {
    private static final RegionLayout REFERENCE = RegionLayout.REFERENCE;
    private static final long MAX = RegionLayout.MAX_BYTE_SIZE;
    private static final long DATA = ControlBlock.BYTE_SIZE;

    @Test
    void referenceHasTheOffsetsOfTheReference() {
        assertEquals(0x000000, REFERENCE.codeOffset());
        assertEquals(0x160000, REFERENCE.dataOffset());
        assertEquals(0x170000, REFERENCE.poolOffset());
        assertEquals(0x1F0000, REFERENCE.ioOffset());
        assertEquals(0x200000, REFERENCE.byteSize());
    }

    @Test
    void referenceHasTheSizesOfTheReference() {
        assertEquals(1408 * 1024, REFERENCE.codeByteSize());
        assertEquals(64 * 1024, REFERENCE.dataByteSize());
        assertEquals(512 * 1024, REFERENCE.poolByteSize());
        assertEquals(64 * 1024, REFERENCE.ioByteSize());
    }

    @Test
    void partsAdjoinInTheirFixedOrder() {
        RegionLayout layout = new RegionLayout(48, DATA, 16, 32);
        assertEquals(0, layout.codeOffset());
        assertEquals(48, layout.dataOffset());
        assertEquals(48 + DATA, layout.poolOffset());
        assertEquals(64 + DATA, layout.ioOffset());
        assertEquals(96 + DATA, layout.byteSize());
    }

    @Test
    void referenceCanGrowToFourGibibytes() {
        assertEquals(0x200000, REFERENCE.growthOffset());
        assertEquals(0x100000000L, REFERENCE.reservedByteSize());
    }

    @Test
    void growthAreaStartsAlignedBehindTheParts() {
        RegionLayout layout = new RegionLayout(48, DATA, 16, 32, 160);
        assertEquals(64 << 10, layout.growthOffset());
        assertEquals((64 << 10) + 160, layout.reservedByteSize());
        assertEquals(layout.byteSize(), layout.withGrowthByteSize(0).reservedByteSize());
    }

    @ParameterizedTest
    @ValueSource(longs = {-16, 8, MAX + 16, Long.MAX_VALUE, Long.MIN_VALUE})
    void rejectsGrowthAreasThatCannotBe(long byteSize) {
        var rejection =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> REFERENCE.withGrowthByteSize(byteSize));
        assertEquals(
                "size is not a positive multiple of 16 up to 2^46: growthByteSize=" + byteSize,
                rejection.getMessage());
    }

    @Test
    void rejectsAGrowthAreaThatAddsUpToTooMuch() {
        assertEquals(MAX, REFERENCE.withGrowthByteSize(MAX - 0x200000).reservedByteSize());
        assertThrows(
                IllegalArgumentException.class,
                () -> REFERENCE.withGrowthByteSize(MAX - 0x200000 + 16));
    }

    @Test
    void aMaximumIsThePoolFirstAndThenTheGrowthArea() {
        RegionLayout small = REFERENCE.withMaxPoolByteSize(1000);
        assertEquals(992, small.poolByteSize());
        assertEquals(0, small.growthByteSize());
        RegionLayout large = REFERENCE.withMaxPoolByteSize(1 << 20);
        assertEquals(512 << 10, large.poolByteSize());
        assertEquals(512 << 10, large.growthByteSize());
        for (long byteSize : new long[] {Long.MIN_VALUE, -1, 0, 15, MAX + 16, Long.MAX_VALUE}) {
            var rejection =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> REFERENCE.withMaxPoolByteSize(byteSize));
            assertEquals(
                    "size of pool and growth area is not from 16 up to 2^46: byteSize=" + byteSize,
                    rejection.getMessage());
        }
    }

    @Test
    void anotherPoolLeavesTheOtherPartsAsTheyAre() {
        RegionLayout larger = REFERENCE.withPoolByteSize(1L << 30);
        assertEquals(REFERENCE.dataOffset(), larger.dataOffset());
        assertEquals(REFERENCE.poolOffset(), larger.poolOffset());
        assertEquals(REFERENCE.poolOffset() + (1L << 30), larger.ioOffset());
        assertEquals(REFERENCE, larger.withPoolByteSize(512 << 10));
        assertThrows(IllegalArgumentException.class, () -> REFERENCE.withPoolByteSize(0));
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                0,
                -1,
                -16,
                1,
                15,
                17,
                1000,
                MAX + 16,
                Long.MAX_VALUE - 15,
                Long.MAX_VALUE,
                Long.MIN_VALUE
            })
    void rejectsSizesThatNoPartCanHave(long byteSize) {
        requireRejected("codeByteSize", byteSize, byteSize, DATA, 16, 16);
        requireRejected("dataByteSize", byteSize, 16, byteSize, 16, 16);
        requireRejected("poolByteSize", byteSize, 16, DATA, byteSize, 16);
        requireRejected("ioByteSize", byteSize, 16, DATA, 16, byteSize);
    }

    private static void requireRejected(
            String name, long value, long code, long data, long pool, long io) {
        requireMessage(
                "size is not a positive multiple of 16 up to 2^46: " + name + "=" + value,
                code,
                data,
                pool,
                io);
    }

    private static void requireMessage(String message, long code, long data, long pool, long io) {
        var rejection =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> new RegionLayout(code, data, pool, io));
        assertEquals(message, rejection.getMessage());
    }

    @Test
    void rejectsADataPartThatCannotHoldTheControlBlock() {
        long needed = ControlBlock.BYTE_SIZE;
        requireMessage(
                "data part cannot hold the control block: dataByteSize=%d, needed=%d"
                        .formatted(needed - 16, needed),
                16,
                needed - 16,
                16,
                16);
        assertEquals(needed, new RegionLayout(16, needed, 16, 16).dataByteSize());
    }

    @Test
    void rejectsPartsThatAddUpToTooMuch() {
        String message =
                "parts add up to more than a region can have: sum=%d, MAX_BYTE_SIZE=" + MAX;
        requireMessage(message.formatted(MAX + 16), MAX - DATA - 16, DATA, 16, 16);
        requireMessage(message.formatted(4 * MAX), MAX, MAX, MAX, MAX);
        assertEquals(MAX, new RegionLayout(MAX - DATA - 32, DATA, 16, 16).byteSize());
    }
}
