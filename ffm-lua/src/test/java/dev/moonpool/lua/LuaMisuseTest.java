package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.moonpool.memory.BlockAllocator;
import dev.moonpool.memory.BumpAllocator;
import dev.moonpool.memory.PoolAllocator;
import dev.moonpool.memory.Region;
import dev.moonpool.memory.RegionLayout;
import dev.moonpool.memory.SystemAllocator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** No order of calls reaches C that must not. */
class LuaMisuseTest {
    /** A file that can be run. */
    private static final String NOTHING = "/dev/null";

    /** A call on a state. */
    @FunctionalInterface
    interface Call {
        void on(Lua lua) throws Exception;
    }

    /** All that can be done with a state, but for closing it. */
    static List<Call> uses() {
        return List.of(
                lua -> lua.eval("return 1"),
                lua -> lua.eval("return ...", "x", 1),
                lua -> lua.run(Path.of(NOTHING)),
                Lua::statistics);
    }

    @ParameterizedTest
    @MethodSource("uses")
    void afterCloseNothingCanBeCalled(Call use) {
        Lua lua = Lua.create();
        lua.close();
        var e = assertThrows(IllegalStateException.class, () -> use.on(lua));
        assertEquals("state is closed", e.getMessage());
    }

    @Test
    void closingAgainDoesNothing() {
        Lua lua = Lua.create();
        lua.eval("x = 1");
        lua.close();
        lua.close();
        lua.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anotherThreadCannotCallAnything(boolean closed) throws InterruptedException {
        List<Call> all = new ArrayList<>(uses());
        all.add(Lua::close);
        Lua lua = Lua.create();
        if (closed) {
            lua.close();
        }
        for (Call call : all) {
            var e =
                    assertInstanceOf(
                            WrongThreadException.class, thrownElsewhere(() -> call.on(lua)));
            assertStartsWith("state belongs to another thread: owner=", e);
        }
        if (!closed) {
            Raised.assertWorks(lua);
            lua.close();
        }
    }

    private static void assertStartsWith(String start, Exception e) {
        assertTrue(String.valueOf(e.getMessage()).startsWith(start), e::toString);
    }

    private static @Nullable Throwable thrownElsewhere(Executable call)
            throws InterruptedException {
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        Thread.ofPlatform().start(() -> thrown.set(thrownBy(call))).join();
        return thrown.get();
    }

    private static @Nullable Throwable thrownBy(Executable call) {
        try {
            call.execute();
            return null;
        } catch (Throwable e) {
            return e;
        }
    }

    /** What an allocator sees that calls back into the state which asks it. */
    private static List<Throwable> reentering(Call call) {
        AtomicReference<@Nullable Lua> entered = new AtomicReference<>();
        List<Throwable> thrown = new ArrayList<>();
        LongPredicate callsAndRefusesNothing =
                request -> {
                    call(call, entered.get(), thrown);
                    return false;
                };
        try (Lua lua = FaultyAllocator.builder(callsAndRefusesNothing).build()) {
            entered.set(lua);
            LuaValues results = lua.eval("local t = {} for i = 1, 9 do t[i] = {} end return #t");
            entered.set(null);
            assertEquals(9, results.asLong());
            Raised.assertWorks(lua);
        }
        return thrown;
    }

    private static void call(Call call, @Nullable Lua lua, List<Throwable> thrown) {
        if (lua != null) {
            try {
                call.on(lua);
            } catch (Throwable e) {
                thrown.add(e);
            }
        }
    }

    @Test
    void anAllocatorCannotEnterTheStateThatAsksIt() {
        Path file = Path.of(NOTHING);
        for (Call call : List.<Call>of(l -> l.eval("return 1"), l -> l.run(file), Lua::close)) {
            List<Throwable> thrown = reentering(call);
            assertFalse(thrown.isEmpty());
            for (Throwable e : thrown) {
                assertInstanceOf(IllegalStateException.class, e);
                assertEquals(
                        "state is running already, and cannot be entered again", e.getMessage());
            }
        }
    }

    @Test
    void anAllocatorMayAskForTheStatistics() {
        assertEquals(List.of(), reentering(Lua::statistics));
    }

    @Test
    void anAllocatorMayRunAnotherState() {
        try (Lua other = Lua.builder().allocator(SystemAllocator::new).build()) {
            assertEquals(List.of(), reentering(ignored -> Raised.assertWorks(other)));
        }
    }

    @Test
    void anErrorInAnotherStateEndsThereWhenTheAllocatorCatchesIt() {
        try (Lua other = Lua.builder().allocator(SystemAllocator::new).build()) {
            List<Throwable> thrown = reentering(ignored -> other.eval("error('other')"));
            assertFalse(thrown.isEmpty());
            for (Throwable e : thrown) {
                assertInstanceOf(LuaException.class, e);
            }
        }
    }

    /** A jump across Java's frames would be found here: the collector walks the stack. */
    @Test
    void anAllocatorMayCollectJavasGarbageBetweenErrorsInLua() {
        AtomicInteger collections = new AtomicInteger();
        LongPredicate collectsAndRefusesNothing =
                request -> {
                    if (request % 64 == 0) {
                        System.gc();
                        collections.incrementAndGet();
                    }
                    return false;
                };
        try (Lua lua = FaultyAllocator.builder(collectsAndRefusesNothing).build()) {
            LuaValues results =
                    lua.eval(
                            """
                            local function fail(n)
                                if n == 0 then error({}) end
                                local ok, e = pcall(coroutine.wrap(fail), n - 1)
                                error({e})
                            end
                            local failures = 0
                            for i = 1, 100 do
                                if not pcall(fail, i % 5) then failures = failures + 1 end
                            end
                            return failures
                            """);
            assertEquals(100, results.asLong());
        }
        assertTrue(collections.get() > 10, "collections=" + collections);
    }

    /** A state with what its allocator was made of. */
    private record Captured<A extends BlockAllocator>(Lua lua, Region region, A allocator)
            implements AutoCloseable {

        static <A extends BlockAllocator> Captured<A> with(Function<Region, A> constructor) {
            List<Region> regions = new ArrayList<>();
            List<A> allocators = new ArrayList<>();
            Lua lua =
                    Lua.builder()
                            .allocator(
                                    region -> {
                                        A allocator = constructor.apply(region);
                                        regions.add(region);
                                        allocators.add(allocator);
                                        return allocator;
                                    })
                            .build();
            return new Captured<>(lua, regions.getFirst(), allocators.getFirst());
        }

        void assertInUse(Executable attempt) {
            assertStartsWith(
                    "region is in use", assertThrows(IllegalStateException.class, attempt));
            Raised.assertWorks(lua);
        }

        @Override
        public void close() {
            lua.close();
            assertFalse(region.pool().scope().isAlive());
        }
    }

    @Test
    void theRegionCannotBeClosedUnderALivingState() {
        try (var captured = Captured.with(BumpAllocator::new)) {
            captured.assertInUse(captured.region()::close);
        }
    }

    @Test
    void anotherRegionCannotBeClosedUnderAStateThatLivesInIt() {
        Region other = Region.reserve(RegionLayout.REFERENCE);
        BumpAllocator allocator = new BumpAllocator(other);
        try (Lua lua = Lua.builder().allocator(own -> allocator).build()) {
            assertThrows(IllegalStateException.class, other::close);
            assertThrows(IllegalStateException.class, allocator::reset);
            assertEquals(1, lua.eval("return 1").asLong());
        }
        allocator.reset();
        other.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anAllocatorServesOneStateAtATime(boolean direct) throws InterruptedException {
        for (Function<Region, BlockAllocator> constructor :
                List.<Function<Region, BlockAllocator>>of(BumpAllocator::new, PoolAllocator::new)) {
            try (Region region = Region.reserve(RegionLayout.REFERENCE)) {
                BlockAllocator allocator = constructor.apply(region);
                var bare = Lua.builder().direct(direct).allocator(own -> allocator);
                var inAnother =
                        Lua.builder().allocator(own -> new FaultyAllocator(allocator, n -> false));
                try (Lua lua = bare.build()) {
                    assertInUse(assertThrows(IllegalStateException.class, bare::build));
                    assertInUse(thrownElsewhere(bare::build));
                    assertInUse(thrownElsewhere(inAnother::build));
                    Raised.assertWorks(lua);
                }
                try (Lua lua = inAnother.build()) {
                    assertInUse(thrownElsewhere(bare::build));
                    Raised.assertWorks(lua);
                }
            }
        }
    }

    private static void assertInUse(@Nullable Throwable thrown) {
        assertStartsWith(
                "allocator is in use already",
                assertInstanceOf(IllegalStateException.class, thrown));
    }

    @Test
    void anAllocatorForAnyThreadServesStatesOnMany() throws InterruptedException {
        try (Region region = Region.reserve(RegionLayout.REFERENCE)) {
            SystemAllocator allocator = new SystemAllocator(region);
            var upcalls = Lua.builder().direct(false).allocator(own -> allocator);
            try (Lua lua = upcalls.build()) {
                AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
                Thread other =
                        Thread.ofPlatform()
                                .start(() -> failure.set(thrownBy(() -> fillNew(upcalls))));
                fill(lua);
                other.join();
                assertNull(failure.get());
            }
            allocator.check();
            assertEquals(0, allocator.statistics().liveBytes());
        }
    }

    private static void fillNew(Lua.Builder builder) {
        try (Lua lua = builder.build()) {
            fill(lua);
        }
    }

    private static void fill(Lua lua) {
        for (int i = 0; i < 20; i++) {
            lua.eval("local t = {} for i = 1, 1000 do t[i] = {i .. ''} end");
        }
    }

    @Test
    void anAllocatorThatCCallsItselfServesOneStateAlone() {
        try (Region region = Region.reserve(RegionLayout.REFERENCE)) {
            SystemAllocator allocator = new SystemAllocator(region);
            var upcalls = Lua.builder().direct(false).allocator(own -> allocator);
            var direct = Lua.builder().allocator(own -> allocator);
            try (Lua first = upcalls.build();
                    Lua second = upcalls.build()) {
                assertInUse(assertThrows(IllegalStateException.class, direct::build));
                Raised.assertWorks(first);
                Raised.assertWorks(second);
            }
            try (Lua lua = direct.build()) {
                assertInUse(assertThrows(IllegalStateException.class, upcalls::build));
                Raised.assertWorks(lua);
            }
            allocator.check();
        }
    }

    @Test
    void aStateIsClosedByAnotherThreadOnlyWhenItsOwnHasEnded() throws InterruptedException {
        AtomicReference<@Nullable Lua> opened = new AtomicReference<>();
        Thread owner = Thread.ofPlatform().start(() -> opened.set(Lua.create()));
        owner.join();
        Lua lua = Objects.requireNonNull(opened.get());
        assertThrows(WrongThreadException.class, () -> lua.eval("return 1"));
        lua.close();
        lua.close();
    }

    @Test
    void whatAnAllocatorThrewIsTheCause() {
        LongPredicate throwsLater =
                request -> {
                    if (request > 2000) {
                        throw new ArithmeticException("the allocator's own fault");
                    }
                    return false;
                };
        try (Lua lua = FaultyAllocator.builder(throwsLater).build()) {
            var e =
                    assertThrows(
                            LuaException.class,
                            () -> lua.eval("local t = {} for i = 1, 1e4 do t[i] = {} end"));
            assertEquals(LuaException.Kind.MEMORY, e.kind());
            assertInstanceOf(ArithmeticException.class, e.getCause());
        }
    }

    @Test
    void aScriptFindsNothingToTamperWithInOsExit() {
        try (Lua lua = Lua.create()) {
            lua.eval("assert(not debug.getupvalue(os.exit, 1))");
            assertThrows(LuaException.class, () -> lua.eval("os.exit(0)"));
        }
    }

    @Test
    void aBumpAllocatorCannotBeResetUnderALivingState() {
        try (var captured = Captured.with(BumpAllocator::new)) {
            captured.assertInUse(captured.allocator()::reset);
        }
    }

    @Test
    void aSystemAllocatorCannotBeClosedUnderALivingState() {
        try (var captured = Captured.with(SystemAllocator::new)) {
            captured.assertInUse(captured.allocator()::close);
        }
    }

    @Test
    void anAllocatorThatCannotBeMadeLeavesNoRegion() {
        List<Region> regions = new ArrayList<>();
        for (RuntimeException fault :
                List.of(
                        new IllegalStateException("no"),
                        new UncheckedIOException(new IOException()))) {
            var builder =
                    Lua.builder()
                            .allocator(
                                    region -> {
                                        regions.add(region);
                                        throw fault;
                                    });
            assertSame(fault, assertThrows(RuntimeException.class, builder::build));
        }
        assertEquals(2, regions.size());
        for (Region region : regions) {
            assertFalse(region.pool().scope().isAlive());
        }
    }

    @Test
    void aRegionThatTheAllocatorsMakerClosedIsRefused() {
        var builder =
                Lua.builder()
                        .allocator(
                                region -> {
                                    BumpAllocator allocator = new BumpAllocator(region);
                                    region.close();
                                    return allocator;
                                });
        assertThrows(IllegalStateException.class, builder::build);
    }
}
