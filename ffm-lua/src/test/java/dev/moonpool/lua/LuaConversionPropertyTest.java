package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** What goes to Lua comes back equal. */
class LuaConversionPropertyTest {
    private static Lua lua = Lua.create();

    @BeforeContainer
    static void open() {
        lua.close();
        lua = Lua.builder().maxMemory(256L << 20).build();
    }

    @AfterContainer
    static void close() {
        lua.close();
    }

    private static Arbitrary<Object> scalars() {
        return Arbitraries.oneOf(
                Arbitraries.longs().map(n -> n),
                Arbitraries.doubles().map(n -> n),
                Arbitraries.of(true, false).map(b -> b),
                Arbitraries.strings()
                        .excludeChars('\ufffe', '\uffff')
                        .map(s -> (Object) s)
                        .filter(s -> isText((String) s)));
    }

    private static boolean isText(String text) {
        return text.codePoints()
                .noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }

    /** Lists and maps, but none that are empty, which Lua cannot tell apart. */
    @Provide
    Arbitrary<Object> trees() {
        return Arbitraries.recursive(
                LuaConversionPropertyTest::scalars, LuaConversionPropertyTest::containers, 0, 4);
    }

    private static Arbitrary<Object> containers(Arbitrary<Object> contents) {
        return Arbitraries.oneOf(
                contents.list().ofMinSize(1).ofMaxSize(4).map(list -> list),
                Arbitraries.maps(Arbitraries.strings().alpha(), contents)
                        .ofMinSize(1)
                        .ofMaxSize(4)
                        .map(map -> map));
    }

    @Property(tries = 300)
    void treesAreWhatTheyWere(@ForAll("trees") Object tree) {
        try (LuaTable table = lua.toTable(List.of(tree))) {
            assertEquals(List.of(tree), table.toJava());
        }
    }

    @Property(tries = 300)
    void mapsAreWhatTheyWere(@ForAll Map<Long, Double> map) {
        try (LuaTable table = lua.toTable(map)) {
            assertEquals(map, table.toMap(Long.class, Double.class));
            assertEquals(map, table.toMap());
        }
    }

    @Property(tries = 300)
    void arraysAreWhatTheyWere(@ForAll long[] longs, @ForAll double[] doubles, @ForAll int[] ints) {
        assertArrayEquals(longs, lua.toTable(longs).toArray(long[].class));
        assertArrayEquals(doubles, lua.toTable(doubles).toArray(double[].class));
        assertArrayEquals(ints, lua.toTable(ints).toArray(int[].class));
    }

    @Property(tries = 100)
    void bytesAreWhatTheyWere(@ForAll byte[] bytes) {
        assertArrayEquals(
                new byte[][] {bytes}, lua.toTable(new byte[][] {bytes}).toArray(byte[][].class));
    }
}
