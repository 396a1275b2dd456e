/**
 * The {@code moonpool} command: takes what the {@code lua} command takes, and says where memory
 * comes from.
 */
@NullMarked
package dev.moonpool.lua.cli;

import org.jspecify.annotations.NullMarked;
