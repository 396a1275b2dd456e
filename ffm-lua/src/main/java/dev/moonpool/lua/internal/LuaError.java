package dev.moonpool.lua.internal;

import org.jspecify.annotations.Nullable;

/** An error that ended a call into Lua, as the host library reports it. */
public final class LuaError extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final transient @Nullable Object value;
    private final @Nullable String traceback;

    private final byte[] levels;

    LuaError(
            int status,
            String message,
            @Nullable Object value,
            @Nullable String traceback,
            byte[] levels,
            @Nullable Throwable cause) {
        super(message, cause);
        this.status = status;
        this.value = value;
        this.traceback = traceback;
        this.levels = levels;
    }

    /** {@return an error that Lua had no part in} */
    static LuaError of(int status, String message) {
        return new LuaError(status, message, message, null, new byte[0], null);
    }

    /** {@return Lua's message} */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }

    /** {@return one of the {@code LUA_ERR...} constants, or {@code MP_ERRSTACK}} */
    public int status() {
        return status;
    }

    /** {@return the value that was raised, as it looks above} */
    public @Nullable Object value() {
        return value;
    }

    /** {@return Lua's traceback, or null if there is none} */
    public @Nullable String traceback() {
        return traceback;
    }

    /** {@return for each level that the traceback shows, 1 if a Java function is there, else 0} */
    public byte[] levels() {
        return levels.clone();
    }
}
