package dev.moonpool.lua.script;

import java.util.Set;
import java.util.regex.Pattern;

/** Writes pieces of Lua source, and makes source of a file's text. */
final class LuaSource {
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final Set<String> KEYWORDS =
            Set.of(
                    "and",
                    "break",
                    "do",
                    "else",
                    "elseif",
                    "end",
                    "false",
                    "for",
                    "function",
                    "goto",
                    "if",
                    "in",
                    "local",
                    "nil",
                    "not",
                    "or",
                    "repeat",
                    "return",
                    "then",
                    "true",
                    "until",
                    "while");
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private LuaSource() {}

    /** {@return a string literal} */
    static String quote(String text) {
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> quoted.append('\\').append(c);
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                default -> {
                    if (c < ' ' || c == 0x7F) {
                        quoted.append("\\x%02x".formatted((int) c));
                    } else {
                        quoted.append(c);
                    }
                }
            }
        }
        return quoted.append('"').toString();
    }

    /** {@return the call of a method; object and arguments are expressions} */
    static String methodCall(String object, String method, String... arguments) {
        String list = String.join(", ", arguments);
        if (NAME.matcher(method).matches() && !KEYWORDS.contains(method)) {
            return "%s:%s(%s)".formatted(object, method, list);
        }
        return "%s[%s](%s%s)"
                .formatted(object, quote(method), object, list.isEmpty() ? "" : ", " + list);
    }

    /**
     * {@return statements as a program} A line begins with a semicolon: a comment cannot hide it,
     * and a parenthesis after it does not call what is before it.
     */
    static String program(String... statements) {
        return String.join("\n; ", statements) + "\n";
    }

    /** {@return a script as Lua takes it: without a byte order mark and a line for the shell} */
    static String ofScript(String script) {
        String text = script.startsWith(BYTE_ORDER_MARK) ? script.substring(1) : script;
        if (!text.startsWith("#")) {
            return text;
        }
        int end = text.indexOf('\n');
        return end < 0 ? "" : text.substring(end); // with its end: the lines keep their numbers
    }
}
