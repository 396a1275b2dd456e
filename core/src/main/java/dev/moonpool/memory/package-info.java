/**
 * Regions of off-heap memory and the allocators that live in them.
 *
 * <p>A {@link dev.moonpool.memory.Region} is a contiguous piece of address space in four parts:
 * code, data, pool and io. Its {@link dev.moonpool.memory.RegionLayout} says how large each is. An
 * allocator hands out the pool, and keeps all of its state in the data part:
 *
 * {@snippet :
 * try (Region region = Region.reserve(RegionLayout.REFERENCE)) {
 *     BlockAllocator allocator = new BumpAllocator(region);
 *     long block = allocator.allocate(100); // an address; 0 when the pool is exhausted
 *     allocator.segment(block, 100).setString(0, "off-heap");
 *     block = allocator.reallocate(block, 100, 200); // keeps the contents
 *     allocator.free(block, 200);
 *     System.out.println(allocator.statistics());
 * }
 * }
 *
 * <p>A {@link dev.moonpool.memory.BlockAllocator} works on addresses and sizes, in bytes, as C
 * allocators do. Its caller says how large a block is when giving it back, so blocks need no
 * header. Where C code wants the family that does without (malloc, calloc, realloc, free), {@link
 * dev.moonpool.memory.CHeap} provides it on any allocator, to Java as methods and to native code as
 * function pointers.
 *
 * <p>The allocators: {@link dev.moonpool.memory.BumpAllocator} only ever moves forward; {@link
 * dev.moonpool.memory.PoolAllocator} reuses what is given back; {@link
 * dev.moonpool.memory.SystemAllocator} is libc's malloc, for comparison.
 *
 * <p>Code on {@link java.lang.foreign} gets views with the JDK's contract from any allocator.
 * {@link dev.moonpool.memory.BlockArena} is an {@link java.lang.foreign.Arena}: its segments are
 * zeroed, and end together. {@link dev.moonpool.memory.BlockSegmentAllocator} is a {@link
 * java.lang.foreign.SegmentAllocator}, for segments that end one by one or with the region:
 *
 * {@snippet :
 * try (BlockArena outer = allocator.openArena()) {
 *     MemorySegment table = outer.allocate(ValueLayout.JAVA_INT, 1000);
 *     try (Arena inner = outer.openArena()) { // much cheaper than Arena.ofConfined()
 *         MemorySegment name = inner.allocateFrom("off-heap");
 *     }
 * }
 * }
 *
 * <p>Where the module jdk.jfr is there, growing, trimming, consolidating and failing are events of
 * Flight Recorder, and so are the statistics of every allocator whose region is open, once a
 * second: dev.moonpool.Grow, Trim, Consolidate, AllocationFailure and AllocatorStatistics.
 *
 * <p>Unless a class says otherwise, its objects are for one thread at a time.
 */
@NullMarked
package dev.moonpool.memory;

import org.jspecify.annotations.NullMarked;
