package dev.moonpool.lua.internal;

import org.jspecify.annotations.Nullable;

/** An error that ended a chunk, as the host library reports it. */
public final class LuaError extends Exception {
    private static final long serialVersionUID = 1;

    private final int status;
    private final @Nullable String traceback;

    LuaError(int status, String message, @Nullable String traceback, @Nullable Throwable cause) {
        super(message, cause);
        this.status = status;
        this.traceback = traceback;
    }

    /** {@return Lua's message} */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }

    /** {@return one of the {@code LUA_ERR...} constants} */
    public int status() {
        return status;
    }

    /** {@return Lua's traceback, or null if there is none} */
    public @Nullable String traceback() {
        return traceback;
    }
}
