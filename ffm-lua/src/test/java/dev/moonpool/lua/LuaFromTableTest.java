package dev.moonpool.lua;

import static dev.moonpool.lua.Messages.assertSays;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tables become maps, lists and arrays. */
class LuaFromTableTest {
    private final Lua lua = Lua.builder().maxMemory(256L << 20).build();

    @AfterEach
    void close() {
        lua.close();
    }

    private LuaTable table(String source) {
        return lua.eval("return " + source).asTable();
    }

    // ------------------------------------------------------------------------------ as a map

    @Test
    void isAMapInLuasOrder() {
        LuaTable table =
                lua.eval("local t = {} for i = 1, 1000 do t['k' .. i] = i end return t").asTable();
        List<Object> order = new ArrayList<>();
        table.forEach((key, value) -> order.add(key));
        Map<Object, Object> map = table.toMap();
        assertEquals(1000, map.size());
        assertEquals(order, new ArrayList<>(map.keySet()));
        assertEquals(7L, map.get("k7"));
    }

    @Test
    void isAMapOfNaturalTypes() {
        Map<Object, Object> map = table("{10, x = 1.5, [true] = 'yes', [2.5] = {}}").toMap();
        assertEquals(10L, map.get(1L));
        assertEquals(1.5, map.get("x"));
        assertEquals("yes", map.get(true));
        assertInstanceOf(LuaTable.class, map.get(2.5));
    }

    @Test
    void isAMapOfTheTypesThatAreAskedFor() {
        assertEquals(
                Map.of(TimeUnit.DAYS, 1, TimeUnit.HOURS, 24),
                table("{DAYS = 1, HOURS = 24.0}").toMap(TimeUnit.class, Integer.class));
        var e =
                assertThrows(
                        ClassCastException.class,
                        () -> table("{a = 'b'}").toMap(String.class, Long.class));
        assertSays("at=map.a, value=b", e);
    }

    @Test
    void leavesMetamethodsOut() {
        LuaTable table =
                table("setmetatable({1}, {__index = error, __len = error, __pairs = error})");
        assertEquals(Map.of(1L, 1L), table.toMap());
        assertEquals(List.of(1L), table.toList());
        assertEquals(List.of(1L), table.toJava());
    }

    // ----------------------------------------------------------------------------- as a list

    @Test
    void isAListUpToItsLength() {
        assertEquals(List.of("a", 2L, 2.5, false), table("{'a', 2, 2.5, false, x = 1}").toList());
        assertEquals(List.of(), table("{x = 1}").toList());
        assertEquals(Arrays.asList(1L, null, 3L), table("{1, nil, 3}").toList());
    }

    @Test
    void isAListHoweverLong() {
        List<?> list =
                lua.eval("local t = {} for i = 1, 100000 do t[i] = i end return t")
                        .asTable()
                        .toList();
        assertEquals(LongStream.rangeClosed(1, 100_000).<Object>mapToObj(i -> i).toList(), list);
    }

    @Test
    void isAListOfTheTypeThatIsAskedFor() {
        assertEquals(List.of(1, 2), table("{1, 2}").toList(Integer.class));
        assertEquals(Arrays.asList("a", null, "c"), table("{'a', nil, 'c'}").toList(String.class));
        var e =
                assertThrows(
                        ClassCastException.class, () -> table("{1, 2^40}").toList(Integer.class));
        assertSays("at=list[2]", e);
    }

    /** Lua looks for the length by doubling, so that few elements make it believe in many. */
    @Test
    void doesNotFallForAHugeLength() {
        StringBuilder source = new StringBuilder("{");
        for (int i = 0; i < 62; i++) {
            source.append("[1 << ").append(i).append("] = 1, ");
        }
        LuaTable cheat = table(source.append("}").toString());
        assertTrue(cheat.rawLength() > 1L << 40, "length=" + cheat.rawLength());
        assertThrows(IllegalArgumentException.class, cheat::toList);
        assertThrows(IllegalArgumentException.class, () -> cheat.toArray(String[].class));
        assertThrows(RuntimeException.class, () -> cheat.toArray(long[].class));
        assertThrows(RuntimeException.class, () -> cheat.toArray(double[].class));
        assertEquals(62, cheat.toMap().size());
    }

    // ---------------------------------------------------------------------------- as an array

    @Test
    void isAnArrayOfPrimitives() {
        assertArrayEquals(new long[] {1, 2, 3}, table("{1, 2, 3.0}").toArray(long[].class));
        assertArrayEquals(new int[] {1, 2}, table("{1, 2}").toArray(int[].class));
        assertArrayEquals(new double[] {1, 0.5}, table("{1, 0.5}").toArray(double[].class));
        assertArrayEquals(new float[] {0.5f}, table("{0.5}").toArray(float[].class));
        assertArrayEquals(new short[] {-5}, table("{-5}").toArray(short[].class));
        assertArrayEquals(new byte[] {-5}, table("{-5}").toArray(byte[].class));
        assertArrayEquals(new char[] {'a'}, table("{'a'}").toArray(char[].class));
        assertArrayEquals(new boolean[] {true}, table("{true}").toArray(boolean[].class));
        assertArrayEquals(new long[0], table("{}").toArray(long[].class));
    }

    @Test
    void isAnArrayOfObjects() {
        assertArrayEquals(
                new String[] {"a", null, "c"}, table("{'a', nil, 'c'}").toArray(String[].class));
        assertArrayEquals(
                new long[][] {{1}, {2, 3}}, table("{{1}, {2, 3}}").toArray(long[][].class));
        assertArrayEquals(new byte[][] {{'a', 'b'}}, table("{'ab'}").toArray(byte[][].class));
    }

    @Test
    void isALongArrayHoweverLong() {
        LuaTable table =
                lua.eval("local t = {} for i = 1, 200000 do t[i] = i end return t").asTable();
        long[] expected = LongStream.rangeClosed(1, 200_000).toArray();
        assertArrayEquals(expected, table.toArray(long[].class));
        assertArrayEquals(
                LongStream.of(expected).asDoubleStream().toArray(), table.toArray(double[].class));
        lua.globals().set("check", arguments -> arguments.asTable().toArray(long[].class).length);
        assertEquals(200_000L, lua.eval("return check(...)", table).asLong());
    }

    @Test
    void saysWhichElementIsOfAnotherType() {
        for (Class<?> type : List.of(long[].class, int[].class, double[].class, short[].class)) {
            var e = assertThrows(ClassCastException.class, () -> table("{1, {}, 3}").toArray(type));
            assertSays("[2], value=table: ", e);
            e = assertThrows(ClassCastException.class, () -> table("{1, nil, 3}").toArray(type));
            assertSays("[2], value=nil", e);
        }
        assertThrows(ClassCastException.class, () -> table("{1, 2147483648}").toArray(int[].class));
        assertThrows(ClassCastException.class, () -> table("{1.5}").toArray(long[].class));
    }

    @Test
    void refusesAClassThatIsNoArrays() {
        assertThrows(IllegalArgumentException.class, () -> table("{}").toArray(String.class));
    }

    // ------------------------------------------------------------------------ as what it looks

    @Test
    void isListsAndMapsAllTheWayDown() {
        assertEquals(
                Map.of("a", List.of(1L, Map.of("b", List.of("c"))), "e", Map.of()),
                table("{a = {1, {b = {'c'}}}, e = {}}").toJava());
        assertEquals(List.of(List.of(1L), List.of(2L)), table("{{1}, {2}}").toJava());
    }

    @Test
    void isAListWhateverTheOrderOfItsElementsIs() {
        Object list =
                lua.eval(
                                """
                                local t = {}
                                for i = 100, 1, -1 do t[i] = i end
                                return t
                                """)
                        .asTable()
                        .toJava();
        assertEquals(LongStream.rangeClosed(1, 100).<Object>mapToObj(i -> i).toList(), list);
        assertEquals(Map.of(1L, 1L, 3L, 3L), table("{1, nil, 3}").toJava());
        assertEquals(Map.of(1L, "a", "x", "b"), table("{'a', x = 'b'}").toJava());
        assertEquals(Map.of(0L, "a"), table("{[0] = 'a'}").toJava());
    }

    @Test
    void isTheSameObjectWhereItIsTheSameTable() {
        Map<?, ?> map =
                assertInstanceOf(
                        Map.class,
                        table("(function() local s = {1} return {a = s, b = s, c = {1}} end)()")
                                .toJava());
        assertSame(map.get("a"), map.get("b"));
        assertNotSame(map.get("a"), map.get("c"));
    }

    @Test
    void isACycleWhereItIsOne() {
        Object root = lua.eval("local t = {x = {}} t.x[1] = t return t").asTable().toJava();
        Map<?, ?> map = assertInstanceOf(Map.class, root);
        assertSame(root, assertInstanceOf(List.class, map.get("x")).getFirst());
    }

    @Test
    void isAsDeepAsTheTable() {
        Object nested =
                lua.eval("local t = {} for i = 1, 100000 do t = {t} end return t")
                        .asTable()
                        .toJava();
        int depth = 0;
        while (nested instanceof List<?> list) {
            nested = list.getFirst();
            depth++;
        }
        assertEquals(100_000, depth);
    }

    @Test
    void keepsTablesThatAreKeys() {
        LuaTable table = table("{[{}] = 1}");
        Map<?, ?> map = assertInstanceOf(Map.class, table.toJava());
        LuaTable key = assertInstanceOf(LuaTable.class, map.keySet().iterator().next());
        assertEquals(1L, table.get(key));
    }

    @Test
    void leavesTheTableItselfOpen() {
        LuaTable table = lua.eval("local t = {n = {1}} t.t = t return t").asTable();
        for (Object ignored : List.of(table.toJava(), table.toMap(String.class, Object.class))) {
            assertEquals(1L, table.getTable("n").get(1));
        }
    }
}
