package dev.moonpool.lua;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What {@code require} finds in a state beside what Lua's own library finds. */
final class Modules {
    /**
     * A require of our own, for states without Lua's. It is not in Java, so that a traceback shows
     * through which modules it went. All that it uses are its own locals: there is no global
     * variable that a script could change, nor a table of what was loaded that it could get at.
     *
     * <p>A module that is being loaded is in {@code loading}, which is weak: one whose coroutine
     * was given up can be loaded again.
     */
    private static final String REQUIRE =
            """
            local find, begin, loaded, loading, entries = ...
            entries.__close = function(entry) loading[entry.name] = nil end
            function require(name)
              local known = loaded[name]
              if known ~= nil then return known end
              local loader, from = find(name, loading[name] ~= nil)
              local entry <close> = begin(name)
              loading[name] = entry
              local value = loader(name, from)
              if value == nil then value = true end
              loaded[name] = value
              return value, from
            end
            """;

    private final List<LuaSearcher> searchers;
    private final Map<String, JavaFunction> preloaded;

    Modules(List<LuaSearcher> searchers, Map<String, JavaFunction> preloaded) {
        this.searchers = searchers;
        this.preloaded = preloaded;
    }

    /** Makes them known to a new state. */
    void install(Lua lua, Set<LuaLibrary> libraries) {
        if (searchers.isEmpty() && preloaded.isEmpty()) {
            return;
        }
        if (libraries.contains(LuaLibrary.PACKAGE)) {
            addToPackage(lua);
        } else {
            addRequire(lua, libraries);
        }
    }

    // ------------------------------------------------------------------ with Lua's own library

    private void addToPackage(Lua lua) {
        LuaTable library = lua.eval("return package").asTable();
        preloaded.forEach(library.getTable("preload")::set);
        LuaTable all = library.getTable("searchers");
        List<@Nullable Object> functions = new ArrayList<>(all.toList());
        int behindPreload = 1;
        for (LuaSearcher searcher : searchers) {
            JavaFunction function = arguments -> search(lua, searcher, arguments.asString());
            functions.add(behindPreload++, function);
        }
        for (int i = 0; i < functions.size(); i++) {
            all.set(i + 1L, functions.get(i));
        }
    }

    /** {@return loader and what it is from; or, as require wants it, what there is not} */
    private static Object search(Lua lua, LuaSearcher searcher, String name) throws Exception {
        LuaChunk chunk = searcher.find(name);
        return chunk == null ? absent(searcher, name) : loader(lua, chunk, name);
    }

    private static String absent(LuaSearcher searcher, String name) {
        return searcher.candidates(name).stream()
                .map(candidate -> "no " + candidate)
                .collect(Collectors.joining("\n\t"));
    }

    private static LuaValues loader(Lua lua, LuaChunk chunk, String name) {
        LuaChunk named = chunk.isNamed() ? chunk : chunk.named(name);
        try {
            return LuaValues.of(lua.load(named), named.shownName());
        } catch (LuaException e) {
            if (e.kind() != LuaException.Kind.SYNTAX) {
                throw e;
            }
            throw new LuaException(
                    "error loading module '%s' from '%s':\n\t%s"
                            .formatted(name, named.shownName(), e.getMessage()));
        }
    }

    // --------------------------------------------------------------------------- without it

    private void addRequire(Lua lua, Set<LuaLibrary> libraries) {
        LuaTable loaded = lua.newTable();
        for (LuaLibrary library : libraries) {
            String name =
                    library == LuaLibrary.BASE ? "_G" : library.name().toLowerCase(Locale.ROOT);
            loaded.set(name, lua.eval("return _ENV[...]", name).asTable());
        }
        LuaTable loading = lua.newTable();
        loading.setMetatable(lua.toTable(Map.of("__mode", "v")));
        LuaTable entries = lua.newTable();
        JavaFunction find =
                arguments -> find(lua, requireName(arguments.get(0)), arguments.asBoolean(1));
        JavaFunction begin =
                arguments -> {
                    LuaTable entry =
                            lua.toTable(Collections.singletonMap("name", arguments.get(0)));
                    entry.setMetatable(entries);
                    return entry;
                };
        lua.load(LuaChunk.of(REQUIRE).named("require")).call(find, begin, loaded, loading, entries);
    }

    private static String requireName(@Nullable Object argument) {
        if (argument instanceof String || argument instanceof byte[]) {
            return LuaValues.of(argument).asString();
        }
        throw new LuaException("bad argument #1 to 'require' (string expected)");
    }

    private LuaValues find(Lua lua, String name, boolean isLoading) throws Exception {
        if (isLoading) {
            throw new LuaException("module '" + name + "' requires itself while it is loaded");
        }
        JavaFunction made = preloaded.get(name);
        if (made != null) {
            return LuaValues.of(made, ":preload:");
        }
        StringBuilder tried = new StringBuilder();
        for (LuaSearcher searcher : searchers) {
            LuaChunk chunk = searcher.find(name);
            if (chunk != null) {
                return loader(lua, chunk, name);
            }
            tried.append("\n\t").append(absent(searcher, name));
        }
        throw new LuaException("module '" + name + "' not found:" + tried);
    }
}
