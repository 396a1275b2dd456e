package dev.moonpool.lua.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.moonpool.lua.internal.Chunk;
import dev.moonpool.lua.internal.Chunks;
import dev.moonpool.lua.internal.Host;
import dev.moonpool.lua.internal.LuaError;
import dev.moonpool.lua.internal.State;
import dev.moonpool.lua.internal.StateConfig;
import dev.moonpool.lua.internal.ValueMapper;
import dev.moonpool.lua.internal.ffi.LuaNative;
import dev.moonpool.memory.RegionLayout;
import java.io.ByteArrayOutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the {@code lua} command does, in its order: version, LUA_INIT, options, script, prompt; or
 * standard input if none of these was asked for.
 */
final class Interpreter {
    /** All of Lua's libraries. */
    private static final int LIBRARIES = -1;

    private static final Chunk SET_ARG =
            chunk(
                    "=arg",
                    """
                    local first = ...
                    arg = {}
                    for i, value in ipairs {select(2, ...)} do arg[first + i - 1] = value end
                    """);
    private static final Chunk SCRIPT_ARGUMENTS =
            chunk(
                    "=arg",
                    """
                    if type(arg) ~= "table" then error("'arg' is not a table", 0) end
                    return table.unpack(arg)
                    """);
    private static final Chunk REQUIRE =
            chunk("=-l", "local global, module = ...; _G[global] = require(module)");
    private static final Chunk WARNINGS_ON = chunk("=-W", "warn '@on'");

    private final StateConfig config;
    private final MemorySource memory;
    private final boolean environment;
    private final StatisticsFormat statistics;
    private @Nullable State state;

    Interpreter(
            RegionLayout layout,
            MemorySource memory,
            boolean direct,
            boolean ignoreEnvironment,
            StatisticsFormat statistics) {
        int flags = ignoreEnvironment ? LuaNative.MP_IGNORE_ENVIRONMENT() : 0;
        config =
                new StateConfig(
                        layout,
                        memory::on,
                        direct,
                        LIBRARIES,
                        flags | LuaNative.MP_GENERATIONAL() | LuaNative.MP_TRUSTED(),
                        ValueMapper.PLAIN,
                        heap -> memory.end(heap, true));
        this.memory = memory;
        environment = !ignoreEnvironment;
        this.statistics = statistics;
    }

    /** os.exit: a status in C's range, after the statistics as at any end. */
    private void exit(int status, boolean closed) {
        State running = state;
        if (running != null) {
            memory.end(running.heap(), closed);
            statistics.show(memory.figures(running));
        }
        System.exit(memory.exitCode(status));
    }

    /** Does all that the command line asks for. {@return the exit code} */
    int run(Script script, List<Action> actions, boolean version, boolean interactive) {
        Host.ownProcess(this::exit);
        Figures atEnd;
        int code = 0;
        try (State lua = new State(config)) {
            state = lua;
            try {
                run(lua, script, actions, version, interactive);
            } catch (LuaError e) {
                code = Console.error(e);
            } catch (FileSystemException e) {
                code = Console.error(Console.cannotOpen(e, "read"));
            }
            atEnd = memory.figures(lua);
        } catch (LuaError e) {
            return Console.error(e);
        }
        statistics.show(atEnd); // after the close: finalizers may write, too
        return memory.exitCode(code);
    }

    private void run(
            State lua, Script script, List<Action> actions, boolean version, boolean interactive)
            throws FileSystemException {
        if (version) {
            showVersion();
        }
        Chunks.run(lua, SET_ARG, script.argTable());
        if (environment) {
            runInit(lua);
        }
        for (Action action : actions) {
            run(lua, action);
        }
        if (script.isStandardInput()) {
            runScript(lua, standardInput());
        } else if (script.path() != null) {
            runScript(lua, Chunk.ofFile(Path.of(script.path()), Chunk.Mode.TEXT_OR_BINARY));
        }
        boolean idle =
                script.path() == null
                        && !version
                        && actions.stream().noneMatch(Interpreter::isExecution);
        if (interactive) {
            new Prompt(lua).run();
        } else if (idle && isTerminal()) {
            showVersion();
            new Prompt(lua).run();
        } else if (idle) {
            Chunks.run(lua, standardInput());
        }
    }

    private static boolean isExecution(Action action) {
        return action instanceof Action.Execute;
    }

    private static void run(State lua, Action action) {
        switch (action) {
            case Action.Execute(String source) -> Chunks.run(lua, chunk("=(command line)", source));
            case Action.Require(String module) -> require(lua, module);
            case Action.Warnings() -> Chunks.run(lua, WARNINGS_ON);
        }
    }

    /** {@code g=mod}, or {@code mod} where a suffix from a hyphen on is not part of the name. */
    private static void require(State lua, String text) {
        int equals = text.indexOf('=');
        if (equals >= 0) {
            Chunks.run(lua, REQUIRE, text.substring(0, equals), text.substring(equals + 1));
        } else {
            int hyphen = text.indexOf('-');
            Chunks.run(lua, REQUIRE, hyphen < 0 ? text : text.substring(0, hyphen), text);
        }
    }

    private static void runInit(State lua) throws FileSystemException {
        String name = System.getenv("LUA_INIT_5_4") != null ? "LUA_INIT_5_4" : "LUA_INIT";
        String init = Optional.ofNullable(System.getenv(name)).orElse("");
        if (init.startsWith("@")) {
            Chunks.run(lua, Chunk.ofFile(Path.of(init.substring(1)), Chunk.Mode.TEXT_OR_BINARY));
        } else if (!init.isEmpty()) {
            Chunks.run(lua, chunk("=" + name, init));
        }
    }

    /** What C's stream still has: -e may have read from it. */
    private static Chunk standardInput() {
        ByteArrayOutputStream code = new ByteArrayOutputStream();
        byte[] line;
        while ((line = Host.readLine()) != null) {
            code.writeBytes(line);
        }
        return new Chunk(
                Chunk.withoutPreamble(code.toByteArray()), "=stdin", Chunk.Mode.TEXT_OR_BINARY);
    }

    /** The script's arguments are what the table {@code arg} holds now. */
    private static void runScript(State lua, Chunk script) {
        Chunks.run(lua, script, Chunks.run(lua, SCRIPT_ARGUMENTS).toArray());
    }

    private static void showVersion() {
        System.out.println(Host.copyright());
        System.out.flush();
    }

    /** The launcher tells, since Java does not know about standard input alone. */
    private static boolean isTerminal() {
        return Boolean.getBoolean("moonpool.terminal");
    }

    private static Chunk chunk(String name, String source) {
        return new Chunk(source.getBytes(UTF_8), name, Chunk.Mode.TEXT);
    }
}
