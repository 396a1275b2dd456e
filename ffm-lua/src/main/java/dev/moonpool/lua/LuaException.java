package dev.moonpool.lua;

import dev.moonpool.lua.internal.LuaError;
import dev.moonpool.lua.internal.ffi.LuaNative;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An error in Lua. Its message is Lua's; where the error object is no string, it is what {@code
 * __tostring} makes of it, or says its type. If an allocator threw, what it threw is the cause.
 */
public final class LuaException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** What went wrong. */
    public enum Kind {
        /** The chunk could not be compiled, or is of a kind that was not allowed. */
        SYNTAX,
        /** An error was raised while the chunk ran. */
        RUNTIME,
        /** The allocator had no memory, even after a full garbage collection. */
        MEMORY,
        /** An error was raised while Lua handled another one. */
        ERROR_HANDLING
    }

    private final Kind kind;
    private final @Nullable String traceback;

    LuaException(LuaError error) {
        super(error.getMessage(), error.getCause());
        kind = kindOf(error.status());
        traceback = error.traceback();
    }

    private static Kind kindOf(int status) {
        if (status == LuaNative.LUA_ERRSYNTAX()) {
            return Kind.SYNTAX;
        } else if (status == LuaNative.LUA_ERRMEM()) {
            return Kind.MEMORY;
        } else if (status == LuaNative.LUA_ERRERR()) {
            return Kind.ERROR_HANDLING;
        } else {
            return Kind.RUNTIME;
        }
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
     * {@return Lua's stack where the error was raised, in the form of {@code debug.traceback}}
     * Syntax errors have none, nor do those of memory.
     */
    public Optional<String> traceback() {
        return Optional.ofNullable(traceback);
    }
}
