package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.moonpool.lua.LuaException.Kind;
import dev.moonpool.memory.AllocatorStatistics;
import dev.moonpool.memory.BumpAllocator;
import dev.moonpool.memory.Lease;
import dev.moonpool.memory.PoolAllocator;
import dev.moonpool.memory.Region;
import dev.moonpool.memory.RegionLayout;
import dev.moonpool.memory.SystemAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Memory that runs out is an exception too. */
class LuaMemoryTest {
    private static final long POOL = RegionLayout.REFERENCE.poolByteSize();
    private static final long SMALLEST_TABLE = 56;

    /** A state as the reference has it: 512 KiB, and nothing is reused. */
    private static Lua reference() {
        return Lua.builder().allocator(BumpAllocator::new).build();
    }

    private static LuaException assertOutOfMemory(
            Lua lua, String source, @Nullable Object... arguments) {
        LuaException e = Raised.by(lua, source, arguments);
        assertEquals("not enough memory", e.getMessage());
        assertEquals(Kind.MEMORY, e.kind());
        assertEquals(Optional.empty(), e.traceback());
        return e;
    }

    @Test
    void theReferencesPoolRunsOutAndTheStateGoesOn() {
        try (Lua lua = reference()) {
            assertOutOfMemory(lua, "local t = {} for i = 1, 1e7 do t[i] = {} end");
            AllocatorStatistics statistics = lua.statistics();
            assertTrue(statistics.failures() > 0);
            assertTrue(statistics.peakBytes() <= POOL);
            Raised.assertWorks(lua);
        }
    }

    @Test
    void aPoolWithNothingLeftFailsEveryCallAndCanBeClosed() {
        try (Lua lua = reference()) {
            assertOutOfMemory(lua, "while true do t = {t} end");
            assertTrue(lua.statistics().remainingBytes() < SMALLEST_TABLE);
            assertOutOfMemory(lua, "return 1");
            assertOutOfMemory(lua, "error('no room for a message')");
            assertOutOfMemory(lua, "x =");
        }
    }

    @Test
    void aScriptCanCatchItAndLetGo() {
        try (Lua lua = Lua.builder().maxMemory(1 << 20).build()) {
            LuaValues results = lua.eval("return pcall(string.rep, 'x', 1 << 20)");
            assertEquals(List.of(false, "not enough memory"), results);
            Raised.assertWorks(lua);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "return ('x'):rep(1 << 20)",
                "local t = {} for i = 1, 1 << 20 do t[i] = i end",
                "return table.concat({('x'):rep(1 << 18), ('y'):rep(1 << 18)})",
                "local function r() return 1 + r() end r()",
                "return coroutine.wrap(function() return ('x'):rep(1 << 20) end)()",
            })
    void everyWayToWantMoreThanThereIsFailsAlike(String source) {
        try (Lua lua = reference();
                Lua limited = Lua.builder().maxMemory(POOL).build()) {
            assertEquals(Kind.MEMORY, Raised.by(lua, source).kind());
            Raised.assertWorks(lua);
            assertEquals(Kind.MEMORY, Raised.by(limited, source).kind());
            Raised.assertWorks(limited);
        }
    }

    @Test
    void growsBeyondThePoolUpToTheLimit() {
        try (Lua lua = Lua.builder().maxMemory(16 << 20).build()) {
            assertEquals(List.of(4L << 20), lua.eval("s = ('x'):rep(4 << 20) return #s"));
            assertOutOfMemory(lua, "return ('x'):rep(16 << 20)");
            assertEquals(16 << 20, lua.statistics().reservedBytes());
            assertTrue(lua.statistics().footprintBytes() <= 16 << 20);
            assertTrue(lua.statistics().footprintBytes() > 4 << 20);
            Raised.assertWorks(lua);
        }
    }

    @Test
    void theLimitHoldsWhateverLayoutIsSetAfterwards() {
        try (Lua lua = Lua.builder().maxMemory(1 << 20).layout(RegionLayout.REFERENCE).build()) {
            assertOutOfMemory(lua, "return ('x'):rep(1 << 21)");
        }
    }

    @Test
    void anAllocatorThatWouldNotKeepToTheLimitIsRefused() {
        Lua.Builder builder = Lua.builder().maxMemory(1 << 20).allocator(SystemAllocator::new);
        assertEquals(
                "maxMemory is no limit for a SystemAllocator: maxMemory=1048576",
                assertThrows(IllegalArgumentException.class, builder::build).getMessage());
    }

    /** What Java dropped is found when memory becomes short, not when Java's heap does. */
    @Test
    void whatPassesThroughJavaDoesNotFillIt() {
        String program = "for i = 1, 10000 do pass({('x'):rep(1000) .. i}) end";
        try (Lua lua = Lua.builder().maxMemory(2 << 20).build()) {
            lua.globals().set("pass", arguments -> arguments.asTable(0).length());
            assertEquals(List.of(), lua.eval(program));
            lua.globals().set("pass", arguments -> null);
            assertEquals(List.of(), lua.eval(program));
        }
    }

    @Test
    void whatJavaTakesOutDoesNotFillIt() {
        try (Lua lua = Lua.builder().maxMemory(2 << 20).build()) {
            LuaFunction make = lua.load("return {('x'):rep(1000) .. (...)}");
            for (int i = 0; i < 10_000; i++) {
                assertEquals(1, make.call(i).asTable(0).length());
            }
        }
    }

    /** Here it is the references themselves that fill it. */
    @Test
    void whatIsIteratedOverDoesNotFillIt() {
        try (Lua lua = Lua.builder().maxMemory(4 << 20).build()) {
            String many = "local t = {} for i = 1, 3000 do t[i] = {i} end return t";
            LuaTable tables = lua.eval(many).asTable();
            for (int i = 0; i < 200; i++) {
                tables.forEach((key, value) -> assertTrue(value instanceof LuaTable));
            }
        }
    }

    /** A few of these fill it, so that it fails before it was seen to become short. */
    @Test
    void isThereAgainAfterAFailure() {
        try (Lua lua = Lua.builder().maxMemory(2 << 20).build()) {
            LuaFunction make = lua.load("return {('x'):rep(100000) .. (...)}");
            int failures = 0;
            for (int i = 0; i < 1000; i++) {
                try {
                    make.call(i);
                } catch (LuaException e) {
                    failures++;
                }
            }
            int some = failures;
            assertTrue(some <= 100, () -> "failures: " + some);
        }
    }

    @Test
    void requestsAreCountedAlikeEitherWay() {
        String program =
                """
                local t = {}
                for i = 1, 20000 do
                  t[i % 1000 + 1] = {tostring(i), function() return i end, ('x'):rep(i % 300)}
                end
                return #t
                """;
        List<AllocatorStatistics> either = new ArrayList<>();
        for (boolean direct : new boolean[] {true, false}) {
            try (Lua lua = Lua.builder().direct(direct).build()) {
                assertEquals(List.of(1000L), lua.eval(program));
                either.add(lua.statistics());
            }
        }
        // Lua's hashes are seeded with addresses and the time, so not all figures are the same.
        assertEquals(
                LuaKind.FUNCTION.requests(either.get(1)), LuaKind.FUNCTION.requests(either.get(0)));
        assertEquals(
                LuaKind.UPVALUE.requests(either.get(1)), LuaKind.UPVALUE.requests(either.get(0)));
        assertEquals(1, LuaKind.STATE.requests(either.get(0)).count());
    }

    @Test
    void aChunkWhoseConstantsDoNotFitFails() {
        try (Lua lua = reference()) {
            assertOutOfMemory(lua, "return '" + "x".repeat((int) POOL) + "'");
            Raised.assertWorks(lua);
        }
    }

    @Test
    void argumentsThatDoNotFitFail() {
        try (Lua lua = reference()) {
            assertOutOfMemory(lua, "", "x".repeat((int) POOL));
            Raised.assertWorks(lua);
        }
    }

    /** To Lua it is its stack that does not grow. */
    @Test
    void moreArgumentsThanThereIsRoomForFail() {
        try (Lua lua = reference()) {
            LuaException e = Raised.by(lua, "", new @Nullable Object[100_000]);
            assertEquals("stack overflow (too many values)", e.getMessage());
            Raised.assertWorks(lua);
        }
    }

    @Test
    void aPoolThatIsTooSmallOpensNothingAndLeavesNothing() {
        long poolByteSize = 16;
        List<Region> regions = new ArrayList<>();
        while (!opens(Layouts.withPool(poolByteSize), regions)) {
            assertTrue(poolByteSize < 64 << 10, "a state with all libraries takes less than 64K");
            poolByteSize += 16;
        }
        assertTrue(regions.size() > 100);
        for (Region region : regions) {
            assertFalse(region.pool().scope().isAlive());
        }
    }

    private static boolean opens(RegionLayout layout, List<Region> regions) {
        var builder =
                Lua.builder()
                        .layout(layout)
                        .allocator(
                                region -> {
                                    regions.add(region);
                                    return new BumpAllocator(region);
                                });
        try (Lua lua = builder.build()) {
            assertTrue(lua.statistics().remainingBytes() < 64, "the smallest pool that will do");
            return true;
        } catch (LuaException e) {
            assertEquals(Kind.MEMORY, e.kind());
            assertEquals(
                    "cannot create state: not enough memory (pool of %d bytes)"
                            .formatted(layout.poolByteSize()),
                    e.getMessage());
            return false;
        }
    }

    @Test
    void anIoPartThatIsTooSmallIsRefused() {
        long byteSize = Layouts.SMALLEST_IO - 16;
        var builder = Lua.builder().layout(Layouts.withIo(byteSize));
        var e = assertThrows(IllegalArgumentException.class, builder::build);
        assertEquals(
                "io part is too small for values to travel in: ioByteSize=1008, needed=1024",
                e.getMessage());
    }

    @Test
    void aRegionThatTheSystemCannotReserveIsAnError() {
        long rest = RegionLayout.REFERENCE.byteSize() - POOL;
        var builder =
                Lua.builder()
                        .layout(
                                new RegionLayout(
                                        RegionLayout.REFERENCE.codeByteSize(),
                                        RegionLayout.REFERENCE.dataByteSize(),
                                        RegionLayout.MAX_BYTE_SIZE - rest,
                                        RegionLayout.REFERENCE.ioByteSize()));
        List<Lua> opened = new ArrayList<>();
        try {
            assertThrows(
                    OutOfMemoryError.class,
                    () -> {
                        while (opened.size() < 4) { // of 2^46 bytes each: more than there can be
                            opened.add(builder.build());
                        }
                    });
        } finally {
            opened.forEach(Lua::close);
        }
    }

    @Test
    void whatLuaGivesBackIsLiveNoMore() {
        try (Lua lua = Lua.builder().allocator(SystemAllocator::new).build()) {
            lua.eval("collectgarbage()");
            long before = lua.statistics().liveBytes();
            lua.eval("x = ('x'):rep(1e6)");
            assertTrue(lua.statistics().liveBytes() > before + 1_000_000);
            lua.eval("x = nil collectgarbage()");
            assertTrue(lua.statistics().liveBytes() < before + 10_000);
            assertTrue(lua.statistics().peakBytes() > before + 1_000_000);
        }
    }

    @Test
    void closingDoesNotTrimWhatGoesAsAWhole() {
        List<PoolAllocator> pools = new ArrayList<>();
        Lua lua =
                Lua.builder()
                        .allocator(
                                region -> {
                                    pools.add(new PoolAllocator(region));
                                    return pools.getFirst();
                                })
                        .build();
        lua.eval("t = {} for i = 1, 1e5 do t[i] = {i} end");
        PoolAllocator pool = pools.getFirst();
        long before = pool.statistics().consolidations();
        try (Lease _ = pool.region().retain()) { // so that the counters outlive Lua
            assertThrows(IllegalStateException.class, lua::close);
            assertEquals(0, pool.statistics().liveBytes());
            assertEquals(before, pool.statistics().consolidations());
        }
        lua.close();
        assertThrows(IllegalStateException.class, pool::statistics);
    }
}
