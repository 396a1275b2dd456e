package dev.moonpool.examples;

import dev.moonpool.lua.Lua;
import dev.moonpool.lua.LuaChunk;
import dev.moonpool.lua.LuaFunction;
import dev.moonpool.lua.LuaLibrary;
import dev.moonpool.lua.LuaTable;
import java.util.EnumSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Text templates: {@code <%= expression %>} is replaced by a value, {@code <% statement %>} is run.
 * A template becomes a Lua function; what it sees is the table it is given, and nothing else.
 */
final class Templates implements AutoCloseable {
    private static final Pattern TAG = Pattern.compile("<%(=?)(.*?)%>", Pattern.DOTALL);

    private final Lua lua =
            Lua.builder()
                    .libraries(EnumSet.of(LuaLibrary.BASE, LuaLibrary.STRING, LuaLibrary.TABLE))
                    .build();
    private final LuaTable library = lua.globals();

    /** {@return the text that a template makes of values} */
    String render(String template, LuaTable values) {
        StringBuilder code = new StringBuilder("local text, add = ...\n");
        Matcher tag = TAG.matcher(template);
        int end = 0;
        while (tag.find()) {
            appendText(code, template.substring(end, tag.start()));
            boolean isExpression = !tag.group(1).isEmpty();
            code.append(isExpression ? "add(" + tag.group(2) + ")" : tag.group(2)).append('\n');
            end = tag.end();
        }
        appendText(code, template.substring(end));
        LuaFunction function =
                lua.load(LuaChunk.of(code.toString()).named("template").in(scope(values)));
        StringBuilder text = new StringBuilder();
        try (function;
                LuaFunction add =
                        lua.function(
                                arguments -> {
                                    text.append(arguments.get(0));
                                    return null;
                                })) {
            function.call(null, add);
        }
        return text.toString();
    }

    private static void appendText(StringBuilder code, String text) {
        code.append("add(").append(quoted(text)).append(")\n");
    }

    /** A long bracket of a level that the text does not close; Lua drops its first newline. */
    private static String quoted(String text) {
        String level = "=";
        while (text.contains("]" + level)) {
            level += "=";
        }
        return "[" + level + "[\n" + text + "]" + level + "]";
    }

    /** A table in which the values are seen, and behind them a few harmless functions. */
    private LuaTable scope(LuaTable values) {
        LuaTable meta = lua.newTable();
        LuaTable scope = lua.newTable();
        for (String name : new String[] {"ipairs", "pairs", "tostring", "string", "table"}) {
            scope.set(name, library.get(name));
        }
        meta.set("__index", values);
        scope.setMetatable(meta);
        return scope;
    }

    /** {@return a table for values} */
    LuaTable values() {
        return lua.newTable();
    }

    @Override
    public void close() {
        lua.close();
    }
}
