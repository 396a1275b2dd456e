/**
 * The script engine that {@code javax.script} finds as {@code lua}; its factory says what it does.
 * Nothing here is for use by name.
 */
@NullMarked
package dev.moonpool.lua.script;

import org.jspecify.annotations.NullMarked;
