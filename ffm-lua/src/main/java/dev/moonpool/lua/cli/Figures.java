package dev.moonpool.lua.cli;

import dev.moonpool.memory.AllocatorStatistics;
import dev.moonpool.memory.FreeSpace;
import java.util.List;

/**
 * What the statistics show.
 *
 * @param totals the allocator's counters
 * @param free how its free memory lies
 * @param live the blocks that are out now, by tag; empty where the allocator does not tell
 */
record Figures(
        AllocatorStatistics totals, FreeSpace free, List<AllocatorStatistics.Requests> live) {}
