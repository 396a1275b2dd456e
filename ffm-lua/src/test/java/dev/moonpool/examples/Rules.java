package dev.moonpool.examples;

import dev.moonpool.lua.Lua;
import dev.moonpool.lua.LuaChunk;
import dev.moonpool.lua.LuaException;
import dev.moonpool.lua.LuaFunction;
import dev.moonpool.lua.LuaLibrary;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/**
 * Business rules that users write: each is compiled once and called for every order, without
 * allocating Java objects. A rule that is wrong is found when it is added, not when it is needed.
 */
final class Rules implements AutoCloseable {
    private final Lua lua =
            Lua.builder()
                    .maxMemory(4 << 20)
                    .libraries(EnumSet.of(LuaLibrary.BASE, LuaLibrary.MATH))
                    .build();
    private final List<LuaFunction> rules = new ArrayList<>();

    /**
     * Adds a rule.
     *
     * @param name what errors call it
     * @param discount a Lua expression of {@code price} and {@code count}, in cents
     * @throws LuaException if it is no expression
     */
    void add(String name, String discount) {
        LuaChunk chunk =
                LuaChunk.of("return function(price, count) return " + discount + " end")
                        .named(name);
        rules.add(lua.load(chunk).call().asFunction());
    }

    /** {@return the best discount that a rule gives, in cents} */
    long discount(long price, long count) {
        long best = 0;
        for (LuaFunction rule : rules) {
            best = Math.max(best, rule.callLong(price, count));
        }
        return best;
    }

    @Override
    public void close() {
        lua.close();
    }
}
