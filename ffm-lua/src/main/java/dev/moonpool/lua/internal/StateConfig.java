package dev.moonpool.lua.internal;

import dev.moonpool.memory.BlockAllocator;
import dev.moonpool.memory.Region;
import dev.moonpool.memory.RegionLayout;
import java.util.function.Function;

/**
 * What a state is made of.
 *
 * @param layout the region's layout
 * @param allocator makes the allocator on the region
 * @param direct whether C serves by itself what it can, where the allocator is one that it knows
 * @param libraries the {@code MP_LIB_...} bits
 * @param flags the bits of {@code mp_config.flags}
 */
public record StateConfig(
        RegionLayout layout,
        Function<? super Region, ? extends BlockAllocator> allocator,
        boolean direct,
        int libraries,
        int flags) {}
