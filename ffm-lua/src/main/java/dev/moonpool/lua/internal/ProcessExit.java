package dev.moonpool.lua.internal;

/** Ends the process when a script calls os.exit. */
@FunctionalInterface
public interface ProcessExit {
    /**
     * Ends the process. Lua cannot go on after it.
     *
     * @param status the exit code
     * @param closed whether Lua was closed first, as the script wanted it
     */
    void exit(int status, boolean closed);
}
