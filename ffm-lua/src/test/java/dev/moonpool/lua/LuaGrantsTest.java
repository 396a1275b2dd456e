package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Objects that go to Lua, are taken away, collected, and tampered with. */
class LuaGrantsTest {
    private final Lua lua = Lua.builder().trusted(true).build(); // some scripts tamper

    @AfterEach
    void close() {
        lua.close();
    }

    private static class Counter {
        private long count;

        long add(long n) {
            count += n;
            return count;
        }
    }

    private static final class Special extends Counter implements Named {
        @Override
        public String name() {
            return "special";
        }
    }

    /** Has a name. */
    public interface Named {
        String name();
    }

    private static final LuaType<Counter> COUNTER =
            LuaType.builder(Counter.class)
                    .longMethod("add", Counter::add)
                    .longProperty("count", c -> c.count, (c, n) -> c.count = n)
                    .build();

    private static final LuaType<Counter> READER =
            LuaType.builder(Counter.class)
                    .name("Reader")
                    .method("get", (counter, arguments) -> counter.count)
                    .build();

    private static final LuaType<Named> NAMED = LuaType.of(Named.class);

    private void assertRaises(String message, String source, @Nullable Object... arguments) {
        LuaException e = assertThrows(LuaException.class, () -> lua.eval(source, arguments));
        assertEquals(message, e.getMessage());
    }

    // -------------------------------------------------------------------------------- giving out

    @Test
    void objectsGoToLuaByThemselvesWhereTheirClassIsRegistered() {
        lua.register(COUNTER);
        lua.register(COUNTER);
        Counter counter = new Counter();
        lua.globals().set("counter", counter);
        lua.globals().set("make", arguments -> counter);
        assertEquals(3, lua.eval("return counter:add(1) + make():add(1)").asLong());
        assertSame(counter, lua.globals().get("counter"));
        assertTrue(lua.eval("return counter == make()").asBoolean());
        assertEquals("userdata", lua.eval("return type(counter)").asString());
    }

    @Test
    void theNearestTypeCounts() {
        lua.register(COUNTER);
        Special special = new Special();
        assertEquals(1, lua.eval("return (...):add(1)", special).asLong());
        lua.register(NAMED);
        assertEquals("special", lua.eval("return (...):name()", special).asString());
        assertNull(lua.eval("return (...).add", special).get(0));
    }

    @Test
    void whatIsNotRegisteredHasNoCounterpart() {
        assertThrows(IllegalArgumentException.class, () -> lua.eval("", new Counter()));
    }

    @Test
    void aClassHasOneTypeInAState() {
        lua.register(COUNTER);
        assertThrows(IllegalStateException.class, () -> lua.register(READER));
        assertThrows(
                IllegalArgumentException.class,
                () -> lua.register(LuaType.builder(String.class).build()));
    }

    @Test
    void aSingleObjectIsWrapped() {
        Counter counter = new Counter();
        try (LuaUserdata wrapped = lua.wrap(counter, COUNTER)) {
            assertEquals(5, lua.eval("return (...):add(5)", wrapped).asLong());
            assertSame(counter, lua.eval("return ...", wrapped).get(0));
            assertEquals(wrapped, lua.wrap(counter, COUNTER));
        }
        assertThrows(IllegalArgumentException.class, () -> lua.eval("", counter));
    }

    @Test
    void whatIsSomethingElseInLuaIsNotWrapped() {
        LuaType<Object> any = LuaType.builder(Object.class).build();
        JavaFunction function = arguments -> 1;
        LuaTable table = lua.newTable();
        for (Object value : List.of(table, lua.load(""), function, "text", 1)) {
            assertThrows(IllegalArgumentException.class, () -> lua.wrap(value, any));
            assertThrows(IllegalArgumentException.class, () -> lua.wrapWeak(value, any));
        }
        assertFalse(table.isClosed());
    }

    @Test
    void twoTypesAreTwoViewsOfAnObject() {
        Counter counter = new Counter();
        LuaUserdata all = lua.wrap(counter, COUNTER);
        LuaUserdata reader = lua.wrap(counter, READER);
        assertNotEquals(all, reader);
        lua.eval("a, r = ... a:add(7)", all, reader);
        assertEquals(7, lua.eval("return r:get()").asLong());
        assertNull(lua.eval("return r.add").get(0));
        assertRaises(
                "calling 'add' on bad self (Counter expected, got Reader)", "return a.add(r, 1)");
    }

    private record Vec(long x) {}

    private static LuaType<Vec> newVecType() {
        return LuaType.builder(Vec.class)
                .property("x", Vec::x)
                .method("with", (v, arguments) -> v.x + arguments.as(Vec.class, 0).x)
                .metamethod("__eq", (v, arguments) -> v.x == arguments.as(Vec.class, 0).x)
                .build();
    }

    private static final LuaType<Vec> VEC = newVecType();

    @Test
    void objectsOfATypeAreEqualIfItSaysSo() {
        lua.register(VEC);
        LuaFunction equal = lua.load("local a, b = ... return a == b");
        assertTrue(equal.call(new Vec(1), new Vec(1)).asBoolean());
        assertFalse(equal.call(new Vec(1), new Vec(2)).asBoolean());
    }

    @Test
    void anObjectIsNotEqualToAnythingElse() throws InterruptedException {
        lua.register(VEC);
        lua.register(COUNTER);
        Vec vec = new Vec(1);
        LuaUserdata revoked = lua.wrap(new Vec(1), VEC);
        lua.globals().set("revoked", revoked);
        revoked.revoke();
        lua.globals().set("viewed", lua.wrap(new Vec(1), newVecType()));
        lua.globals().set("counter", new Counter());
        lua.globals().set("collected", lua.wrapWeak(new Vec(1), VEC));
        Garbage.assertSoon(
                "object is there still",
                () -> lua.globals().get("collected") instanceof WeakReference<?>);
        for (String other :
                List.of(
                        "nil",
                        "1",
                        "{}",
                        "io.stdout",
                        "counter",
                        "revoked",
                        "collected",
                        "viewed")) {
            String operands = "local vec, other = ..., " + other;
            assertFalse(
                    lua.eval(operands + " return vec == other or other == vec", vec).asBoolean(),
                    other);
        }
        assertFalse(
                lua.eval("local v = ... return debug.getmetatable(v).__eq(v)", vec).asBoolean());
    }

    @Test
    void comparingLeavesNoHandlesBehind() {
        lua.register(VEC);
        lua.globals().set("vec", new Vec(1));
        LuaFunction compare = lua.load("for i = 1, 1000 do assert(vec ~= io.stdout) end");
        compare.call();
        lua.collectGarbage();
        long before = lua.statistics().liveBytes();
        compare.call();
        lua.collectGarbage();
        assertEquals(before, lua.statistics().liveBytes());
    }

    /** Is called as another class is. */
    private static final class Outer {
        private record Vec(long x) {}
    }

    @Test
    void whatSoundsLikeTheTypeButIsAnotherIsSaidToBe() {
        lua.register(VEC);
        lua.register(LuaType.builder(Outer.Vec.class).property("x", Outer.Vec::x).build());
        lua.globals().set("v", new Vec(1));
        lua.globals().set("o", new Outer.Vec(1));
        lua.globals().set("w", lua.wrap(new Vec(1), newVecType()));
        String expected = "calling 'with' on bad self (Vec expected, got ";
        assertRaises(
                expected + "a Vec of another LuaType: class=" + Outer.Vec.class.getName() + ")",
                "v.with(o, v)");
        assertRaises(
                expected + "a Vec of another LuaType: class=" + Vec.class.getName() + ")",
                "v.with(w, v)");
        LuaUserdata revoked = lua.wrap(new Vec(3), VEC);
        lua.globals().set("r", revoked);
        revoked.revoke();
        assertRaises(expected + "a Vec that was revoked)", "v.with(r, v)");
    }

    /** Takes one of the two. */
    public interface Measure {
        long measure(Vec vec);
    }

    @Test
    void argumentsThatSoundLikeWhatIsWantedAreSaidToBeAnotherClass() {
        lua.register(VEC);
        lua.register(LuaType.of(MethodHandles.lookup(), Measure.class));
        lua.register(LuaType.builder(Outer.Vec.class).build());
        Measure measure = Vec::x;
        lua.globals().set("m", measure);
        assertRaises(
                "bad argument #1 to 'measure' (Vec expected, got a Vec of another class: class=%s)"
                        .formatted(Outer.Vec.class.getName()),
                "m:measure(...)",
                new Outer.Vec(1));
        LuaUserdata revoked = lua.wrap(new Vec(3), VEC);
        revoked.revoke();
        assertRaises(
                "bad argument #1 to 'measure' (Vec expected, got a Vec that was revoked)",
                "m:measure(...)",
                revoked);
    }

    @Test
    void aTypeOfThrowableLetsScriptsReadWhatPcallGivesThem() {
        lua.register(
                LuaType.builder(Throwable.class)
                        .property("message", Throwable::getMessage)
                        .property("cause", Throwable::getCause)
                        .property("class", e -> e.getClass().getName())
                        .build());
        lua.globals()
                .set(
                        "fail",
                        arguments -> {
                            throw new IllegalStateException("full", new IOException("disk"));
                        });
        assertEquals(
                List.of("full", "disk", "java.io.IOException", "java.io.IOException: disk"),
                lua.eval(
                        """
                        local _, e = pcall(fail)
                        return e.message, e.cause.message, e.cause.class, tostring(e.cause)
                        """));
    }

    @Test
    void exceptionsCanHaveMethods() {
        lua.register(
                LuaType.builder(IllegalStateException.class)
                        .method("why", (e, arguments) -> e.getMessage())
                        .build());
        lua.globals()
                .set(
                        "fail",
                        arguments -> {
                            throw new IllegalStateException("full");
                        });
        assertEquals("full", lua.eval("local _, e = pcall(fail) return e:why()").asString());
        assertRaises("java.lang.IllegalStateException: full", "fail()");
    }

    // ---------------------------------------------------------------------------------- taking

    @Test
    void whatWasRevokedRaisesErrors() {
        Counter counter = new Counter();
        LuaUserdata wrapped = lua.wrap(counter, COUNTER);
        lua.globals().set("c", wrapped);
        wrapped.revoke();
        wrapped.revoke();
        String got = "(Counter expected, got a Counter that was revoked)";
        assertRaises("calling 'add' on bad self " + got, "c:add(1)");
        assertRaises("calling 'count' on bad self " + got, "return c.count");
        assertRaises("calling 'count' on bad self " + got, "c.count = 1");
        assertInstanceOf(LuaUserdata.class, lua.globals().get("c"));
        LuaUserdata again = lua.wrap(counter, COUNTER);
        assertNotEquals(wrapped, again);
        assertEquals(1, lua.eval("return (...):add(1)", again).asLong());
        assertEquals(0, lua.state().foreignCount() - foreignCountOfTypes());
    }

    private long foreignCountOfTypes() {
        lua.globals().set("c", (Object) null);
        try (Lua other = Lua.create()) {
            LuaUserdata one = other.wrap(new Counter(), COUNTER);
            assertFalse(one.isClosed());
            return other.state().foreignCount();
        }
    }

    @Test
    void anObjectIsRevokedWhateverItsTypes() {
        Counter counter = new Counter();
        lua.globals().set("a", lua.wrap(counter, COUNTER));
        lua.globals().set("r", lua.wrap(counter, READER));
        assertTrue(lua.revoke(counter));
        assertFalse(lua.revoke(counter));
        assertThrows(LuaException.class, () -> lua.eval("a:add(1)"));
        assertThrows(LuaException.class, () -> lua.eval("r:get()"));
    }

    @Test
    void anObjectMayRevokeItselfWhileItRuns() {
        lua.register(
                LuaType.builder(Counter.class)
                        .method("last", (self, arguments) -> lua.revoke(self))
                        .build());
        assertRaises(
                "calling 'last' on bad self (Counter expected, got a Counter that was revoked)",
                "local c = ... assert(c:last()) c:last()",
                new Counter());
    }

    // -------------------------------------------------------------------------------- tampering

    @Test
    void methodsOnOtherSelvesRaiseErrors() {
        lua.register(COUNTER);
        lua.register(NAMED);
        lua.globals().set("c", new Counter());
        lua.globals().set("n", (Named) () -> "x");
        for (String self : List.of("nil", "1", "'x'", "{}", "n", "io.stdout", "print", "n.name")) {
            for (String use :
                    List.of("c.add(%s, 1)", "debug.getmetatable(c).__index(%s, 'count')")) {
                assertThrows(LuaException.class, () -> lua.eval("return " + use.formatted(self)));
            }
        }
        assertRaises("calling 'add' on bad self (Counter expected, got Named)", "c.add(n, 1)");
        assertRaises("calling 'add' on bad self (Counter expected, got number)", "c.add(5)");
        assertRaises("calling 'add' on bad self (Counter expected, got no value)", "c.add()");
    }

    @Test
    void metatablesThatWereExchangedDoNotConfuseTypes() {
        lua.register(COUNTER);
        lua.register(NAMED);
        Counter counter = new Counter();
        Named named = () -> "x";
        assertFalse(lua.eval("return getmetatable(...)", counter).asBoolean());
        assertRaises(
                "calling 'add' on bad self (Counter expected, got Named)",
                """
                local c, n = ...
                debug.setmetatable(n, debug.getmetatable(c))
                return n:add(1)
                """,
                counter,
                named);
        lua.eval(
                """
                local c = ...
                debug.setmetatable(c, nil)
                debug.setuservalue(c, {}, 1)
                debug.setmetatable(io.stdout, debug.getmetatable(io.stdout))
                """,
                counter);
        assertSame(counter, lua.eval("return ...", counter).get(0));
    }

    @Test
    void finalizersThatAreCalledByHandTakeTheObjectAway() {
        lua.register(COUNTER);
        Counter counter = new Counter();
        lua.globals().set("c", counter);
        lua.eval("local mt = debug.getmetatable(c) mt.__gc(c) mt.__gc(c) pcall(mt.__gc, 5)");
        assertThrows(LuaException.class, () -> lua.eval("c:add(1)"));
        assertEquals(1, lua.eval("return (...):add(1)", counter).asLong());
    }

    @Test
    void functionsTakenApartAreNoObjects() {
        lua.register(COUNTER);
        assertThrows(
                LuaException.class,
                () ->
                        lua.eval(
                                "local c = ... local _, box = debug.getupvalue(c.add, 1)"
                                        + " return c.add(box, 1)",
                                new Counter()));
    }

    // ---------------------------------------------------------------------------------- lifetimes

    @Test
    void objectsThatLuaDropsLeaveNothing() {
        lua.register(COUNTER);
        LuaFunction use = lua.load("local c, w = ... c:add(1) w:get() w = {} c:add(2)");
        try (LuaUserdata first = lua.wrap(new Counter(), READER)) {
            use.call(new Counter(), first);
        }
        lua.collectGarbage();
        lua.collectGarbage();
        int before = lua.state().foreignCount();
        for (int i = 0; i < 20_000; i++) {
            Counter counter = new Counter();
            try (LuaUserdata reader = lua.wrap(counter, READER)) {
                use.call(counter, reader);
            }
        }
        lua.collectGarbage();
        lua.collectGarbage();
        assertEquals(before, lua.state().foreignCount());
    }

    @Test
    void errorsAndConversionsLeaveNothing() {
        lua.register(COUNTER);
        LuaFunction use =
                lua.load(
                        """
                        local c = ...
                        pcall(c.add, c, {})
                        pcall(c.add, c, 1, {})
                        pcall(c.add, {}, 1)
                        pcall(function() c.count = {} end)
                        pcall(function() c.other = {} end)
                        """);
        Counter counter = new Counter();
        for (int i = 0; i < 2_000; i++) {
            use.call(counter);
        }
        lua.collectGarbage();
        long before = lua.statistics().liveBytes();
        for (int i = 0; i < 20_000; i++) {
            use.call(counter);
        }
        lua.collectGarbage();
        assertEquals(before, lua.statistics().liveBytes());
    }

    @Test
    void argumentsThatNeverCameToLuaLeaveNothing() {
        lua.register(COUNTER);
        JavaFunction function = arguments -> 1;
        Counter known = new Counter();
        lua.globals().set("known", known);
        LuaFunction closed = lua.load("");
        closed.close();
        LuaTable closedTable = lua.newTable();
        closedTable.close();
        try (Lua other = Lua.create()) {
            LuaTable stranger = other.newTable();
            int before = lua.state().foreignCount();
            for (Executable use :
                    List.<Executable>of(
                            () -> closed.call(function, new Counter(), known),
                            () -> closedTable.set("name", function),
                            () -> closedTable.rawSet(new Counter(), function),
                            () -> lua.eval("", function, new Counter(), stranger))) {
                assertThrows(RuntimeException.class, use);
            }
            assertEquals(before, lua.state().foreignCount());
        }
        assertEquals(1, lua.eval("return known:add(1)").asLong());
        Counter again = new Counter();
        assertThrows(IllegalStateException.class, () -> closed.call(again));
        assertEquals(2, lua.eval("local c = ... return c:add(1) + (...):add(0)", again).asLong());
    }

    @Test
    void argumentsThatTypedFunctionsDoNotTakeLeaveNothing() {
        lua.globals().set("one", lua.longFunction(n -> n));
        lua.globals().set("two", lua.doubleFunction((a, b) -> a + b));
        lua.globals().set("text", lua.stringFunction(s -> s));
        LuaFunction use =
                lua.load(
                        """
                        one(1, {}, {})
                        two(1, 2, {})
                        text('x', {})
                        for _, f in ipairs{one, two, text} do
                          assert(not pcall(f, {}, {}))
                        end
                        assert(not pcall(two, 1, print, {}))
                        """);
        use.call();
        lua.collectGarbage();
        long before = lua.statistics().liveBytes();
        for (int i = 0; i < 5_000; i++) {
            use.call();
        }
        lua.collectGarbage();
        long after = lua.statistics().liveBytes(); // the table of exceptions has grown a little
        assertTrue(after < before + 100_000, "before=%d, after=%d".formatted(before, after));
    }

    @Test
    void oneLongRunMayPassAsManyTablesAsItLikes() {
        long[] calls = {0};
        lua.globals()
                .set(
                        "take",
                        arguments -> {
                            if (++calls[0] % 100_000 == 0) {
                                System.gc(); // in case Java has memory enough not to care
                            }
                            return null;
                        });
        lua.eval("for i = 1, 1200000 do take({}) end");
    }

    @Test
    void anObjectThatWasGivenOutWeaklyIsCollected() {
        WeakReference<Counter> counter = giveOutWeakly();
        lua.eval("assert(c:add(1) == 1)");
        collect(counter);
        assertRaises(
                "calling 'add' on bad self (Counter expected, got Counter that was collected)",
                "c:add(1)");
        Object left = lua.globals().get("c");
        assertNull(assertInstanceOf(WeakReference.class, left).get());
        assertTrue(lua.eval("return ... == c", left).asBoolean());
        lua.eval("t = {[c] = c, 1, 2}");
        List<Object> keys = new ArrayList<>();
        lua.globals().getTable("t").forEach((key, value) -> keys.add(key));
        assertEquals(3, keys.size());
        try (Lua other = Lua.create()) {
            assertThrows(IllegalArgumentException.class, () -> other.eval("", left));
        }
    }

    private WeakReference<Counter> giveOutWeakly() {
        Counter counter = new Counter();
        LuaUserdata userdata = lua.wrapWeak(counter, COUNTER);
        lua.globals().set("c", userdata);
        assertEquals(userdata, lua.wrapWeak(counter, COUNTER));
        return new WeakReference<>(counter);
    }

    private static void collect(WeakReference<?> reference) {
        for (int i = 0; i < 100 && reference.get() != null; i++) {
            System.gc();
        }
        assertNull(reference.get());
    }

    @Test
    void whetherLuaKeepsAnObjectCanChange() {
        lua.register(COUNTER);
        Counter counter = new Counter();
        LuaUserdata strong = lua.wrap(counter, COUNTER);
        LuaUserdata weak = lua.wrapWeak(counter, COUNTER);
        assertEquals(strong, weak);
        lua.globals().set("c", counter); // by itself: stays as it is
        WeakReference<Counter> reference = new WeakReference<>(counter);
        assertEquals(strong, lua.wrap(counter, COUNTER));
        counter = null;
        System.gc();
        assertEquals(1, lua.eval("return c:add(1)").asLong());
        assertSame(reference.get(), lua.globals().get("c"));
    }

    // ------------------------------------------------------------------------------ weak handles

    @Test
    void aWeakReferenceDoesNotKeepTheObject() {
        LuaTable table = lua.newTable();
        LuaWeakReference<LuaTable> weak = table.weak();
        try (LuaTable again = weak.get().orElseThrow()) {
            assertEquals(table, again);
        }
        lua.globals().set("t", table);
        table.close();
        lua.collectGarbage();
        assertTrue(isAlive(weak));
        lua.eval("t = nil");
        lua.collectGarbage();
        assertFalse(isAlive(weak));
    }

    private static boolean isAlive(LuaWeakReference<?> weak) {
        Optional<? extends LuaReference> reference = weak.get();
        reference.ifPresent(LuaReference::close);
        return reference.isPresent();
    }

    @Test
    void allKindsOfObjectsHaveWeakReferences() {
        LuaFunction function = lua.load("return 1");
        LuaCoroutine coroutine = lua.newCoroutine(function);
        LuaUserdata userdata = lua.wrap(new Counter(), COUNTER);
        LuaUserdata file = lua.eval("return io.stdout").as(LuaUserdata.class, 0);
        assertEquals(function, function.weak().get().orElseThrow());
        assertEquals(coroutine, coroutine.weak().get().orElseThrow());
        assertEquals(userdata, userdata.weak().get().orElseThrow());
        assertEquals(file, file.weak().get().orElseThrow());
    }

    @Test
    void manyWeakReferencesToAnObjectCostAsMuchAsOne() {
        LuaTable table = lua.newTable();
        LuaWeakReference<LuaTable> weak = table.weak();
        lua.collectGarbage();
        long before = lua.statistics().liveBytes();
        for (int i = 0; i < 10_000; i++) {
            weak = table.weak();
        }
        lua.collectGarbage();
        assertTrue(lua.statistics().liveBytes() < before + 1_000);
        assertTrue(weak.get().isPresent());
    }

    @Test
    void aCycleOfAJavaObjectAndALuaFunctionIsBrokenByAWeakLink() {
        lua.register(LISTENER);
        WeakReference<Listener> listener = cycle();
        lua.eval("assert(listener:fire() == 1)");
        int before = lua.state().foreignCount();
        lua.eval("listener = nil");
        lua.collectGarbage();
        lua.collectGarbage(); // what a finalizer frees is gone with the next one
        assertEquals(before - 1, lua.state().foreignCount());
        collect(listener);
    }

    private static final class Listener {
        private @Nullable LuaWeakReference<LuaFunction> callback;

        long fire() {
            if (callback == null) {
                return 0;
            }
            try (LuaFunction function = callback.get().orElseThrow()) {
                return function.callLong();
            }
        }
    }

    private static final LuaType<Listener> LISTENER =
            LuaType.builder(Listener.class)
                    .method("fire", (listener, arguments) -> listener.fire())
                    .method(
                            "on",
                            (listener, arguments) -> {
                                try (LuaFunction callback = arguments.asFunction(0)) {
                                    listener.callback = callback.weak();
                                }
                                return LuaValues.of();
                            })
                    .build();

    private WeakReference<Listener> cycle() {
        Listener made = new Listener();
        lua.eval(
                """
                listener = ...
                local me = listener
                local function callback() return me and 1 end
                keep = setmetatable({}, {__mode = 'k'})
                keep[me] = callback
                me:on(callback)
                """,
                made);
        return new WeakReference<>(made);
    }
}
