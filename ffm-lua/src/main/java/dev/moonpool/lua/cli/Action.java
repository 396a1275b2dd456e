package dev.moonpool.lua.cli;

/** What an option does to the state before the script runs. */
sealed interface Action {
    /** Runs source text. */
    record Execute(String source) implements Action {}

    /** Requires a module, as {@code mod} or {@code global=mod}. */
    record Require(String module) implements Action {}

    /** Turns warnings on. */
    record Warnings() implements Action {}
}
