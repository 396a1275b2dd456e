/**
 * Java and Lua calling each other, with one library beside another. A {@link
 * dev.moonpool.benchmarks.peers.Binding} does what the benchmarks of {@link
 * dev.moonpool.benchmarks.peers.Crossing} ask for. Each library has one for the fastest way that is
 * public, and one with the comforts that programs will want: checks, Java objects whose methods are
 * found by reflection, no compiler beside the library. To add a library is to write its {@code
 * Binding} and to give it a constant in {@link dev.moonpool.benchmarks.peers.Peer}: tests,
 * benchmarks and report take it from there.
 *
 * <p>All run the same Lua, on data that Java has as its own types at each call: a {@code String} as
 * key, not one that was made ready for Lua before. Each binding is measured in JVMs of its own.
 */
@NullMarked
package dev.moonpool.benchmarks.peers;

import org.jspecify.annotations.NullMarked;
