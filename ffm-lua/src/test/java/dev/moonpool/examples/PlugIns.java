package dev.moonpool.examples;

import dev.moonpool.lua.Lua;
import dev.moonpool.lua.LuaChunk;
import dev.moonpool.lua.LuaException;
import dev.moonpool.lua.LuaLibrary;
import dev.moonpool.lua.LuaTable;
import dev.moonpool.lua.LuaType;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/**
 * Plug-ins that others write. Each is a script that returns a table, which implements a Java
 * interface; what it may do is what the host grants it, and one that fails does not harm the
 * others.
 */
final class PlugIns implements AutoCloseable {
    /** What a plug-in is to the host. */
    public interface PlugIn {
        /** {@return its name} */
        String name();

        /** {@return what it makes of a message} */
        String handle(String message);
    }

    /** What the host is to a plug-in: these methods, and nothing else of it. */
    public interface Host {
        /** Writes a line into the host's log. */
        void log(String line);
    }

    private static final LuaType<Host> HOST = LuaType.of(MethodHandles.lookup(), Host.class);

    private final Lua lua =
            Lua.builder()
                    .maxMemory(8 << 20)
                    .libraries(EnumSet.of(LuaLibrary.BASE, LuaLibrary.STRING, LuaLibrary.TABLE))
                    .build();
    private final List<PlugIn> plugIns = new ArrayList<>();
    private final List<String> log = new ArrayList<>();
    private final Host host = log::add;

    PlugIns() {
        lua.register(HOST);
    }

    /**
     * Loads a plug-in. Its global variables are its own; the libraries are behind them.
     *
     * @throws LuaException if its script fails
     */
    void load(String name, String script) {
        LuaTable variables = lua.newTable();
        LuaTable meta = lua.newTable();
        meta.set("__index", lua.globals());
        variables.setMetatable(meta);
        variables.set("host", host);
        LuaTable made = lua.load(LuaChunk.of(script).named(name).in(variables)).call().asTable();
        plugIns.add(lua.implement(PlugIn.class, made));
    }

    /** {@return what the plug-ins make of a message, one after the other} */
    String handle(String message) {
        String handled = message;
        for (PlugIn plugIn : plugIns) {
            try {
                handled = plugIn.handle(handled);
            } catch (LuaException e) {
                log.add(plugIn.name() + " failed: " + e.getMessage());
            }
        }
        return handled;
    }

    /** {@return the lines that were logged} */
    List<String> log() {
        return List.copyOf(log);
    }

    @Override
    public void close() {
        lua.close();
    }
}
