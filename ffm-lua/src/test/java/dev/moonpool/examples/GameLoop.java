package dev.moonpool.examples;

import dev.moonpool.lua.Lua;
import dev.moonpool.lua.LuaCoroutine;
import dev.moonpool.lua.LuaCoroutine.Status;
import dev.moonpool.lua.LuaYield;
import java.util.ArrayList;
import java.util.List;

/**
 * A game whose actors are scripts. Each runs in a coroutine of its own, which waits for the next
 * frame where it likes; thousands of them cost no threads.
 */
final class GameLoop implements AutoCloseable {
    private final Lua lua = Lua.create();
    private final List<LuaCoroutine> actors = new ArrayList<>();
    private final List<String> log = new ArrayList<>();
    private long frame;

    GameLoop() {
        // A script that waits yields; what it is resumed with, the frame's number, is the result.
        lua.globals().set("wait", arguments -> LuaYield.of());
        lua.globals()
                .set(
                        "say",
                        arguments -> {
                            log.add(frame + ": " + arguments.asString());
                            return null;
                        });
    }

    /** Adds an actor; it begins with the next frame. */
    void add(String script) {
        actors.add(lua.newCoroutine(lua.load(script)));
    }

    /** Runs a frame. {@return how many actors are left} */
    int next() {
        frame++;
        actors.removeIf(
                actor -> {
                    actor.resume(frame);
                    boolean ended = actor.status() == Status.DEAD;
                    if (ended) {
                        actor.close();
                    }
                    return ended;
                });
        return actors.size();
    }

    /** {@return what was said so far} */
    List<String> log() {
        return List.copyOf(log);
    }

    @Override
    public void close() {
        lua.close();
    }
}
