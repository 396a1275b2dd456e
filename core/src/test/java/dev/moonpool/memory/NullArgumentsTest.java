package dev.moonpool.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.moonpool.memory.debug.AllocationTrace;
import dev.moonpool.memory.debug.CheckedAllocator;
import dev.moonpool.memory.debug.FaultInjectingAllocator;
import dev.moonpool.memory.debug.TracingAllocator;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Nulls where there must be none: who passes one is told which it is, and at once. */
@SuppressWarnings({"NullAway", "resource"})
class NullArgumentsTest {
    private final Region region = Region.reserve(RegionLayout.REFERENCE);
    private final PoolAllocator pool = new PoolAllocator(region);

    @AfterEach
    void worksStill() {
        pool.free(pool.allocate(8), 8);
        pool.check();
        region.close();
    }

    private static void assertNames(String parameter, Executable use) {
        assertEquals(parameter, assertThrows(NullPointerException.class, use).getMessage());
    }

    @Test
    void layoutsAndRegionsAreNamed() {
        assertNames("layout", () -> Region.reserve(null));
        assertNames("layout", () -> Region.reserveUpTo(null));
        assertNames("region", () -> new PoolAllocator(null));
        assertNames("region", () -> new BumpAllocator(null));
        assertNames("region", () -> new SystemAllocator(null));
    }

    @Test
    void whatLiesBelowIsNamed() {
        assertNames("allocator", () -> new CHeap(null));
        assertNames("allocator", () -> new BlockSegmentAllocator(null));
        assertNames("delegate", () -> new CheckedAllocator(null));
        assertNames("delegate", () -> new CheckedAllocator(null, 0));
        assertNames("delegate", () -> new TracingAllocator(null, Path.of("unused")));
        assertNames(
                "delegate",
                () -> new FaultInjectingAllocator(null, FaultInjectingAllocator.Plan.failing(1)));
    }

    @Test
    void whatAnAllocatorIsGivenIsNamed() {
        assertNames("visitor", () -> pool.walk(null));
        assertNames("visitor", () -> new CheckedAllocator(pool).walk(null));
        assertNames("segment", () -> new BlockSegmentAllocator(pool).free(null));
        assertNames("arena", () -> new CHeap(pool).functions(null));
        assertNames("plan", () -> new FaultInjectingAllocator(pool, null));
        assertNames("file", () -> new TracingAllocator(pool, null));
        assertNames("file", () -> AllocationTrace.read(null));
    }
}
