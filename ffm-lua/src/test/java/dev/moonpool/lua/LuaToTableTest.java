package dev.moonpool.lua;

import static dev.moonpool.lua.Messages.assertSays;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.moonpool.memory.RegionLayout;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Maps, iterables, arrays and records become tables. */
class LuaToTableTest {
    private final Lua lua = Lua.builder().maxMemory(256L << 20).build();

    @AfterEach
    void close() {
        lua.close();
    }

    private LuaValues eval(String source, Object value) {
        return lua.eval("local t = ... " + source, lua.toTable(value));
    }

    private record Point(long x, double y) {}

    private record Shape(String name, List<Point> corners, Optional<TimeUnit> unit) {}

    @Test
    void takesMapsOfAllKindsOfKeys() {
        Map<Object, Object> map = new LinkedHashMap<>();
        map.put("name", "moon");
        map.put(7, "seven");
        map.put(true, 1.5);
        map.put(2.5f, (byte) 9);
        map.put('c', 'd');
        map.put(TimeUnit.DAYS, TimeUnit.HOURS);
        assertEquals(
                Arrays.asList("moon", "seven", 1.5, 9L, "d", "HOURS"),
                eval("return t.name, t[7], t[true], t[2.5], t.c, t.DAYS", map));
    }

    @Test
    void leavesRecordsWithinThatHaveATypeAsTheyAre() {
        lua.register(LuaType.builder(Point.class).longProperty("twice", p -> 2 * p.x()).build());
        Point point = new Point(7, 0);
        assertEquals(14L, eval("return t[1].twice", List.of(point)).asLong());
        assertEquals(point, eval("return t.p", Map.of("p", point)).get(0));
        assertEquals(7L, eval("return t.x", point).asLong()); // which was asked for
    }

    @Test
    void takesIterablesInOrderFromOneOn() {
        Iterable<String> letters = () -> List.of("a", "b", "c").iterator();
        assertEquals("abc", eval("return table.concat(t)", letters).asString());
        assertEquals("xy", eval("return table.concat(t)", List.of("x", "y")).asString());
        assertEquals(1L, eval("return #t", Set.of("only")).asLong());
    }

    @Test
    void takesArraysOfEveryPrimitiveType() {
        assertEquals(6L, eval("return t[1] + t[2] + t[3]", new long[] {1, 2, 3}).asLong());
        assertEquals(6L, eval("return t[1] + t[2] + t[3]", new int[] {1, 2, 3}).asLong());
        assertEquals(6L, eval("return t[1] + t[2] + t[3]", new short[] {1, 2, 3}).asLong());
        assertEquals(-1L, eval("return t[1]", new byte[] {-1}).asLong());
        assertEquals(0.75, eval("return t[1] + t[2]", new double[] {0.5, 0.25}).asDouble());
        assertEquals(0.75, eval("return t[1] + t[2]", new float[] {0.5f, 0.25f}).asDouble());
        assertEquals("xy", eval("return t[1] .. t[2]", new char[] {'x', 'y'}).asString());
        assertEquals(
                List.of(true, false), eval("return table.unpack(t)", new boolean[] {true, false}));
        assertEquals("b", eval("return t[2][1]", new String[][] {{"a"}, {"b"}}).asString());
    }

    @Test
    void takesRecordsAndWhatIsInThem() {
        var shape = new Shape("line", List.of(new Point(1, 2), new Point(3, 4)), Optional.empty());
        assertEquals(
                Arrays.asList("line", 2L, 3L, 4.0, null),
                eval("return t.name, #t.corners, t.corners[2].x, t.corners[2].y, t.unit", shape));
        assertEquals(
                "DAYS",
                eval("return t.unit", new Shape("", List.of(), Optional.of(TimeUnit.DAYS)))
                        .asString());
    }

    @Test
    void takesWhatHasNoContents() {
        for (Object empty :
                List.of(Map.of(), List.of(), new long[0], new Object[0], new double[0])) {
            assertTrue(eval("return next(t) == nil", empty).asBoolean());
        }
        assertTrue(eval("return next(t.a) == nil", Map.of("a", List.of())).asBoolean());
    }

    @Test
    void leavesOutNull() {
        assertEquals(
                Arrays.asList("a", null, "c"),
                eval("return t[1], t[2], t[3]", Arrays.asList("a", null, "c")));
        Map<String, Object> map = new HashMap<>();
        map.put("there", 1);
        map.put("missing", null);
        assertEquals(Map.of("there", 1L), lua.toTable(map).toMap());
    }

    @Test
    void keepsByteArraysWithinAsStrings() {
        byte[] bytes = {0, (byte) 0xff, 'a'};
        assertArrayEquals(bytes, eval("return t.s", Map.of("s", bytes)).asBytes());
    }

    @Test
    void keepsWhatLuaKnowsAlready() {
        LuaTable table = lua.newTable();
        JavaFunction function = arguments -> arguments.asLong() + 1;
        Map<String, Object> map = Map.of("table", table, "function", function);
        assertEquals(List.of(table, 42L), eval("return t.table, t['function'](41)", map));
        assertEquals(1L, eval("return t[...]", Map.of(lua.globals(), 1)).size());
    }

    @Test
    void makesOneTableOfWhatIsThereTwice() {
        List<Integer> shared = new ArrayList<>(List.of(1));
        List<Integer> equal = new ArrayList<>(shared);
        assertEquals(
                List.of(true, false),
                eval(
                        "return t.a == t.b, t.a == t.c",
                        Map.of("a", shared, "b", shared, "c", equal)));
    }

    @Test
    void makesCyclesOfCycles() {
        Map<String, Object> map = new HashMap<>();
        List<Object> list = new ArrayList<>(List.of(map));
        Object[] array = {list, null};
        array[1] = array;
        map.put("array", array);
        map.put("self", map);
        assertTrue(
                eval(
                                """
                                return t == t.self and t.array[1][1] == t
                                    and t.array[2] == t.array
                                """,
                                map)
                        .asBoolean());
    }

    @Test
    void takesWhatIsNestedDeeply() {
        List<Object> outermost = List.of();
        for (int i = 0; i < 100_000; i++) {
            outermost = List.of(outermost);
        }
        assertEquals(
                100_000L,
                eval("local n = 0 while t[1] do t = t[1] n = n + 1 end return n", outermost)
                        .asLong());
    }

    @Test
    void takesWhatIsLargerThanAFrame() {
        long[] longs = LongStream.rangeClosed(1, 100_000).toArray();
        assertEquals(
                5_000_050_000L,
                eval("local s = 0 for _, v in ipairs(t) do s = s + v end return s", longs)
                        .asLong());
        List<String> texts = IntStream.range(0, 5000).mapToObj(i -> "x".repeat(i)).toList();
        assertEquals(
                5000L * 4999 / 2,
                eval("local s = 0 for _, v in ipairs(t) do s = s + #v end return s", texts)
                        .asLong());
        Map<String, List<Integer>> map = new TreeMap<>();
        IntStream.range(0, 3000).forEach(i -> map.put("k" + i, List.of(i, -i)));
        assertEquals(
                3000L,
                eval(
                                """
                                local n = 0
                                for k, v in pairs(t) do
                                  assert(k == 'k' .. v[1] and v[2] == -v[1])
                                  n = n + 1
                                end
                                return n
                                """,
                                map)
                        .asLong());
    }

    @Test
    void fitsThroughTheSmallestIoPart() {
        RegionLayout small = Layouts.withIo(4096);
        try (Lua other = Lua.builder().layout(small).build()) {
            long[] longs = LongStream.range(0, 1000).toArray();
            assertArrayEquals(longs, other.toTable(longs).toArray(long[].class));
            List<Object> list = LongStream.range(0, 1000).<Object>mapToObj(i -> i).toList();
            assertEquals(list, other.toTable(list).toList());
        }
    }

    @Test
    void canBeMadeInAJavaFunctionThatLuaCalls() {
        lua.globals().set("make", arguments -> lua.toTable(new long[] {1, 2, 3}));
        assertEquals(3L, lua.eval("return #make()").asLong());
        lua.globals().set("make", arguments -> lua.toTable(Map.of("n", List.of(1))));
        assertEquals(1L, lua.eval("return make().n[1]").asLong());
    }

    /** The elements are computed by Lua, in the middle of the conversion. */
    @Test
    void takesCollectionsThatUseTheState() {
        List<Object> computed =
                new AbstractList<>() {
                    @Override
                    public Object get(int index) {
                        return lua.eval("return ... * 2", index).asLong();
                    }

                    @Override
                    public int size() {
                        return 2000;
                    }
                };
        assertEquals(
                2000L * 1999,
                eval("local s = 0 for _, v in ipairs(t) do s = s + v end return s", computed)
                        .asLong());
    }

    @Test
    void refusesWhatIsNoContainer() {
        for (Object value : List.of("text", 1, Optional.of(List.of()), new Object())) {
            var e = assertThrows(IllegalArgumentException.class, () -> lua.toTable(value));
            assertSays(value.getClass().getName(), e);
        }
    }

    @Test
    void refusesWhatHasNoCounterpartAndSaysWhereItIs() {
        var e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> lua.toTable(Map.of("it", Thread.currentThread())));
        assertSays("at=value.it, key's class=java.lang.String", e);
        assertSays("value's class=java.lang.Thread", e);
        assertThrows(IllegalArgumentException.class, () -> lua.toTable(Map.of(List.of(1), "list")));
        assertThrows(IllegalArgumentException.class, () -> lua.toTable(List.of("\ud800")));
        assertThrows(IllegalArgumentException.class, () -> lua.toTable(List.of(Path.of("a", "b"))));
        assertEquals(1L, lua.eval("return 1").asLong());
    }

    @Test
    void refusesKeysThatLuaDoesNotTake() {
        Object nameless = List.of(1, Collections.singletonMap(null, 1));
        assertEquals(
                "map has a key that is null: at=value.orders[2]",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> lua.toTable(Map.of("orders", nameless)))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> lua.toTable(Map.of(Double.NaN, 1)));
        assertThrows(IllegalArgumentException.class, () -> lua.toTable(Map.of(Float.NaN, 1)));
    }

    private record Holder(String name, Object held) {}

    @Test
    void refusesAnotherStatesObjectsAndSaysWhereTheyAre() {
        try (Lua other = Lua.create()) {
            LuaTable table = other.newTable();
            assertAnothers("value is another state's: at=value[1], value=table: ", List.of(table));
            LuaFunction print = other.globals().getFunction("print");
            assertAnothers(
                    "value is another state's: at=Holder.held.of[2].x, value=function: ",
                    new Holder("h", Map.of("of", List.of(1, Map.of("x", print)))));
            assertAnothers(
                    "key is another state's: at=value.a[table: ", Map.of("a", Map.of(table, 1)));
        }
    }

    @Test
    void saysWhereSomethingIsHoweverDeep() {
        Object nested = new Object();
        for (int i = 0; i < 100_000; i++) {
            nested = List.of(nested);
        }
        Object outermost = nested;
        var e = assertThrows(IllegalArgumentException.class, () -> lua.toTable(outermost));
        assertSays("at=value(...)" + "[1]".repeat(20) + ", ", e);
    }

    private void assertAnothers(String start, Object value) {
        var e = assertThrows(IllegalArgumentException.class, () -> lua.toTable(value));
        assertTrue(String.valueOf(e.getMessage()).startsWith(start), e::toString);
    }

    @Test
    void passesOnWhatACollectionThrows() {
        List<Object> failing =
                new AbstractList<>() {
                    @Override
                    public Object get(int index) {
                        throw new UnsupportedOperationException("no " + index);
                    }

                    @Override
                    public int size() {
                        return Integer.MAX_VALUE;
                    }
                };
        assertThrows(UnsupportedOperationException.class, () -> lua.toTable(failing));
    }

    @Test
    void endsWhatHasNoEndWhenMemoryDoes() {
        Iterable<Integer> endless =
                () ->
                        new Iterator<>() {
                            @Override
                            public boolean hasNext() {
                                return true;
                            }

                            @Override
                            public Integer next() {
                                return 1;
                            }
                        };
        try (Lua small = Lua.builder().maxMemory(1 << 20).build()) {
            var e = assertThrows(LuaException.class, () -> small.toTable(endless));
            assertEquals(LuaException.Kind.MEMORY, e.kind());
            assertEquals(1L, small.eval("return 1").asLong());
        }
    }

    @Test
    void isRefusedOnAnotherThreadAndAfterClose() throws InterruptedException {
        List<Throwable> thrown = Collections.synchronizedList(new ArrayList<>());
        Thread other =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    try {
                                        lua.toTable(List.of(1));
                                    } catch (RuntimeException e) {
                                        thrown.add(e);
                                    }
                                });
        other.join();
        assertInstanceOf(WrongThreadException.class, thrown.getFirst());
        lua.close();
        assertThrows(IllegalStateException.class, () -> lua.toTable(List.of(1)));
    }

    @Test
    void isGoneWhenACollectionClosesTheState() {
        Iterable<Object> closing =
                () -> {
                    lua.close();
                    return List.<Object>of(1).iterator();
                };
        assertThrows(IllegalStateException.class, () -> lua.toTable(closing));
    }

    @Test
    void leavesNoHandlesBehind() {
        Object nested = List.of(List.of(1), Map.of("a", List.of(2)));
        lua.toTable(nested).close();
        lua.collectGarbage();
        long before = lua.statistics().liveBytes();
        for (int i = 0; i < 1000; i++) {
            lua.toTable(nested).close();
        }
        lua.collectGarbage();
        assertEquals(before, lua.statistics().liveBytes());
        assertNull(lua.eval("return nil").get(0));
    }
}
