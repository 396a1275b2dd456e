/**
 * What the allocators and the border to C cost, by JMH. Each class is one table of the {@linkplain
 * dev.moonpool.benchmarks.Report report}, each method one row: nanoseconds per operation, and how
 * many times as fast as the table's baseline that is.
 *
 * <p>All rows of a table do the same work. What an allocator must do now and then, such as starting
 * again when its pool is full, is inside of the measurement. No row writes into the blocks that it
 * gets; only {@link java.lang.foreign.Arena} does, because its blocks are zero by contract.
 *
 * <p>A method whose loop makes several calls to an allocator is compiled by itself ({@code
 * DONT_INLINE}; for a whole loop, the call costs nothing). As a part of JMH's own loop, which is
 * compiled seconds later, it is more than the compiler inlines in full, and the row would change
 * its speed while it is measured.
 */
@NullMarked
package dev.moonpool.benchmarks;

import org.jspecify.annotations.NullMarked;
