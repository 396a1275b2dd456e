package dev.moonpool.lua.internal;

import dev.moonpool.memory.BlockAllocator;
import dev.moonpool.memory.CHeap;
import dev.moonpool.memory.Region;
import dev.moonpool.memory.RegionLayout;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What a state is made of.
 *
 * @param layout the region's layout
 * @param allocator makes the allocator on the region
 * @param direct whether C serves by itself what it can, where the allocator is one that it knows
 * @param libraries the {@code MP_LIB_...} bits
 * @param flags the bits of {@code mp_config.flags}
 * @param mapper how values look on the Java side
 * @param atEnd looks at what served the state: when Lua has given back what it held, or could not
 *     start, and the memory is still there; must not throw
 */
public record StateConfig(
        RegionLayout layout,
        Function<? super Region, ? extends BlockAllocator> allocator,
        boolean direct,
        int libraries,
        int flags,
        ValueMapper mapper,
        Consumer<? super CHeap> atEnd) {}
