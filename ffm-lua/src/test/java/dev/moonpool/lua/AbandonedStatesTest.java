package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.moonpool.memory.Region;
import dev.moonpool.memory.SystemAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** States that nobody closes are closed by whoever opens the next one. */
class AbandonedStatesTest {
    private int attempts;

    private static Lua.Builder recording(List<Region> regions) {
        return recording(regions, new ArrayList<>());
    }

    private static Lua.Builder recording(List<Region> regions, List<FaultyAllocator> allocators) {
        return Lua.builder()
                .allocator(
                        region -> {
                            regions.add(region);
                            var allocator =
                                    new FaultyAllocator(
                                            new SystemAllocator(region), request -> false);
                            allocators.add(allocator);
                            return allocator;
                        });
    }

    private static boolean isGone(Region region) {
        return !region.pool().scope().isAlive();
    }

    private static void openAnother() {
        try (Lua lua = Lua.create()) {
            Raised.assertWorks(lua);
        }
    }

    private static void assertClosedSoon(List<Region> regions) throws InterruptedException {
        Garbage.assertSoon(
                "states that nobody knows",
                () -> {
                    openAnother();
                    return regions.stream().allMatch(AbandonedStatesTest::isGone);
                });
    }

    @Test
    void areClosedByTheNextThatIsOpened() throws InterruptedException {
        List<Region> regions = new ArrayList<>();
        List<FaultyAllocator> allocators = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            abandon(recording(regions, allocators));
        }
        assertEquals(10, regions.size());
        assertClosedSoon(regions);
        for (FaultyAllocator allocator : allocators) {
            assertEquals(0, allocator.live());
        }
    }

    private static void abandon(Lua.Builder builder) {
        Lua lua = builder.build();
        lua.globals().set("f", arguments -> lua.eval("return 1")); // knows its own state
        lua.eval("t = {} f() setmetatable({}, {__gc = function() f() end})");
    }

    @Test
    void areClosedWhoeverMadeThem() throws InterruptedException {
        List<Region> regions = new ArrayList<>();
        Thread.ofPlatform().start(() -> abandon(recording(regions))).join();
        Thread.ofVirtual().start(() -> abandon(recording(regions))).join();
        assertClosedSoon(regions);
    }

    @Test
    void areClosedAlsoIfTheThreadThatUsedThemLeadsToThem() throws InterruptedException {
        List<Region> regions = new ArrayList<>();
        Thread.ofPlatform().start(new Owner(recording(regions))).join();
        assertClosedSoon(regions);
    }

    /** A task that keeps its state: a thread keeps its task, also when it has ended. */
    private static final class Owner implements Runnable {
        private final Lua.Builder builder;
        private @Nullable Lua lua;

        private Owner(Lua.Builder builder) {
            this.builder = builder;
        }

        @Override
        public void run() {
            lua = builder.build();
            Raised.assertWorks(lua);
        }
    }

    @Test
    void areNotClosedWhileAnyReferenceIsInUse() throws InterruptedException {
        List<Region> regions = new ArrayList<>();
        LuaTable t = recording(regions).build().eval("return {n = 7}").asTable();
        for (int i = 0; i < 5; i++) {
            System.gc();
            openAnother();
        }
        assertEquals(7, t.getLong("n"));
        assertFalse(isGone(regions.getFirst()));
        t.lua().close();
        assertTrue(isGone(regions.getFirst()));
        assertThrows(IllegalStateException.class, t::length);
    }

    @Test
    void runTheirFinalizersWithoutTheirJavaFunctions() throws InterruptedException {
        List<Region> regions = new ArrayList<>();
        List<Long> calls = new ArrayList<>();
        abandonWithFinalizer(recording(regions), calls);
        assertEquals(List.of(1L), calls);
        assertClosedSoon(regions);
        assertEquals(List.of(1L), calls);
    }

    private static void abandonWithFinalizer(Lua.Builder builder, List<Long> calls) {
        Lua lua = builder.build();
        lua.globals().set("f", arguments -> calls.add(arguments.asLong()));
        lua.eval("f(1) setmetatable({}, {__gc = function() f(2) error('x') end})");
    }

    @Test
    void thatWereDetachedAreClosedToo() throws InterruptedException {
        List<Region> regions = new ArrayList<>();
        recording(regions).build().detach();
        assertClosedSoon(regions);
    }

    @Test
    void areFoundAlsoIfTheyAreLookedForWhereTheStackEnds() throws Exception {
        for (int round = 0; round < 5; round++) {
            List<Region> regions = new ArrayList<>();
            abandonMany(regions);
            System.gc();
            inThread(
                    () -> {
                        attempts = 0;
                        assertThrows(StackOverflowError.class, this::descend);
                    });
            openAnother(); // without another collection, which would have them looked for anyway
            assertTrue(regions.stream().allMatch(AbandonedStatesTest::isGone));
        }
    }

    private static void abandonMany(List<Region> regions) {
        Lua.Builder builder = recording(regions);
        for (int i = 0; i < 20; i++) {
            abandonReferences(builder.build());
        }
    }

    private static void inThread(Runnable action) throws InterruptedException, ExecutionException {
        FutureTask<Void> task = new FutureTask<>(action, null);
        new Thread(null, task, "small stack", 1 << 20).start();
        task.get();
    }

    /** Opens states on the way up from the end of the stack, deeper and less deep. */
    @SuppressWarnings("InfiniteRecursion")
    private void descend() {
        try {
            descend();
        } catch (StackOverflowError e) {
            if (attempts++ < 200) {
                try {
                    openAnother();
                } catch (StackOverflowError | IllegalStateException | LuaException expected) {
                    assertNotNull(expected);
                }
            }
            throw e;
        }
    }

    @Test
    void thatWereClosedAreLeftAlone() throws InterruptedException {
        List<Region> regions = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            Lua lua = recording(regions).build();
            abandonReferences(lua);
            lua.close();
        }
        assertTrue(regions.stream().allMatch(AbandonedStatesTest::isGone));
        assertClosedSoon(regions);
    }

    private static void abandonReferences(Lua lua) {
        for (int i = 0; i < 100; i++) {
            assertEquals(0, lua.newTable().length());
        }
    }
}
