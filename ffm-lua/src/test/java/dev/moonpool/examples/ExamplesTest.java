package dev.moonpool.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.moonpool.lua.LuaException;
import dev.moonpool.lua.LuaTable;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Runs the examples. */
class ExamplesTest {

    @Test
    void theBestRuleWins() {
        try (Rules rules = new Rules()) {
            rules.add("bulk", "count >= 10 and price * count // 20 or 0");
            rules.add("rich", "math.max(0, price - 1000) // 10");
            assertEquals(0, rules.discount(500, 1));
            assertEquals(400, rules.discount(500, 16));
            assertEquals(900, rules.discount(10_000, 1));
        }
    }

    @Test
    void aWrongRuleIsFoundWhenItIsAdded() {
        try (Rules rules = new Rules()) {
            LuaException e = assertThrows(LuaException.class, () -> rules.add("typo", "price +"));
            assertEquals(LuaException.Kind.SYNTAX, e.kind());
            assertTrue(e.getMessage().startsWith("typo:1:"), e.getMessage());
        }
    }

    @Test
    void actorsWaitForFrames() {
        try (GameLoop game = new GameLoop()) {
            game.add("say 'a' wait() say 'b'");
            game.add("for i = 1, 3 do say('c' .. i) wait() end");
            int frames = 0;
            do {
                frames++;
            } while (game.next() > 0);
            assertEquals(4, frames);
            assertEquals(List.of("1: a", "1: c1", "2: b", "2: c2", "3: c3"), game.log());
        }
    }

    @Test
    void plugInsHaveWhatTheHostGrants() {
        try (PlugIns plugIns = new PlugIns()) {
            plugIns.load(
                    "shout",
                    """
                    count = (count or 0) + 1
                    local plugin = {}
                    function plugin:name() return 'shout' end
                    function plugin:handle(message)
                        host:log('shouting ' .. count)
                        return message:upper() .. '!'
                    end
                    return plugin
                    """);
            plugIns.load(
                    "broken",
                    """
                    assert(count == nil and os == nil and host.getClass == nil)
                    return {name = function() return 'broken' end, handle = function() error('no', 0) end}
                    """);
            assertEquals("HELLO!", plugIns.handle("hello"));
            assertEquals(List.of("shouting 1", "broken failed: no"), plugIns.log());
            assertThrows(LuaException.class, () -> plugIns.load("typo", "return {"));
        }
    }

    @Test
    void templatesSeeTheirValuesAndNothingElse() {
        try (Templates templates = new Templates()) {
            LuaTable values = templates.values();
            values.set("name", "moon");
            values.set("n", 3);
            assertEquals(
                    "Hello moon:\n 1 2 3]=]!",
                    templates.render(
                            "Hello <%= name %>:\n<% for i = 1, n do %> <%= i %><% end %>]=]!",
                            values));
            assertThrows(LuaException.class, () -> templates.render("<%= load('x') %>", values));
        }
    }
}
