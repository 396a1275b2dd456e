package dev.moonpool.lua.torture;

import dev.moonpool.lua.Lua;
import dev.moonpool.lua.LuaException;
import dev.moonpool.lua.LuaReference;
import dev.moonpool.lua.LuaValues;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A thread that makes random calls. The Java functions, allocators and actions that it is called
 * back by make some too, from within.
 */
final class Worker {
    private static final ThreadLocal<@Nullable Worker> CURRENT = new ThreadLocal<>();
    private static final int MAX_DEPTH = 5;
    private static final int MAX_WITHIN = 40;
    private static final int MAX_FOR_LUA = 2000; // where memory is short, each takes a collection

    /** What a call is to be made on could not be made: that is another call's business. */
    static final class Skipped extends RuntimeException {
        private static final long serialVersionUID = 1;

        Skipped(Throwable cause) {
            super(cause);
        }
    }

    private final World world;
    private final SplittableRandom random;
    private final Report report;
    private final List<Lua> mine = new ArrayList<>();
    private int depth;
    private int left; // of calls from within
    private int leftForLua; // of calls of Java functions
    private volatile String latest = "none";
    private volatile String script = "none";

    Worker(World world, long seed, Report report) {
        this.world = world;
        this.random = new SplittableRandom(seed);
        this.report = report;
    }

    static @Nullable Worker current() {
        return CURRENT.get();
    }

    World world() {
        return world;
    }

    SplittableRandom random() {
        return random;
    }

    /** {@return whether no state is running on this thread} */
    boolean isOutside() {
        return depth == 0;
    }

    /** {@return the name of the call that was begun last, and the script} */
    String latest() {
        return latest + "; the last script was " + script;
    }

    /** {@return a script, which a round that does not end can name} */
    String anyScript() {
        script = Scripts.any(random);
        return script;
    }

    /** Makes calls, as the thread's first. */
    void run(int calls) {
        CURRENT.set(this);
        try {
            for (int i = 0; i < calls && report.isClean(); i++) {
                left = MAX_WITHIN;
                leftForLua = MAX_FOR_LUA;
                one();
            }
        } finally {
            CURRENT.remove();
        }
    }

    /** {@return whether Lua may go on calling Java: what strings are can be such a function} */
    boolean spend() {
        return --leftForLua > 0;
    }

    /** Makes calls where a state may be running. */
    void within(int calls) {
        if (depth < MAX_DEPTH) {
            depth++;
            try {
                for (int i = 0; i < calls && left > 0; i++) {
                    left--;
                    one();
                }
            } finally {
                depth--;
            }
        }
    }

    private void one() {
        Calls.Call call = Calls.any(random);
        latest = call.name();
        report.count();
        try {
            call.body().run(this);
        } catch (Skipped e) {
            // There is nothing to make the call on.
        } catch (Throwable thrown) {
            if (!call.documents(thrown, this)) {
                report.failure(call.name(), thrown);
            }
        }
    }

    /** {@return a state, as a rule one that the thread believes to own} */
    Lua state() {
        Lua any = world.anyState(random);
        if (any != null && random.nextInt(12) == 0) {
            return any;
        }
        if (!mine.isEmpty()) {
            return mine.get(random.nextInt(mine.size()));
        }
        try {
            return open();
        } catch (LuaException | OutOfMemoryError e) {
            throw new Skipped(e);
        }
    }

    /** {@return a new state, of which this thread is the owner} */
    Lua open() {
        Lua lua = random.nextInt(3) == 0 ? Lua.create() : World.builder(random).build();
        own(lua);
        world.put(lua, random);
        return lua;
    }

    /** Notes that the thread owns a state. */
    void own(Lua lua) {
        if (mine.size() > 3) {
            Lua dropped = mine.remove(0);
            if (random.nextInt(4) != 0 && isOutside()) {
                dropped.close(); // else it stays as it is, for the collector or nobody
            }
        }
        mine.add(lua);
    }

    void disown(Lua lua) {
        mine.remove(lua);
    }

    /** {@return a thing of a type, made in some state if there is none at hand} */
    <T extends LuaReference> T reference(Class<T> type, String source) {
        T found = null;
        for (int i = 0; i < 8; i++) {
            Object thing = world.anyThing(random);
            if (type.isInstance(thing)) {
                found = type.cast(thing);
                if (mine.contains(found.lua()) || random.nextInt(12) == 0) {
                    return found;
                }
            }
        }
        if (found != null && random.nextInt(12) == 0) {
            return found;
        }
        try {
            T made = state().eval(source, Functions.any(random), Values.any(this)).as(type, 0);
            world.keep(made, random);
            return made;
        } catch (LuaException
                | IllegalStateException
                | WrongThreadException
                | IllegalArgumentException
                | ClassCastException e) {
            throw new Skipped(e);
        }
    }

    /** Keeps some of what came out of a state. */
    void keep(LuaValues values) {
        for (int i = 0; i < Math.min(values.size(), 4); i++) {
            if (values.get(i) != null && random.nextInt(3) != 0) {
                world.keep(values.get(i), random);
            }
        }
    }
}
