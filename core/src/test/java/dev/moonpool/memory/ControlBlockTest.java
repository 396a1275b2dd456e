package dev.moonpool.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ControlBlockTest {
    private static final String STRUCT = ControlBlock.LAYOUT.name().orElseThrow();

    static long offsetOf(String field) {
        return ControlBlock.LAYOUT.byteOffset(PathElement.groupElement(field));
    }

    @Test
    void hasTheFieldsOfTheCStruct() {
        Map<String, AbiReport.Extent> ours = new LinkedHashMap<>();
        for (MemoryLayout member : ControlBlock.LAYOUT.memberLayouts()) {
            String name = member.name().orElseThrow();
            ours.put(name, new AbiReport.Extent(offsetOf(name), member.byteSize()));
        }
        assertEquals(AbiReport.read().fields(STRUCT), ours);
    }

    @Test
    void hasTheSizeAndAlignmentOfTheCStruct() {
        assertEquals(
                AbiReport.read().struct(STRUCT),
                new AbiReport.Extent(
                        ControlBlock.LAYOUT.byteSize(), ControlBlock.LAYOUT.byteAlignment()));
    }

    @Test
    void hasTheConstantsOfTheCHeader() {
        AbiReport report = AbiReport.read();
        assertEquals(report.constant("MP_CONTROL_MAGIC"), ControlBlock.MAGIC);
        assertEquals(report.constant("MP_CONTROL_VERSION"), ControlBlock.VERSION);
    }

    @Test
    void startsWithTheNameInADump() {
        try (Region region = Region.reserve(RegionLayout.REFERENCE)) {
            assertEquals("MOONPOOL", dump(region, 8));
        }
    }

    private static String dump(Region region, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append((char) region.data().get(JAVA_BYTE, i));
        }
        return text.toString();
    }

    @Test
    void tellsNativeCodeWhereThePartsAre() {
        long data = ControlBlock.BYTE_SIZE + 16;
        RegionLayout layout = new RegionLayout(48, data, 64, 32, 1 << 20);
        try (Region region = Region.reserve(layout)) {
            assertEquals(ControlBlock.VERSION, get(region, "version"));
            assertEquals(0, get(region, "code_offset"));
            assertEquals(48, get(region, "code_size"));
            assertEquals(48, get(region, "data_offset"));
            assertEquals(data, get(region, "data_size"));
            assertEquals(48 + data, get(region, "pool_offset"));
            assertEquals(64, get(region, "pool_size"));
            assertEquals(48 + data + 64, get(region, "io_offset"));
            assertEquals(32, get(region, "io_size"));
            assertEquals(64 << 10, get(region, "growth_offset"));
            assertEquals(1 << 20, get(region, "growth_size"));
            assertEquals(64 + (1 << 20), get(region, "limit"));
        }
    }

    @Test
    void startsWithoutAllocatorAndWithCountersAtZero() {
        try (Region region = Region.reserve(RegionLayout.REFERENCE)) {
            assertEquals(0, get(region, "allocator"));
            assertEquals(region.layout().poolOffset(), get(region, "top"));
            for (long at = offsetOf("live_bytes"); at < ControlBlock.BYTE_SIZE; at += 8) {
                assertEquals(0, region.data().get(JAVA_LONG, at), "at " + at);
            }
        }
    }

    @Test
    void namesTheAllocatorThatHasThePool() {
        for (AllocatorKind kind : AllocatorKind.values()) {
            try (Region region = AllocatorFixture.regionOf(16)) {
                region.claim(kind);
                assertEquals(kind.code(), get(region, "allocator"));
                var refusal = assertThrows(IllegalStateException.class, () -> region.claim(kind));
                assertEquals(
                        "region has an allocator already: allocator=" + kind, refusal.getMessage());
            }
        }
    }

    @Test
    void namesTheCodeOfAnAllocatorThatItDoesNotKnow() {
        try (Region region = AllocatorFixture.regionOf(16)) {
            region.dataToWrite().set(JAVA_LONG, offsetOf("allocator"), 77);
            var refusal =
                    assertThrows(
                            IllegalStateException.class, () -> region.claim(AllocatorKind.BUMP));
            assertEquals("region has an allocator already: allocator=77", refusal.getMessage());
        }
    }

    @Test
    void givingBackMoreThanThereIsLeavesNothingLive() {
        try (Region region = AllocatorFixture.regionOf(16)) {
            ControlBlock control = region.claim(AllocatorKind.BUMP);
            control.handedOut(10, 16, 3);
            control.tookBack(11, 24);
            AllocatorStatistics after = control.statistics(new ControlBlock.Space(1, 2, 3, 4));
            assertEquals(0, after.liveBytes());
            assertEquals(0, after.usedBytes());
            assertEquals(10, after.peakBytes());
            assertEquals(16, after.peakUsedBytes());
        }
    }

    @Test
    void givingBackMoreThanThereIsLeavesNothingLiveBelowThePeakToo() {
        try (Region region = AllocatorFixture.regionOf(16)) {
            ControlBlock control = region.claim(AllocatorKind.BUMP);
            control.handedOut(100, 104, 0);
            control.tookBack(60, 64);
            control.tookBack(50, 8); // more was asked for, but not more is taken
            AllocatorStatistics after = control.statistics(new ControlBlock.Space(1, 2, 3, 4));
            assertEquals(0, after.liveBytes());
            assertEquals(32, after.usedBytes());
            assertEquals(100, after.peakBytes());
            assertEquals(104, after.peakUsedBytes());
        }
    }

    private static long get(Region region, String field) {
        return region.data().get(JAVA_LONG, offsetOf(field));
    }
}
