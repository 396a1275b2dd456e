package dev.moonpool.lua.torture;

import dev.moonpool.lua.Lua;
import dev.moonpool.lua.LuaException;
import dev.moonpool.lua.LuaFunction;
import dev.moonpool.lua.LuaReference;
import dev.moonpool.lua.LuaTable;
import dev.moonpool.lua.LuaType;
import dev.moonpool.lua.LuaUserdata;
import dev.moonpool.lua.LuaValues;
import dev.moonpool.lua.LuaWeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongBinaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The public calls that are about Java's objects: in Lua, to tables and back, and in the future.
 */
final class ObjectCalls {
    private ObjectCalls() {}

    /** A Java object that states, threads and rounds share. */
    static final class Shared {
        private long number;
    }

    /** What tables become, and the other way round. */
    record Shape(long n, @Nullable String s, @Nullable Object x, Optional<List<Shape>> more) {}

    /** What tables and functions implement. */
    interface Service {
        @Nullable Object x(@Nullable Object argument);

        default long n() {
            return 1;
        }
    }

    private static final LuaType<Shared> TYPE =
            LuaType.builder(Shared.class)
                    .name("shared")
                    .method("act", (self, arguments) -> Functions.hostile().call(arguments))
                    .longMethod("divide", (self, n) -> self.number++ / n)
                    .property("x", self -> within(Object.class))
                    .property("s", String.class, self -> "s", (self, s) -> within(Void.class))
                    .longProperty("n", self -> self.number, (self, n) -> self.number = n)
                    .metamethod("__index", (self, arguments) -> Functions.hostile().call(arguments))
                    .metamethod("__call", (self, arguments) -> Functions.hostile().call(arguments))
                    .metamethod("__tostring", (self, arguments) -> within(Object.class))
                    .metamethod("__len", (self, arguments) -> within(Object.class))
                    .metamethod("__add", Functions.hostile())
                    .metamethod("__concat", Functions.hostile())
                    .metamethod("__eq", Functions.hostile())
                    .metamethod("__lt", Functions.hostile())
                    .close(self -> Functions.hostile().call(LuaValues.of()))
                    .build();

    private static final LuaType<Shared> PLAIN = LuaType.builder(Shared.class).build();

    private static final List<Shared> SHARED = List.of(new Shared(), new Shared(), new Shared());

    /** Some calls from within, and what came out of one of them. */
    private static @Nullable Object within(Class<?> ignored) {
        Worker worker = Worker.current();
        if (worker == null) {
            return null;
        }
        worker.within(1);
        return Values.any(worker);
    }

    /** {@return an object that a state knows, or not} */
    static Shared object(RandomGenerator random) {
        return random.nextInt(4) == 0 ? new Shared() : SHARED.get(random.nextInt(SHARED.size()));
    }

    private static LuaType<Shared> type(RandomGenerator random) {
        return random.nextInt(5) == 0 ? PLAIN : TYPE;
    }

    static void addAll() {
        addObjects();
        addConversions();
        addFutures();
    }

    private static void addObjects() {
        Calls.add(2, "register", Calls.VALUES, w -> w.state().register(type(w.random())));
        Calls.add(
                4,
                "wrap",
                Calls.LUA,
                w -> keep(w, w.state().wrap(object(w.random()), type(w.random()))));
        Calls.add(
                2,
                "wrapWeak",
                Calls.LUA,
                w -> keep(w, w.state().wrapWeak(object(w.random()), type(w.random()))));
        Calls.add(2, "revoke", Calls.LUA, w -> w.state().revoke(object(w.random())));
        Calls.add(
                1,
                "revoke of a userdata",
                Calls.LUA,
                w -> {
                    if (w.world().anyThing(w.random()) instanceof LuaUserdata userdata) {
                        userdata.revoke();
                    }
                });
        Calls.add(
                4,
                "use of an object",
                Calls.VALUES,
                w ->
                        w.keep(
                                w.state()
                                        .eval(
                                                Scripts.OBJECTS,
                                                Functions.any(w.random()),
                                                Values.any(w),
                                                object(w.random()))));
        Calls.add(2, "weak", Calls.LUA, ObjectCalls::weak);
        Calls.add(2, "implement", Calls.TYPED, ObjectCalls::implement);
    }

    private static void weak(Worker w) {
        if (w.world().anyThing(w.random()) instanceof LuaReference reference) {
            LuaWeakReference<? extends LuaReference> weak = reference.weak();
            if (w.random().nextBoolean()) {
                reference.close();
                weak.lua().collectGarbage();
            }
            weak.get().ifPresent(strong -> keep(w, strong));
        }
    }

    private static void implement(Worker w) {
        try {
            if (w.random().nextBoolean()) {
                LuaTable table = Calls.table(w);
                Service service = table.lua().implement(Service.class, table);
                keep(w, service.x(Values.any(w)));
                w.world().keep(service.n(), w.random());
            } else {
                LuaFunction function = Calls.function(w);
                LongBinaryOperator sum =
                        function.lua().implement(LongBinaryOperator.class, function);
                w.world().keep(sum.applyAsLong(1, 2), w.random());
            }
        } catch (UnsupportedOperationException e) {
            // The table does not have it.
        } catch (RuntimeException | Error e) {
            if (!(e instanceof LuaException) && Functions.isOwn(e)) {
                return; // unchecked ones come out as they are
            }
            throw e;
        }
    }

    private static void addConversions() {
        Calls.add(
                2,
                "toTable",
                Calls.VALUES,
                w -> {
                    Object[] sources = {
                        Map.of("x", 1, 2, List.of(3)),
                        new Shape(1, "s", null, Optional.of(List.of())),
                        new long[] {1, 2, 3},
                        new ArrayList<>(List.of(w.random().nextInt(), "x", new byte[3])),
                        new Object[] {Values.any(w), Values.any(w)},
                        List.of(object(w.random()))
                    };
                    keep(w, w.state().toTable(sources[w.random().nextInt(sources.length)]));
                });
        Calls.add(
                4,
                "of a table",
                Calls.TYPED,
                w -> {
                    LuaTable table = Calls.table(w);
                    switch (w.random().nextInt(9)) {
                        case 0 -> table.toMap().forEach((key, value) -> keep(w, key));
                        case 1 -> table.toMap(Object.class, Long.class);
                        case 2 -> table.toList();
                        case 3 -> table.toList(String.class);
                        case 4 -> table.toArray(long[].class);
                        case 5 -> table.toArray(Object[].class);
                        case 6 -> table.toArray(Shape[].class);
                        case 7 -> table.toRecord(Shape.class);
                        default -> table.toJava();
                    }
                });
    }

    private static void addFutures() {
        Calls.add(
                5,
                "callAsync",
                Calls.VALUES,
                w -> {
                    CompletableFuture<LuaValues> future =
                            Calls.function(w).callAsync(Values.many(w));
                    if (w.random().nextInt(4) == 0) {
                        future.cancel(true);
                    } else if (w.random().nextInt(4) == 0) {
                        var ignored = future.orTimeout(1, TimeUnit.MILLISECONDS);
                    }
                });
        Calls.add(4, "runPending", Calls.STATE, w -> w.state().runPending());
        Calls.add(
                1,
                "await",
                Calls.and(Calls.STATE, CompletionException.class),
                w -> {
                    Lua lua = w.state();
                    lua.await(stage(w.random()).exceptionally(e -> null));
                });
        Calls.add(
                1,
                "isAttached",
                Set.of(),
                w -> {
                    Lua any = w.world().anyState(w.random());
                    boolean ignored = any != null && any.isAttached();
                });
    }

    /** {@return a stage that is complete, or soon will be} */
    static CompletableFuture<@Nullable Object> stage(RandomGenerator random) {
        CompletableFuture<@Nullable Object> stage = new CompletableFuture<>();
        return switch (random.nextInt(5)) {
            case 0 -> stage.completeOnTimeout("late", 1, TimeUnit.MILLISECONDS);
            case 1 -> stage.orTimeout(1, TimeUnit.MILLISECONDS);
            case 2 -> CompletableFuture.failedFuture(new Functions.Unexpected("stage"));
            case 3 -> CompletableFuture.supplyAsync(() -> "elsewhere");
            default -> CompletableFuture.completedFuture(1L);
        };
    }

    private static void keep(Worker worker, @Nullable Object value) {
        worker.keep(LuaValues.of(value));
    }
}
