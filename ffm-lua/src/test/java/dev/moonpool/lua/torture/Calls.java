package dev.moonpool.lua.torture;

import dev.moonpool.lua.Lua;
import dev.moonpool.lua.LuaChunk;
import dev.moonpool.lua.LuaCoroutine;
import dev.moonpool.lua.LuaEntries;
import dev.moonpool.lua.LuaException;
import dev.moonpool.lua.LuaFunction;
import dev.moonpool.lua.LuaReference;
import dev.moonpool.lua.LuaTable;
import dev.moonpool.lua.LuaValues;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The public calls, each with the exceptions that its documentation has. */
final class Calls {
    private static final Set<Class<? extends Throwable>> NOTHING = Set.of();

    /** Of whatever enters a state. */
    static final Set<Class<? extends Throwable>> STATE =
            Set.of(IllegalStateException.class, WrongThreadException.class);

    /** Of whatever does something in it. */
    static final Set<Class<? extends Throwable>> LUA = and(STATE, LuaException.class);

    /** Of whatever takes values. */
    static final Set<Class<? extends Throwable>> VALUES = and(LUA, IllegalArgumentException.class);

    /** Of whatever reads a value as a type. */
    static final Set<Class<? extends Throwable>> TYPED = and(VALUES, ClassCastException.class);

    private static final String TABLE = "local f, v = ... return {v, 2, 3, x = f, n = 1, s = 's'}";
    private static final String FUNCTION = "local f, v = ... return f";
    private static final String COROUTINE =
            "local f, v = ... return coroutine.create(function(...) f(...) coroutine.yield(v) return f(v) end)";

    private static final List<Call> CALLS = new ArrayList<>();

    private Calls() {}

    /** A call with random arguments. */
    @FunctionalInterface
    interface Body {
        void run(Worker worker) throws Exception;
    }

    record Call(String name, Set<Class<? extends Throwable>> documented, Body body) {

        /** {@return whether the documentation of the call has this} */
        boolean documents(Throwable thrown, Worker worker) {
            if (thrown instanceof StackOverflowError) {
                return !worker.isOutside(); // Java's own, in the end of a stack that Lua is on
            }
            if (worker.isOutside()
                    && String.valueOf(thrown.getMessage()).contains("running")
                    && thrown instanceof IllegalStateException) {
                return false; // nothing is: the state is stuck
            }
            return documented.stream().anyMatch(type -> type.isInstance(thrown));
        }
    }

    static Call any(RandomGenerator random) {
        return CALLS.get(random.nextInt(CALLS.size()));
    }

    static Set<Class<? extends Throwable>> and(
            Set<Class<? extends Throwable>> some, Class<? extends Throwable> another) {
        Set<Class<? extends Throwable>> all = new java.util.HashSet<>(some);
        all.add(another);
        return Set.copyOf(all);
    }

    static void add(
            int weight, String name, Set<Class<? extends Throwable>> documented, Body body) {
        for (int i = 0; i < weight; i++) {
            CALLS.add(new Call(name, documented, body));
        }
    }

    static LuaTable table(Worker worker) {
        return worker.reference(LuaTable.class, TABLE);
    }

    static LuaFunction function(Worker worker) {
        return worker.reference(LuaFunction.class, FUNCTION);
    }

    private static LuaCoroutine coroutine(Worker worker) {
        return worker.reference(LuaCoroutine.class, COROUTINE);
    }

    private static String name(Worker worker) {
        String[] names = {"x", "n", "s", "f", "k1", "__index", "_G", "string", "pcall"};
        RandomGenerator random = worker.random();
        return random.nextInt(4) == 0 ? Values.text(random) : names[random.nextInt(names.length)];
    }

    private static Object key(Worker worker) {
        Object key = Values.any(worker);
        return key == null ? 1 : key;
    }

    private static void keep(Worker worker, @Nullable Object value) {
        worker.keep(LuaValues.of(value));
    }

    static {
        addStates();
        addCode();
        addTables();
        addFunctions();
        addCoroutines();
        addPlain();
        ObjectCalls.addAll();
    }

    private static void addStates() {
        add(2, "build", and(and(TYPED, OutOfMemoryError.class), LuaException.class), Worker::open);
        add(2, "close", STATE, w -> w.state().close());
        add(
                1,
                "close",
                STATE,
                w -> {
                    Lua any = w.world().anyState(w.random());
                    if (any != null) {
                        any.close();
                    }
                });
        add(
                4,
                "detach",
                STATE,
                w -> {
                    Lua lua = w.state();
                    lua.detach();
                    w.disown(lua);
                    w.world().put(lua, w.random());
                });
        add(
                6,
                "attach",
                STATE,
                w -> {
                    Lua any = w.world().anyState(w.random());
                    if (any != null) {
                        any.attach();
                        w.own(any);
                    }
                });
        add(3, "collectGarbage", LUA, w -> w.state().collectGarbage());
        add(2, "statistics", STATE, w -> Objects.requireNonNull(w.state().statistics()));
        add(1, "freeSpace", STATE, w -> Objects.requireNonNull(w.state().freeSpace()));
    }

    private static void addCode() {
        add(
                60,
                "eval",
                VALUES,
                w ->
                        w.keep(
                                w.state()
                                        .eval(
                                                w.anyScript(),
                                                Functions.any(w.random()),
                                                Values.any(w),
                                                w.world().anyThing(w.random()))));
        add(4, "eval of much", VALUES, w -> w.keep(w.state().eval("return ...", Values.many(w))));
        add(8, "load", VALUES, w -> keep(w, w.state().load(w.anyScript())));
        add(
                3,
                "load in",
                VALUES,
                w -> {
                    LuaChunk chunk = LuaChunk.of(w.anyScript()).named(Values.text(w.random()));
                    LuaTable environment = table(w);
                    Lua lua = w.random().nextInt(8) == 0 ? w.state() : environment.lua();
                    keep(w, lua.load(chunk.in(environment)));
                });
        add(
                3,
                "dump",
                LUA,
                w -> {
                    LuaFunction function = function(w);
                    byte[] code = function.dump(w.random().nextBoolean());
                    keep(w, function.lua().load(LuaChunk.binary(code)));
                });
        add(3, "globals", LUA, w -> keep(w, w.state().globals()));
        add(3, "newTable", VALUES, w -> keep(w, w.state().newTable()));
        add(
                1,
                "newTable with room",
                VALUES,
                w -> {
                    int[] sizes = {0, 1, 100, -1, Integer.MAX_VALUE, 1 << 20, Integer.MIN_VALUE};
                    int elements = sizes[w.random().nextInt(sizes.length)];
                    keep(w, w.state().newTable(elements, sizes[w.random().nextInt(sizes.length)]));
                });
        add(3, "function", LUA, w -> keep(w, w.state().function(Functions.any(w.random()))));
        add(1, "longFunction", LUA, w -> keep(w, w.state().longFunction((a, b) -> a + b)));
        add(
                1,
                "longFunction",
                LUA,
                w ->
                        keep(
                                w,
                                w.state()
                                        .longFunction(
                                                a -> {
                                                    w.within(1);
                                                    return 10 / a;
                                                })));
        add(
                1,
                "doubleFunction",
                LUA,
                w ->
                        keep(
                                w,
                                w.state()
                                        .doubleFunction(
                                                a -> {
                                                    w.within(1);
                                                    return Math.sqrt(a);
                                                })));
        add(1, "doubleFunction", LUA, w -> keep(w, w.state().doubleFunction((a, b) -> a / b)));
        add(
                1,
                "stringFunction",
                LUA,
                w ->
                        keep(
                                w,
                                w.state()
                                        .stringFunction(
                                                s -> {
                                                    w.within(1);
                                                    return s.substring(1);
                                                })));
    }

    private static void addTables() {
        add(6, "get by name", VALUES, w -> keep(w, table(w).get(name(w))));
        add(2, "get by index", LUA, w -> keep(w, table(w).get((long) w.random().nextInt(4))));
        add(3, "get", VALUES, w -> keep(w, table(w).get(key(w))));
        add(
                2,
                "typed get",
                TYPED,
                w -> {
                    LuaTable table = table(w);
                    String name = name(w);
                    switch (w.random().nextInt(6)) {
                        case 0 -> table.getBoolean(name);
                        case 1 -> table.getLong(name);
                        case 2 -> table.getDouble(name);
                        case 3 -> table.getString(name);
                        case 4 -> keep(w, table.getTable(name));
                        default -> keep(w, table.getFunction(name));
                    }
                });
        add(5, "set by name", VALUES, w -> table(w).set(name(w), Values.any(w)));
        add(2, "set to integer", VALUES, w -> table(w).set(name(w), 7L));
        add(2, "set to float", VALUES, w -> table(w).set(name(w), 7.5));
        add(2, "set to function", VALUES, w -> table(w).set(name(w), Functions.any(w.random())));
        add(3, "set", VALUES, w -> table(w).set(key(w), Values.any(w)));
        add(2, "rawGet", VALUES, w -> keep(w, table(w).rawGet(key(w))));
        add(2, "rawSet", VALUES, w -> table(w).rawSet(key(w), Values.any(w)));
        add(2, "length", and(LUA, ClassCastException.class), w -> table(w).length());
        add(1, "rawLength", LUA, w -> table(w).rawLength());
        add(
                3,
                "forEach",
                LUA,
                w -> {
                    LuaTable table = table(w);
                    int[] most = {300};
                    table.forEach(
                            (key, value) -> {
                                if (w.random().nextInt(20) == 0) {
                                    w.within(1);
                                }
                                if (most[0]-- == 0) {
                                    throw new IllegalStateException("enough");
                                }
                            });
                });
        add(
                3,
                "entries",
                and(LUA, ClassCastException.class),
                w -> {
                    LuaEntries entries = table(w).entries();
                    int most = w.random().nextInt(300);
                    while (most-- > 0 && entries.next()) {
                        switch (w.random().nextInt(8)) {
                            case 0 -> w.within(1);
                            case 1 -> keep(w, entries.key());
                            case 2 -> keep(w, entries.value());
                            case 3 -> Objects.requireNonNull(entries.keyAsString());
                            default -> Objects.requireNonNull(entries.value());
                        }
                    }
                    if (w.random().nextBoolean()) {
                        entries.close();
                    }
                });
        add(2, "metatable", LUA, w -> keep(w, table(w).metatable()));
        add(
                3,
                "setMetatable",
                VALUES,
                w -> table(w).setMetatable(w.random().nextInt(4) == 0 ? null : table(w)));
    }

    private static void addFunctions() {
        add(16, "call", VALUES, w -> w.keep(function(w).call(Values.many(w))));
        add(
                6,
                "typed call",
                TYPED,
                w -> {
                    LuaFunction function = function(w);
                    long a = w.random().nextInt(5);
                    switch (w.random().nextInt(9)) {
                        case 0 -> function.callLong();
                        case 1 -> function.callLong(a);
                        case 2 -> function.callLong(a, 2);
                        case 3 -> function.callLong(a, 2, 3);
                        case 4 -> function.callDouble();
                        case 5 -> function.callDouble((double) a);
                        case 6 -> function.callDouble((double) a, 2);
                        case 7 -> function.callDouble((double) a, 2, 3);
                        default -> function.callString(Values.text(w.random()));
                    }
                });
        add(
                1,
                "deep call",
                TYPED,
                w -> {
                    if (w.isOutside() && w.random().nextInt(10) == 0) {
                        LuaFunction function = function(w);
                        LuaTable table = table(w);
                        try {
                            deeper(function, table, new int[] {300});
                        } catch (StackOverflowError e) {
                            function.lua().collectGarbage(); // it is as good as before
                        }
                    }
                });
    }

    /** Makes calls from the end of the stack upwards. */
    @SuppressWarnings("InfiniteRecursion")
    private static void deeper(LuaFunction function, LuaTable table, int[] most) {
        try {
            deeper(function, table, most);
        } catch (StackOverflowError e) {
            if (most[0]-- > 0) {
                Object ignored = table.rawGet("x");
                ignored = table.rawGet(1);
                try {
                    function.callLong(1);
                } catch (LuaException | ClassCastException refused) {
                    // for want of stack, as a rule
                }
            }
            throw e;
        }
    }

    private static void addCoroutines() {
        add(
                3,
                "newCoroutine",
                VALUES,
                w -> {
                    LuaFunction function = function(w);
                    Lua lua = w.random().nextInt(8) == 0 ? w.state() : function.lua();
                    keep(w, lua.newCoroutine(function));
                });
        add(12, "resume", VALUES, w -> w.keep(coroutine(w).resume(Values.many(w))));
        add(2, "status", LUA, w -> coroutine(w).status());
        add(2, "cancel", LUA, w -> coroutine(w).cancel());
    }

    private static void addPlain() {
        add(
                6,
                "close of a reference",
                NOTHING,
                w -> {
                    if (w.world().anyThing(w.random()) instanceof LuaReference reference) {
                        reference.close();
                    }
                });
        add(
                3,
                "names of a reference",
                NOTHING,
                w -> {
                    Object other = w.world().anyThing(w.random());
                    if (w.world().anyThing(w.random()) instanceof LuaReference reference) {
                        boolean equal = reference.equals(other);
                        if (equal != (other != null && other.equals(reference))) {
                            throw new AssertionError(reference + " and " + other);
                        }
                        Objects.requireNonNull(reference.toString() + reference.typeName());
                        Objects.requireNonNull(reference.lua());
                        boolean ignored = reference.isClosed();
                    }
                });
        add(
                3,
                "toLuaString",
                LUA,
                w -> {
                    if (w.world().anyThing(w.random()) instanceof LuaReference reference) {
                        Objects.requireNonNull(reference.toLuaString());
                    }
                });
        add(
                2,
                "typed reads",
                Set.of(
                        ClassCastException.class,
                        IndexOutOfBoundsException.class,
                        IllegalArgumentException.class),
                w -> {
                    LuaValues values =
                            LuaValues.of(w.world().anyThing(w.random()), 1L, 2.5, "s", true);
                    int index = w.random().nextInt(-1, 7);
                    switch (w.random().nextInt(8)) {
                        case 0 -> values.asBoolean(index);
                        case 1 -> values.asLong(index);
                        case 2 -> values.asDouble(index);
                        case 3 -> values.asString(index);
                        case 4 -> values.asBytes(index);
                        case 5 -> keep(w, values.asTable(index));
                        case 6 -> keep(w, values.asFunction(index));
                        default -> keep(w, values.as(LuaReference.class, index));
                    }
                });
        add(
                1,
                "parts of an exception",
                NOTHING,
                w -> {
                    if (w.world().anyThing(w.random()) instanceof LuaException e) {
                        Objects.requireNonNull(
                                e.getMessage() + e.kind() + e.traceback() + e.value());
                        boolean ignored = e.isIncomplete();
                        Objects.requireNonNull(e.getStackTrace());
                    }
                });
        add(
                4,
                "an error's exception",
                VALUES,
                w -> {
                    try {
                        w.keep(
                                w.state()
                                        .eval(
                                                "local f, v = ... f(v) error(v)",
                                                Functions.any(w.random()),
                                                Values.any(w)));
                    } catch (LuaException e) {
                        keep(w, w.random().nextBoolean() ? e : e.value());
                        if (w.random().nextInt(100) == 0) {
                            System.gc();
                        }
                        throw e;
                    }
                });
    }
}
