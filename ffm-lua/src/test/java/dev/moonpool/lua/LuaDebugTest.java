package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.moonpool.memory.BlockAllocator;
import dev.moonpool.memory.BumpAllocator;
import dev.moonpool.memory.PoolAllocator;
import dev.moonpool.memory.Region;
import dev.moonpool.memory.RegionLayout;
import dev.moonpool.memory.debug.AllocationTrace;
import dev.moonpool.memory.debug.CheckedAllocator;
import dev.moonpool.memory.debug.FaultInjectingAllocator;
import dev.moonpool.memory.debug.FaultInjectingAllocator.Plan;
import dev.moonpool.memory.debug.Replay;
import dev.moonpool.memory.debug.TracingAllocator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the decorators for debugging see of real Lua: no misuse, no leak, the same requests. */
class LuaDebugTest {
    private static final String SCRIPT =
            """
            local t = {}
            for i = 1, 2000 do t[i] = ('%d'):format(i):rep(i % 20) end
            for i = 1, 2000, 3 do t[i] = nil end
            collectgarbage()
            local co = coroutine.wrap(function() for i = 1, 10 do coroutine.yield({i}) end end)
            for i = 1, 10 do assert(co()[1] == i) end
            table.sort(t, function(a, b) return tostring(a) < tostring(b) end)
            return #table.concat(t, ',', 1, 1)
            """;

    private static final RegionLayout LAYOUT = RegionLayout.REFERENCE;

    /** Runs the script on a pool with a decorator around it. */
    private static void run(UnaryOperator<BlockAllocator> decorator) {
        try (Lua lua =
                Lua.builder()
                        .layout(LAYOUT)
                        .allocator(region -> decorator.apply(new PoolAllocator(region)))
                        .build()) {
            lua.eval(SCRIPT);
        }
    }

    @Test
    void luaWritesNowhereButInItsBlocksAndLeaksNone() {
        List<CheckedAllocator> opened = new ArrayList<>();
        try (Lua lua =
                Lua.builder()
                        .allocator(
                                region -> {
                                    opened.add(new CheckedAllocator(new PoolAllocator(region)));
                                    return opened.getFirst();
                                })
                        .build()) {
            lua.eval(SCRIPT);
            opened.getFirst().check();
            assertTrue(opened.getFirst().liveBlocks().size() > 100);
        }
        assertEquals(List.of(), opened.getFirst().liveBlocks());
    }

    @Test
    void luaSurvivesRefusalsWithoutDamage() {
        for (long n = 1; n < 2000; n = n * 3 / 2 + 1) {
            Plan plan = Plan.failingEvery(n);
            List<FaultInjectingAllocator> faulty = new ArrayList<>();
            try {
                run(
                        pool -> {
                            faulty.add(
                                    new FaultInjectingAllocator(new CheckedAllocator(pool), plan));
                            return faulty.getFirst();
                        });
            } catch (LuaException e) {
                assertEquals(LuaException.Kind.MEMORY, e.kind(), e::getMessage);
            }
            assertTrue(faulty.getFirst().refusals() > 0);
        }
    }

    @Test
    void aTraceOfLuaGivesEveryAllocatorTheSameToDo(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("trace");
        List<TracingAllocator> traced = new ArrayList<>();
        run(
                pool -> {
                    try {
                        traced.add(new TracingAllocator(pool, file));
                        return traced.getFirst();
                    } catch (IOException e) {
                        return fail(e);
                    }
                });
        traced.getFirst().close();
        AllocationTrace trace = AllocationTrace.read(file);
        long[] footprints = new long[2];
        try (Region first = Region.reserve(LAYOUT);
                Region second = Region.reserve(new RegionLayout(16, 8192, 64 << 20, 16))) {
            PoolAllocator pool = new PoolAllocator(first);
            Replay onPool =
                    trace.replay(pool, () -> footprints[0] = footprint(footprints[0], pool));
            BumpAllocator bump = new BumpAllocator(second);
            Replay onBump =
                    trace.replay(bump, () -> footprints[1] = footprint(footprints[1], bump));
            pool.check();
            assertEquals(0, onPool.failures() + onBump.failures());
            assertEquals(0, onPool.liveBytes());
            assertEquals(onPool.requests(), onBump.requests());
            assertEquals(onPool.peakBytes(), onBump.peakBytes());
            assertTrue(footprints[0] < 1.5 * onPool.peakBytes(), () -> "" + footprints[0]);
            assertTrue(footprints[1] > footprints[0]);
        }
    }

    private static long footprint(long peak, BlockAllocator allocator) {
        return Math.max(peak, allocator.statistics().footprintBytes());
    }
}
