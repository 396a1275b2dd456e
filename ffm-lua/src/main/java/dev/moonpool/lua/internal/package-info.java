/**
 * The border between Java and C: the only callers of the generated bindings. Knows the native
 * library, one state at a time, and how values travel; knows nothing of the public API above.
 */
@NullMarked
package dev.moonpool.lua.internal;

import org.jspecify.annotations.NullMarked;
