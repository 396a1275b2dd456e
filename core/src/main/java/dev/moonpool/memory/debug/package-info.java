/**
 * Decorators that look at what is done with an allocator, each for one concern, and traces.
 *
 * <p>They go around any {@link dev.moonpool.memory.BlockAllocator}, and around each other. {@link
 * dev.moonpool.memory.debug.CheckedAllocator} finds writes beyond a block's ends and after its end,
 * double frees and wrong sizes:
 *
 * {@snippet :
 * try (Region region = Region.reserve(RegionLayout.REFERENCE)) {
 *     CheckedAllocator checked = new CheckedAllocator(new PoolAllocator(region));
 *     long block = checked.allocate(32, 3);
 *     MemorySegment memory = region.pool();
 *     memory.set(JAVA_BYTE, block - memory.address() + 32, (byte) 65); // one byte too far, as C may
 *     checked.free(block, 32);
 *     // IllegalStateException: written behind the end of a block:
 *     //     address=0x7f0c70170010, byteSize=32, request=1, tag=3, offset=32, found=0x41, expected=0xfd
 * }
 * }
 *
 * At the end {@link dev.moonpool.memory.debug.CheckedAllocator#liveBlocks() liveBlocks} is what
 * leaked.
 *
 * <p>{@link dev.moonpool.memory.debug.FaultInjectingAllocator} refuses requests by plan. To see
 * that a program survives each failure, let the first request fail, then the second, and so on
 * until the program makes fewer:
 *
 * {@snippet :
 * FaultInjectingAllocator faulty;
 * long n = 1;
 * do {
 *     faulty = new FaultInjectingAllocator(new CheckedAllocator(allocator), Plan.failing(n++));
 *     program.accept(faulty);
 *     faulty.check();
 * } while (faulty.refusals() > 0);
 * }
 *
 * <p>{@link dev.moonpool.memory.debug.TracingAllocator} records what a program asks for, and {@link
 * dev.moonpool.memory.debug.AllocationTrace} asks any allocator the same again, to compare
 * allocators by what real programs do:
 *
 * {@snippet :
 * try (TracingAllocator traced = new TracingAllocator(allocator, file)) {
 *     program.accept(traced);
 * }
 * AllocationTrace trace = AllocationTrace.read(file);
 * long[] footprint = new long[1];
 * Replay replay =
 *         trace.replay(
 *                 other,
 *                 () -> footprint[0] = Math.max(footprint[0], other.statistics().footprintBytes()));
 * System.out.printf("%.2f times the peak%n", (double) footprint[0] / replay.peakBytes());
 * replay.freeAll();
 * }
 *
 * <p>A decorator may be called by any thread if the allocator underneath may, one at a time.
 */
@NullMarked
package dev.moonpool.memory.debug;

import org.jspecify.annotations.NullMarked;
