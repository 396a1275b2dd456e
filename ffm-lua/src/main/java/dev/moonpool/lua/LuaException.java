package dev.moonpool.lua;

import dev.moonpool.lua.internal.Conversions;
import dev.moonpool.lua.internal.LuaError;
import dev.moonpool.lua.internal.ffi.LuaNative;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An error in Lua. Its message is Lua's; where the error value is no string, it is what {@code
 * __tostring} makes of it, or says its type.
 *
 * <p>If a Java function threw, and no script caught it, what it threw is the {@linkplain
 * #getCause() cause}. The stack trace has the frames of Lua and of Java in the order in which they
 * called each other; those of Lua have {@code lua} as their class.
 */
public final class LuaException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Ends the message of a syntax error that more input could mend. */
    private static final String INCOMPLETE = "<eof>";

    /** What went wrong. */
    public enum Kind {
        /** The chunk could not be compiled, or is of a kind that was not allowed. */
        SYNTAX,
        /** An error was raised while the chunk ran. */
        RUNTIME,
        /** The allocator had no memory, even after a full garbage collection. */
        MEMORY,
        /** An error was raised while Lua handled another one. */
        ERROR_HANDLING,
        /** A limit was reached: too little of the thread's stack is left. */
        LIMIT
    }

    private final Kind kind;
    private final transient @Nullable Object value;
    private final @Nullable String traceback;
    private final transient @Nullable Lua lua;

    /**
     * An error for a Java function to raise.
     *
     * @param message the error value, as {@code error} raises it
     */
    public LuaException(String message) {
        this(message, message);
    }

    private LuaException(String message, @Nullable Object value) {
        super(message);
        kind = Kind.RUNTIME;
        this.value = value;
        traceback = null;
        lua = null;
    }

    /**
     * {@return an error for a Java function to raise}
     *
     * @param value the error value: whatever has a counterpart in Lua
     */
    public static LuaException of(@Nullable Object value) {
        return new LuaException(Conversions.shown(value), value);
    }

    /**
     * An error that a call ran into.
     *
     * @param cause what a Java function threw, if one raised it
     * @param innermost the exception that has the frames above those of the call
     */
    LuaException(
            Lua lua, LuaError error, @Nullable Throwable cause, @Nullable Throwable innermost) {
        super(error.getMessage(), cause == null ? error.getCause() : cause);
        kind = innermost instanceof LuaException e ? e.kind : kindOf(error.status());
        value = error.value();
        traceback = error.traceback();
        this.lua = lua;
        setStackTrace(StackTraces.merged(getStackTrace(), error, innermost));
    }

    private static Kind kindOf(int status) {
        if (status == LuaNative.LUA_ERRSYNTAX()) {
            return Kind.SYNTAX;
        } else if (status == LuaNative.LUA_ERRMEM()) {
            return Kind.MEMORY;
        } else if (status == LuaNative.LUA_ERRERR()) {
            return Kind.ERROR_HANDLING;
        } else if (status == LuaNative.MP_ERRSTACK()) {
            return Kind.LIMIT;
        } else {
            return Kind.RUNTIME;
        }
    }

    /** Whether its value means something to a state. */
    boolean isFrom(Lua other) {
        return lua == null || lua == other;
    }

    /** {@return Lua's message} */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }

    /** {@return what went wrong} */
    public Kind kind() {
        return kind;
    }

    /**
     * {@return the value that was raised, null for nil} A table, say, is good as long as its state
     * is open. An exception that was serialized has none.
     */
    public @Nullable Object value() {
        return value;
    }

    /** {@return whether this is a syntax error that more input could mend} */
    public boolean isIncomplete() {
        return kind == Kind.SYNTAX && getMessage().endsWith(INCOMPLETE);
    }

    /**
     * {@return Lua's stack where the error was raised, in the form of {@code debug.traceback}}
     * Syntax errors have none, nor do those of memory.
     */
    public Optional<String> traceback() {
        return Optional.ofNullable(traceback);
    }
}
