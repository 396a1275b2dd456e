package dev.moonpool.lua.script;

import dev.moonpool.lua.LuaException;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.script.ScriptException;

/** Says where in a script an error is. */
final class ScriptErrors {
    /** How Lua's messages begin, unless the error is no string or has no position. */
    private static final Pattern POSITION =
            Pattern.compile("(?<file>.+?):(?<line>\\d{1,9}): (?<text>.*)", Pattern.DOTALL);

    private ScriptErrors() {}

    /** {@return what a script engine throws for an exception, which is its cause} */
    static ScriptException of(RuntimeException e) {
        ScriptException exception =
                e instanceof LuaException error
                        ? located(error)
                        : new ScriptException(e.getMessage());
        exception.initCause(e);
        return exception;
    }

    private static ScriptException located(LuaException error) {
        Matcher message = POSITION.matcher(error.getMessage());
        if (message.matches() && isPosition(message, error)) {
            return new ScriptException(
                    message.group("text"), message.group("file"), lineOf(message));
        }
        return innermost(error)
                .map(
                        frame ->
                                new ScriptException(
                                        error.getMessage(),
                                        frame.getFileName(),
                                        frame.getLineNumber()))
                .orElseGet(() -> new ScriptException(error.getMessage()));
    }

    /** Not everything that looks like one is: an address with a port may begin a message. */
    private static boolean isPosition(Matcher message, LuaException error) {
        return error.kind() == LuaException.Kind.SYNTAX
                || Arrays.stream(error.getStackTrace())
                        .filter(ScriptErrors::isLua)
                        .anyMatch(
                                frame ->
                                        message.group("file").equals(frame.getFileName())
                                                && lineOf(message) == frame.getLineNumber());
    }

    private static int lineOf(Matcher message) {
        return Integer.parseInt(message.group("line"));
    }

    /** The innermost frame of a script's. */
    private static Optional<StackTraceElement> innermost(LuaException error) {
        return Arrays.stream(error.getStackTrace()).filter(ScriptErrors::isLua).findFirst();
    }

    private static boolean isLua(StackTraceElement frame) {
        return frame.getClassName().equals("lua")
                && frame.getFileName() != null
                && frame.getLineNumber() > 0;
    }
}
