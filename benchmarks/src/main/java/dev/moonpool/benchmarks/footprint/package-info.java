/** How much memory allocators take for what is asked of them, and how much they give back. */
@NullMarked
package dev.moonpool.benchmarks.footprint;

import org.jspecify.annotations.NullMarked;
