package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a type grants, and what it does with arguments and results. */
class LuaTypeTest {
    private final Lua lua = Lua.create();

    @AfterEach
    void close() {
        lua.close();
    }

    /** Something of everything. */
    public interface Shape {
        double area();

        default String describe() {
            return "shape of " + area();
        }

        static String secret() {
            return "secret";
        }
    }

    private record Square(double side) implements Shape {
        @Override
        public double area() {
            return side * side;
        }
    }

    private static final class Account implements AutoCloseable {
        private long balance;
        private String name = "nobody";
        private boolean closed;

        long deposit(long amount) {
            balance += amount;
            return balance;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private static final LuaType<Account> ACCOUNT =
            LuaType.builder(Account.class)
                    .longMethod("deposit", Account::deposit)
                    .method("echo", (account, arguments) -> arguments)
                    .method("self", (account, arguments) -> account)
                    .doubleMethod("interest", (account, rate) -> (double) account.balance * rate)
                    .longProperty("balance", account -> account.balance)
                    .property(
                            "name",
                            String.class,
                            account -> account.name,
                            (account, name) -> account.name = name)
                    .metamethod("__tostring", (account, arguments) -> "account " + account.name)
                    .metamethod("__len", (account, arguments) -> account.balance)
                    .metamethod("__call", (account, arguments) -> arguments.get(0))
                    .metamethod(
                            "__add",
                            operands ->
                                    operands.stream()
                                            .mapToLong(
                                                    o ->
                                                            o instanceof Account account
                                                                    ? account.balance
                                                                    : ((Number) o).longValue())
                                            .sum())
                    .close(Account::close)
                    .build();

    private void assertRaises(String message, String source, @Nullable Object... arguments) {
        LuaException e = assertThrows(LuaException.class, () -> lua.eval(source, arguments));
        assertEquals(message, e.getMessage());
    }

    // ------------------------------------------------------------------------------ interfaces

    @Test
    void anInterfaceGrantsItsMethodsAndNothingElse() {
        lua.register(LuaType.of(Shape.class));
        Square square = new Square(2);
        assertEquals(4.0, lua.eval("return (...):area()", square).asDouble());
        assertEquals("shape of 4.0", lua.eval("return (...):describe()", square).asString());
        for (String name :
                List.of("side", "secret", "getClass", "wait", "notify", "hashCode", "toString")) {
            assertNull(lua.eval("local s, n = ... return s[n]", square, name).get(0), name);
        }
    }

    /** An interface that nobody else sees. */
    private interface Hidden {
        @SuppressWarnings("UnusedMethod") // Lua calls it
        int twice(int n);
    }

    @Test
    void anInterfaceThatIsNotPublicNeedsALookup() {
        assertThrows(IllegalArgumentException.class, () -> LuaType.of(Hidden.class));
        lua.register(LuaType.of(MethodHandles.lookup(), Hidden.class));
        Hidden hidden = n -> 2 * n;
        assertEquals(42, lua.eval("return (...):twice(21)", hidden).asLong());
    }

    /** Restates a method with a type of its own. */
    public interface Increment extends Function<Integer, Integer> {
        @Override
        Integer apply(Integer n);
    }

    @Test
    void aMethodThatAnInterfaceBelowOverridesIsOne() {
        lua.register(LuaType.of(Increment.class));
        Increment increment = n -> n + 1;
        assertEquals(42, lua.eval("return (...):apply(41)", increment).asLong());
    }

    @Test
    void aClassIsNoInterface() {
        assertThrows(IllegalArgumentException.class, () -> LuaType.of(Square.class));
    }

    @Test
    void anInterfaceThatCanBeClosedIsClosedByLua() throws Exception {
        AutoCloseable closeable = new Account();
        lua.register(LuaType.of(AutoCloseable.class));
        lua.eval("local a <close> = ...", closeable);
        assertTrue(((Account) closeable).closed);
    }

    // ------------------------------------------------------------------------------ annotations

    /** A class with annotations. */
    static class Player {
        @LuaExport int score = 7;

        @LuaExport(writable = true)
        String title = "none";

        @SuppressWarnings("UnusedVariable") // Lua reads it
        @LuaExport("nick")
        private final String nickname = "bob";

        int secret = 1;

        private double speed = 1.5;

        @LuaExport
        void rename(String title) {
            this.title = title;
        }

        @LuaExport
        @SuppressWarnings("UnusedMethod") // Lua calls it
        private long plus(long a, int b) {
            return a + b + score;
        }

        @LuaExport("plus")
        long plusOne(long a) {
            return a + 1;
        }

        @LuaExport(property = true)
        double getSpeed() {
            return speed;
        }

        @LuaExport(property = true)
        void setSpeed(double speed) {
            this.speed = speed;
        }

        void hidden() {}
    }

    static final class Admin extends Player {
        @Override
        void rename(String title) {
            super.rename("admin " + title);
        }
    }

    private static final LuaType<Player> PLAYER =
            LuaType.ofAnnotated(MethodHandles.lookup(), Player.class);

    @Test
    void annotationsGrantMethodsFieldsAndProperties() {
        lua.register(PLAYER);
        Player player = new Player();
        assertEquals(
                List.of(7L, "bob", 1.5, 10L, 2L),
                lua.eval(
                        "local p = ... return p.score, p.nick, p.speed, p:plus(1, 2), p:plus(1)",
                        player));
        lua.eval("local p = ... p.title = 'king' p.speed = 3", player);
        assertEquals("king", player.title);
        assertEquals(3.0, player.speed);
        lua.eval("(...):rename('duke')", new Admin());
        assertNull(lua.eval("return (...).secret or (...).hidden", player).get(0));
        assertRaises("property 'score' of Player is read-only", "(...).score = 1", player);
        assertRaises("no property 'other' in Player", "(...).other = 1", player);
    }

    @Test
    void whatOverridesAnAnnotatedMethodIsGranted() {
        lua.register(PLAYER);
        Admin admin = new Admin();
        lua.eval("(...):rename('duke')", admin);
        assertEquals("admin duke", admin.title);
    }

    @Test
    void whatCannotBeAccessedIsRefusedWhenTheTypeIsMade() {
        assertThrows(
                IllegalArgumentException.class,
                () -> LuaType.ofAnnotated(MethodHandles.publicLookup(), Player.class));
    }

    static final class Statics {
        @LuaExport
        static void method() {}
    }

    @Test
    void staticMembersAreRefused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> LuaType.ofAnnotated(MethodHandles.lookup(), Statics.class));
    }

    // ---------------------------------------------------------------------------------- builder

    @Test
    void methodsPropertiesAndMetamethodsWork() {
        lua.register(ACCOUNT);
        Account account = new Account();
        assertEquals(
                List.of(5L, 2.5, 5L, "nobody", "account nobody", 5L, 3L, 6L, 6L, 10L),
                lua.eval(
                        """
                        local a = ...
                        return a:deposit(5), a:interest(0.5), a.balance, a.name, tostring(a), #a,
                            a(3), a + 1, 1 + a, a + a
                        """,
                        account));
        lua.eval("(...).name = 'ann'", account);
        assertEquals("ann", account.name);
    }

    @Test
    void methodsReturnSeveralValuesAndTheObjectItself() {
        lua.register(ACCOUNT);
        Account account = new Account();
        assertEquals(
                List.of(1L, "two", true, true),
                lua.eval(
                        """
                        local a = ...
                        local one, two = a:echo(1, 'two')
                        return one, two, a:self() == a, rawequal(a:self(), a)
                        """,
                        account));
        assertSame(account, lua.eval("return ...", account).get(0));
    }

    @Test
    void aVariableThatIsToBeClosedClosesTheObject() {
        lua.register(ACCOUNT);
        Account account = new Account();
        assertThrows(
                LuaException.class, () -> lua.eval("local a <close> = ... error('x')", account));
        assertTrue(account.closed);
        Account other = new Account();
        lua.eval("local a <close> = ...", other);
        assertTrue(other.closed);
    }

    @Test
    void indexAndNewindexAreAskedForWhatWasNotGranted() {
        Account account = new Account();
        lua.register(
                LuaType.builder(Account.class)
                        .longMethod("deposit", Account::deposit)
                        .metamethod("__index", (self, arguments) -> "no " + arguments.get(0))
                        .metamethod(
                                "__newindex",
                                (self, arguments) -> {
                                    self.name = arguments.asString(0) + arguments.asString(1);
                                    return LuaValues.of();
                                })
                        .build());
        assertEquals("no x", lua.eval("return (...).x", account).asString());
        assertEquals(1, lua.eval("return (...):deposit(1)", account).asLong());
        lua.eval("(...).a = 'b'", account);
        assertEquals("ab", account.name);
    }

    @Test
    void namesAreGrantedOnce() {
        LuaType.Builder<Account> builder =
                LuaType.builder(Account.class).longMethod("x", Account::deposit);
        assertThrows(
                IllegalArgumentException.class, () -> builder.longProperty("x", a -> a.balance));
        assertThrows(
                IllegalArgumentException.class,
                () -> builder.method("x", (account, arguments) -> null));
        assertThrows(
                IllegalArgumentException.class,
                () -> builder.metamethod("__gc", (account, arguments) -> null));
    }

    @Test
    void aMethodMayYield() {
        lua.register(
                LuaType.builder(Account.class)
                        .method(
                                "pause",
                                (account, arguments) ->
                                        LuaYield.of(arguments.get(0)).then(resumed -> resumed))
                        .build());
        LuaCoroutine coroutine =
                lua.newCoroutine(lua.load("local a = ... return 'got', a:pause(1)"));
        assertEquals(List.of(1L), coroutine.resume(new Account()));
        assertEquals(List.of("got", 2L), coroutine.resume(2));
    }

    // ---------------------------------------------------------------- arguments and results

    /** Parameters and results of many types. */
    public interface Types {
        default long aLong(long n) {
            return n;
        }

        default int anInt(int n) {
            return n;
        }

        default byte aByte(byte n) {
            return n;
        }

        default float aFloat(float n) {
            return n;
        }

        default double aDouble(double n) {
            return n;
        }

        default boolean aBoolean(boolean b) {
            return !b;
        }

        default char aChar(char c) {
            return c;
        }

        default String aString(@Nullable String s) {
            return String.valueOf(s);
        }

        default byte[] bytes(byte[] b) {
            return b;
        }

        default TimeUnit unit(TimeUnit unit) {
            return unit;
        }

        default @Nullable Object any(@Nullable Object o) {
            return o;
        }

        default long table(LuaTable table) {
            return table.length();
        }

        default @Nullable Object call(LuaFunction function) {
            return function.call(1).get(0);
        }

        default int applied(IntUnaryOperator function) {
            return function.applyAsInt(20);
        }

        default double areaOf(Shape shape) {
            return shape.area();
        }

        default String joined(String separator, Object... values) {
            return String.join(separator, Arrays.stream(values).map(String::valueOf).toList());
        }

        default long sum(long... values) {
            return Arrays.stream(values).sum();
        }

        default String over() {
            return "0";
        }

        default String over(long a) {
            return "1";
        }

        default String over(String a, String b) {
            return "2";
        }

        default void nothing() {}

        default long mixed(String a, long b, double c, boolean d, int e) {
            return a.length() + b + (long) c + (d ? 1 : 0) + e;
        }

        default Thread leak() {
            return Thread.currentThread();
        }

        default void fail() throws IOException {
            throw new IOException("disk");
        }

        default void confused() {
            Object number = 1;
            System.out.println((String) number);
        }
    }

    private static final LuaType<Types> TYPES = LuaType.of(Types.class);

    private @Nullable Object run(String call) {
        lua.register(TYPES);
        LuaValues values = lua.eval("local t = ... return t:" + call, new Types() {});
        return values.isEmpty() ? "nothing" : values.get(0);
    }

    @Test
    void argumentsAndResultsAreConverted() {
        assertEquals(Long.MIN_VALUE, run("aLong(math.mininteger)"));
        assertEquals(2L, run("aLong(2.0)"));
        assertEquals(-5L, run("anInt(-5)"));
        assertEquals(127L, run("aByte(127)"));
        assertEquals(0.5, run("aFloat(0.5)"));
        assertEquals(3.0, run("aDouble(3)"));
        assertEquals(false, run("aBoolean(true)"));
        assertEquals("ö", run("aChar('ö')"));
        assertEquals("a\0😀", run("aString('a\\0😀')"));
        assertEquals("null", run("aString(nil)"));
        assertArrayEquals(new byte[] {-1}, (byte[]) run("bytes('\\255')"));
        assertEquals("DAYS", run("unit('DAYS')"));
        assertEquals(1.5, run("any(1.5)"));
        assertNull(run("any(nil)"));
        assertEquals(3L, run("table({1, 2, 3})"));
        lua.globals().set("increment", lua.load("return ... + 1"));
        assertEquals(2L, run("call(increment)"));
        assertEquals(21L, run("applied(function(n) return n + 1 end)"));
        assertEquals(6.0, run("areaOf({area = function() return 6 end})"));
        assertEquals("1-a-true", run("joined('-', 1, 'a', true)"));
        assertEquals("", run("joined('-')"));
        assertEquals(6L, run("sum(1, 2, 3)"));
        assertEquals("0", run("over()"));
        assertEquals("1", run("over(1)"));
        assertEquals("2", run("over('a', 'b')"));
        assertEquals("nothing", run("nothing()"));
        assertEquals(11L, run("mixed('ab', 3, 2.9, true, 3)"));
    }

    @Test
    void argumentsThatDoNotFitAreErrorsThatSayWhich() {
        lua.register(TYPES);
        for (String[] each :
                new String[][] {
                    {"aLong('1')", "bad argument #1 to 'aLong' (integer expected, got string)"},
                    {"aLong(1.5)", "bad argument #1 to 'aLong' (integer expected, got number)"},
                    {"aLong(nil)", "bad argument #1 to 'aLong' (integer expected, got nil)"},
                    {
                        "anInt(2147483648)",
                        "bad argument #1 to 'anInt' (integer from -2147483648 to 2147483647"
                                + " expected, got number)"
                    },
                    {"aDouble({})", "bad argument #1 to 'aDouble' (number expected, got table)"},
                    {
                        "aBoolean(print)",
                        "bad argument #1 to 'aBoolean' (boolean expected, got function)"
                    },
                    {"aString(1)", "bad argument #1 to 'aString' (string expected, got number)"},
                    {"table('x')", "bad argument #1 to 'table' (table expected, got string)"},
                    {
                        "unit('EONS')",
                        "bad argument #1 to 'unit' (name of a TimeUnit expected, got string)"
                    },
                    {"areaOf(5)", "bad argument #1 to 'areaOf' (Shape expected, got number)"},
                    {"sum(1, 2, {})", "bad argument #3 to 'sum' (integer expected, got table)"},
                    {
                        "mixed('ab', 3, {}, true, 3)",
                        "bad argument #3 to 'mixed' (number expected, got table)"
                    },
                    {"aLong()", "wrong number of arguments to 'aLong' (1 expected, got 0)"},
                    {"aLong(1, {})", "wrong number of arguments to 'aLong' (1 expected, got 2)"},
                    {
                        "over(1, 2, 3)",
                        "wrong number of arguments to 'over' (0 or 1 or 2 expected, got 3)"
                    },
                    {
                        "joined()",
                        "wrong number of arguments to 'joined' (at least 1 expected, got 0)"
                    },
                }) {
            assertRaises(each[1], "return (...):" + each[0], new Types() {});
        }
    }

    @Test
    void aResultThatWasNotGrantedIsAnErrorAndNoLeak() {
        lua.register(TYPES);
        assertRaises(
                "'leak' of Types returned what was not granted to Lua (value has no counterpart in"
                        + " Lua: index=0, class=java.lang.Thread)",
                "return (...):leak()",
                new Types() {});
    }

    @Test
    void whatAMethodThrowsIsRaisedAndComesOutAsTheCause() {
        lua.register(TYPES);
        LuaException e =
                assertThrows(LuaException.class, () -> lua.eval("(...):fail()", new Types() {}));
        assertEquals("java.io.IOException: disk", String.valueOf(e.getCause()));
        LuaException confused =
                assertThrows(
                        LuaException.class, () -> lua.eval("(...):confused()", new Types() {}));
        assertInstanceOf(ClassCastException.class, confused.getCause());
    }

    @Test
    void argumentsThatFillTheFrameAreAllThere() {
        try (Lua small = Lua.builder().layout(Layouts.withIo(Layouts.SMALLEST_IO)).build()) {
            small.register(TYPES);
            LuaFunction function =
                    small.load("local t, n = ... return t:mixed(('x'):rep(n), 1, 2, true, 3)");
            Types types = new Types() {};
            for (int n = 800; n < 1100; n++) {
                assertEquals(n + 7, function.call(types, n).asLong());
            }
            assertEquals(
                    IntStream.rangeClosed(1, 500).sum(),
                    small.eval(
                                    "local l = {} for i = 1, 500 do l[i] = i end"
                                            + " return (...):sum(table.unpack(l))",
                                    types)
                            .asLong());
        }
    }

    /** Two methods that Lua could not tell apart. */
    public interface Ambiguous {
        void put(String a);

        void put(long a);
    }

    /** One that takes what the other does. */
    public interface AmbiguousVarargs {
        void put(String a, String b);

        void put(String... a);
    }

    @Test
    void ambiguousOverloadsAreRefusedWhenTheTypeIsMade() {
        for (Class<?> type : List.of(Ambiguous.class, AmbiguousVarargs.class)) {
            IllegalArgumentException e =
                    assertThrows(IllegalArgumentException.class, () -> LuaType.of(type));
            assertTrue(String.valueOf(e).contains("name=put"), String.valueOf(e));
        }
    }

    @Test
    void unknownNamesReadAsNilAndCannotBeWritten() {
        lua.register(ACCOUNT);
        lua.register(TYPES);
        assertNull(lua.eval("return (...).missing", new Account()).get(0));
        assertNull(lua.eval("return (...).missing", new Types() {}).get(0));
        assertNull(lua.eval("return (...)[nil]", new Account()).get(0));
        assertRaises("no property 'missing' in Account", "(...).missing = 1", new Account());
        assertRaises(
                "property 'balance' of Account is read-only", "(...).balance = 1", new Account());
        assertRaises(
                "bad argument #1 to 'name' (string expected, got table)",
                "(...).name = {}",
                new Account());
    }

    @Test
    void oneTypeServesManyStates() {
        for (int i = 0; i < 3; i++) {
            try (Lua each = Lua.create()) {
                each.register(ACCOUNT);
                assertEquals(2, each.eval("return (...):deposit(2)", new Account()).asLong());
            }
        }
    }

    @Test
    void aStateMayHaveNoLibraries() {
        try (Lua bare = Lua.builder().libraries(Set.of()).build()) {
            bare.register(ACCOUNT);
            assertEquals(
                    2,
                    bare.eval("local a = ... a.name = '' return a:deposit(2)", new Account())
                            .asLong());
            assertFalse(bare.eval("return (...).x ~= nil", new Account()).asBoolean());
        }
    }
}
