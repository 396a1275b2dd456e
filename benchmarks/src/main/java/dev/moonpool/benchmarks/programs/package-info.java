/** Whole Lua programs, to see what allocators mean to them. */
@NullMarked
package dev.moonpool.benchmarks.programs;

import org.jspecify.annotations.NullMarked;
