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
        RegionLayout layout = new RegionLayout(48, 160, 64, 32);
        try (Region region = Region.reserve(layout)) {
            assertEquals(ControlBlock.VERSION, get(region, "version"));
            assertEquals(0, get(region, "code_offset"));
            assertEquals(48, get(region, "code_size"));
            assertEquals(48, get(region, "data_offset"));
            assertEquals(160, get(region, "data_size"));
            assertEquals(208, get(region, "pool_offset"));
            assertEquals(64, get(region, "pool_size"));
            assertEquals(272, get(region, "io_offset"));
            assertEquals(32, get(region, "io_size"));
        }
    }

    @Test
    void startsWithoutAllocatorAndWithCountersAtZero() {
        try (Region region = Region.reserve(RegionLayout.REFERENCE)) {
            assertEquals(0, get(region, "allocator"));
            assertEquals(region.layout().poolOffset(), get(region, "top"));
            for (String counter :
                    new String[] {"live_bytes", "peak_bytes", "requests", "failures"}) {
                assertEquals(0, get(region, counter), counter);
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
            control.addLive(10);
            control.removeLive(11);
            assertEquals(new AllocatorStatistics(0, 10, 1, 2, 0, 0), control.statistics(1, 2));
        }
    }

    private static long get(Region region, String field) {
        return region.data().get(JAVA_LONG, offsetOf(field));
    }
}
