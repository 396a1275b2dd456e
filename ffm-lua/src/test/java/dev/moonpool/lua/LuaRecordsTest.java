package dev.moonpool.lua;

import static dev.moonpool.lua.Messages.assertSays;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tables become records. */
class LuaRecordsTest {
    private final Lua lua = Lua.create();

    @AfterEach
    void close() {
        lua.close();
    }

    private <R extends Record> R read(String source, Class<R> type) {
        return lua.eval("return " + source).asTable().toRecord(type);
    }

    private record Point(long x, long y) {}

    private record Primitives(
            boolean flag, byte b, short s, int i, long l, float f, double d, char c) {}

    private record Boxes(
            @Nullable Boolean flag,
            @Nullable Byte b,
            @Nullable Short s,
            @Nullable Integer i,
            @Nullable Long l,
            @Nullable Float f,
            @Nullable Double d,
            @Nullable Character c,
            @Nullable Number n) {}

    @SuppressWarnings("ArrayRecordComponent")
    private record Texts(@Nullable String s, byte @Nullable [] bytes, @Nullable TimeUnit unit) {}

    private record Order(String id, List<Item> items, Map<String, Integer> stock) {}

    private record Item(String name, double price) {}

    private record Wishes(Optional<String> text, Optional<List<Point>> points, Set<String> tags) {}

    private record Anything(@Nullable Object value) {}

    private record Objects(
            LuaTable table, LuaFunction function, LuaCoroutine coroutine, LuaReference any) {}

    private record Box<T>(T value, @Nullable Box<T> next) {}

    private record Boxed(Box<Integer> box, Box<? extends List<Point>> lists) {}

    private record Node(String name, List<Node> children) {}

    private record Link(@Nullable Link next) {}

    @SuppressWarnings("ArrayRecordComponent")
    private record Arrays(long[] longs, Point[] points, List<String>[] lists) {}

    private record Range(long from, long to) {
        @SuppressWarnings("UnusedMethod") // it is called by reflection
        Range {
            if (from > to) {
                throw new IllegalArgumentException("from=%d, to=%d".formatted(from, to));
            }
        }
    }

    @Test
    void takesComponentsByName() {
        assertEquals(new Point(1, 2), read("{x = 1, y = 2.0, z = 3}", Point.class));
    }

    @Test
    void takesEveryPrimitive() {
        assertEquals(
                new Primitives(true, (byte) -1, (short) 2, 3, 4, 0.5f, 0.25, 'c'),
                read(
                        "{flag = true, b = -1, s = 2, i = 3, l = 4, f = 0.5, d = 0.25, c = 'c'}",
                        Primitives.class));
    }

    @Test
    void takesEveryBoxAndNullForWhatIsMissing() {
        assertEquals(
                new Boxes(false, (byte) 1, (short) 2, 3, 4L, 5f, 6.5, '7', 8L),
                read(
                        "{flag = false, b = 1, s = 2, i = 3, l = 4, f = 5, d = 6.5, c = '7', n = 8}",
                        Boxes.class));
        assertEquals(
                new Boxes(null, null, null, null, null, null, null, null, null),
                read("{}", Boxes.class));
    }

    @Test
    void takesStringsBytesAndEnums() {
        Texts texts = read("{s = 'é', bytes = '\\xff\\0', unit = 'DAYS'}", Texts.class);
        assertEquals("é", texts.s);
        assertArrayEquals(new byte[] {(byte) 0xff, 0}, texts.bytes);
        assertSame(TimeUnit.DAYS, texts.unit);
        assertArrayEquals(
                "é".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                read("{bytes = 'é'}", Texts.class).bytes);
        assertEquals("\ufffd", read("{s = '\\xff'}", Texts.class).s);
    }

    @Test
    void takesListsMapsAndRecordsWithin() {
        assertEquals(
                new Order("a", List.of(new Item("b", 1), new Item("c", 2.5)), Map.of("b", 3)),
                read(
                        """
                        {id = 'a', items = {{name = 'b', price = 1}, {name = 'c', price = 2.5}},
                         stock = {b = 3}}
                        """,
                        Order.class));
    }

    @Test
    void takesOptionalsAndSets() {
        assertEquals(
                new Wishes(
                        Optional.of("t"), Optional.of(List.of(new Point(1, 2))), Set.of("a", "b")),
                read(
                        "{text = 't', points = {{x = 1, y = 2}}, tags = {'a', 'b', 'a'}}",
                        Wishes.class));
        Wishes none = read("{}", Wishes.class);
        assertEquals(Optional.empty(), none.text);
        assertNull(none.tags);
    }

    @Test
    void takesAnythingAsWhatItIs() {
        assertEquals(
                new Anything(Map.of("a", List.of(1L))),
                read("{value = {a = {1}}}", Anything.class));
        assertEquals(new Anything(1.5), read("{value = 1.5}", Anything.class));
        assertEquals(new Anything(null), read("{}", Anything.class));
    }

    @Test
    void takesLuasOwnObjectsAndLeavesThemOpen() {
        Objects objects =
                read(
                        """
                        {table = {1}, ['function'] = function() return 2 end,
                         coroutine = coroutine.create(print), any = {3}}
                        """,
                        Objects.class);
        assertEquals(1L, objects.table.get(1));
        assertEquals(2L, objects.function.callLong());
        assertInstanceOf(LuaTable.class, objects.any);
        assertTrue(!objects.coroutine.isClosed());
    }

    @Test
    void takesTypeArgumentsForVariables() {
        Boxed boxed =
                read(
                        """
                        {box = {value = 1, next = {value = 2}},
                         lists = {value = {{x = 1, y = 2}}}}
                        """,
                        Boxed.class);
        assertEquals(new Box<>(1, new Box<>(2, null)), boxed.box);
        assertEquals(List.of(new Point(1, 2)), boxed.lists.value());
        assertEquals(1L, read("{value = 1}", Box.class).value());
    }

    @Test
    void takesArrays() {
        Arrays arrays =
                read("{longs = {1, 2}, points = {{x = 1, y = 2}}, lists = {{'a'}}}", Arrays.class);
        assertArrayEquals(new long[] {1, 2}, arrays.longs);
        assertArrayEquals(new Point[] {new Point(1, 2)}, arrays.points);
        assertEquals(List.of("a"), arrays.lists[0]);
    }

    @Test
    void takesFieldsFromBehindTheIndexMetamethod() {
        assertEquals(
                new Point(1, 9),
                read("setmetatable({x = 1}, {__index = {x = 8, y = 9}})", Point.class));
        assertThrows(
                LuaException.class,
                () -> read("setmetatable({}, {__index = function() error 'no' end})", Point.class));
    }

    @Test
    void saysWhatIsMissingForAPrimitive() {
        var e = assertThrows(ClassCastException.class, () -> read("{x = 1}", Point.class));
        assertSays("value is no long: at=Point.y, value=nil", e);
    }

    @Test
    void saysWhereAValueIsOfAnotherType() {
        var e =
                assertThrows(
                        ClassCastException.class,
                        () ->
                                read(
                                        "{id = '', items = {{price = 1}, {price = 'free'}}}",
                                        Order.class));
        assertSays("value is no double: at=Order.items[2].price, value=free", e);
        e = assertThrows(ClassCastException.class, () -> read("{id = 1}", Order.class));
        assertSays("at=Order.id, value=1", e);
        e = assertThrows(ClassCastException.class, () -> read("{items = 1}", Order.class));
        assertSays("at=Order.items, value=1", e);
        e = assertThrows(ClassCastException.class, () -> read("{unit = 'NEVER'}", Texts.class));
        assertSays("at=Texts.unit, value=NEVER", e);
        e = assertThrows(ClassCastException.class, () -> read("{table = 1}", Objects.class));
        assertSays("at=Objects.table, value=1", e);
    }

    @Test
    void doesNotCutNumbersToFit() {
        for (String source :
                List.of("{b = 128}", "{s = 1 << 15}", "{i = 1 << 31}", "{l = 0.5}", "{c = 'no'}")) {
            assertThrows(ClassCastException.class, () -> read(source, Boxes.class), source);
        }
    }

    @Test
    void shortensLongValuesInMessages() {
        var e =
                assertThrows(
                        ClassCastException.class,
                        () -> read("{x = ('a'):rep(100000)}", Point.class));
        assertTrue(String.valueOf(e.getMessage()).length() < 300);
    }

    @Test
    void keepsWhatIsShared() {
        Node node =
                lua.eval(
                                """
                                local leaf = {name = 'leaf', children = {}}
                                return {name = 'root', children = {leaf, leaf}}
                                """)
                        .asTable()
                        .toRecord(Node.class);
        assertSame(node.children.get(0), node.children.get(1));
    }

    @Test
    void refusesARecordThatHoldsItself() {
        LuaTable table = lua.eval("local t = {} t.next = t return t").asTable();
        var e = assertThrows(IllegalArgumentException.class, () -> table.toRecord(Link.class));
        assertSays("at=Link.next", e);
    }

    @Test
    void refusesWhatIsNestedTooDeeply() {
        LuaTable table =
                lua.eval("local t = {} for i = 1, 1000 do t = {next = t} end return t").asTable();
        assertThrows(IllegalArgumentException.class, () -> table.toRecord(Link.class));
    }

    private record Distinct(Set<Object> values) {}

    private record Nest(Set<Nest> nests) {}

    private record Keyed(Map<List<Object>, Object> map) {}

    private record DistinctBoxes(Set<Anything> values) {}

    @Test
    void takesTablesAsElementsOfSetsAndKeysOfMaps() {
        assertEquals(
                new Distinct(Set.of(List.of(1L), Map.of("a", List.of(2L)))),
                read("{values = {{1}, {a = {2}}, {1}}}", Distinct.class));
        assertEquals(
                new Keyed(Map.of(List.of(1L, List.of(2L)), true)),
                read("{map = {[{1, {2}}] = true}}", Keyed.class));
    }

    /** Tables whose hash, as lists, takes stack or time without end. */
    private static final List<String> ENDLESS =
            List.of(
                    "(function() local t = {} t[1] = t return t end)()",
                    "(function() local t = {} t.a = {t} return {t} end)()",
                    "(function() local t = {} for i = 1, 30000 do t = {t} end return t end)()",
                    "(function() local t = {} for i = 1, 60 do t = {t, t} end return t end)()");

    @Test
    void refusesAnElementOfASetThatHasNoHash() {
        for (String table : ENDLESS) {
            var e =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> read("{values = {1, " + table + "}}", Distinct.class));
            assertSays("at=Distinct.values[2]", e);
            assertThrows(
                    IllegalArgumentException.class,
                    () -> read("{values = {{value = " + table + "}}}", DistinctBoxes.class));
        }
    }

    @Test
    void refusesAKeyOfAMapThatHasNoHash() {
        for (String table : ENDLESS) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> read("{map = {[" + table + "] = 1}}", Keyed.class));
            LuaTable keyed = lua.eval("return {[" + table + "] = 1}").asTable();
            assertThrows(
                    IllegalArgumentException.class, () -> keyed.toMap(List.class, Object.class));
        }
    }

    @Test
    void refusesASetThatIsInItsOwnElements() {
        String nests = "(function() local s = {} s[1] = {nests = s} return s end)()";
        assertThrows(
                IllegalArgumentException.class, () -> read("{nests = " + nests + "}", Nest.class));
    }

    @Test
    void passesOnWhatTheConstructorThrows() {
        var e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> read("{from = 2, to = 1}", Range.class));
        assertEquals("from=2, to=1", e.getMessage());
    }

    @Test
    void comesBackAsItWas() {
        var order = new Order("a", List.of(new Item("b", 1)), Map.of("c", 2));
        assertEquals(order, lua.toTable(order).toRecord(Order.class));
        var node = new Node("n", List.of(new Node("m", List.of())));
        assertEquals(node, lua.toTable(node).toRecord(Node.class));
    }
}
