package dev.moonpool.lua.torture;

import dev.moonpool.lua.Lua;
import dev.moonpool.lua.LuaChunk;
import dev.moonpool.lua.LuaLibrary;
import dev.moonpool.memory.BlockAllocator;
import dev.moonpool.memory.BumpAllocator;
import dev.moonpool.memory.PoolAllocator;
import dev.moonpool.memory.Region;
import dev.moonpool.memory.RegionLayout;
import dev.moonpool.memory.SystemAllocator;
import dev.moonpool.memory.debug.CheckedAllocator;
import dev.moonpool.memory.debug.FaultInjectingAllocator;
import dev.moonpool.memory.debug.FaultInjectingAllocator.Plan;
import java.util.EnumSet;
import java.util.SplittableRandom;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What the threads of a round have between them: states, and whatever came out of states. Things
 * stay here when they and their states are closed, for any thread to use.
 */
final class World {
    private static final String MODULE = "local name = ... return {name}, coroutine.yield(name)";
    private static final Plan LIMIT = Plan.failingAbove(16 << 20);
    private static final int STATES = 5;
    private static final int THINGS = 48;

    private final AtomicReferenceArray<@Nullable Lua> states = new AtomicReferenceArray<>(STATES);
    private final AtomicReferenceArray<@Nullable Object> things =
            new AtomicReferenceArray<>(THINGS);

    @Nullable Lua anyState(RandomGenerator random) {
        return states.get(random.nextInt(STATES));
    }

    /** Another state in the place of one, which is dropped as it is: open or not, in use or not. */
    void put(Lua lua, RandomGenerator random) {
        states.set(random.nextInt(STATES), lua);
    }

    @Nullable Object anyThing(RandomGenerator random) {
        return things.get(random.nextInt(THINGS));
    }

    void keep(@Nullable Object thing, RandomGenerator random) {
        things.set(random.nextInt(THINGS), thing);
    }

    /** {@return all states that are still here} */
    Lua[] states() {
        Lua[] all = new Lua[STATES];
        int count = 0;
        for (int i = 0; i < STATES; i++) {
            Lua lua = states.get(i);
            if (lua != null) {
                all[count++] = lua;
            }
        }
        return java.util.Arrays.copyOf(all, count);
    }

    /** {@return a builder of a random kind of state} */
    static Lua.Builder builder(RandomGenerator random) {
        Lua.Builder builder = Lua.builder();
        if (random.nextInt(8) == 0) {
            builder.libraries(anyLibraries(random));
        }
        if (random.nextInt(4) == 0) {
            builder.layout(new RegionLayout(64 << 10, 64 << 10, 512 << 10, 1024));
        }
        builder.maxMemory(anyLimit(random)).direct(random.nextBoolean());
        if (random.nextInt(3) == 0) {
            builder.allocator(anyAllocator(random.nextLong(), random.nextInt(6)));
        }
        if (random.nextInt(4) == 0) {
            builder.executor(random.nextBoolean() ? ForkJoinPool.commonPool() : Runnable::run);
        }
        if (random.nextInt(4) == 0) {
            builder.module("made", Functions.any(random)).modules(name -> LuaChunk.of(MODULE));
        }
        return builder.environment(random.nextBoolean()).trusted(random.nextInt(6) == 0);
    }

    private static EnumSet<LuaLibrary> anyLibraries(RandomGenerator random) {
        EnumSet<LuaLibrary> some = EnumSet.of(LuaLibrary.BASE, LuaLibrary.STRING);
        for (LuaLibrary library : LuaLibrary.values()) {
            if (random.nextInt(3) != 0) {
                some.add(library);
            }
        }
        return some;
    }

    private static long anyLimit(RandomGenerator random) {
        return switch (random.nextInt(6)) {
            case 0 -> random.nextLong(16 << 10, 64 << 10); // hardly enough to start
            case 1 -> random.nextLong(64 << 10, 256 << 10);
            case 2 -> 24 << 20;
            default -> 4 << 20;
        };
    }

    private static Function<Region, BlockAllocator> anyAllocator(long seed, int kind) {
        SplittableRandom random = new SplittableRandom(seed);
        int oneIn = 1 << random.nextInt(1, 14);
        return switch (kind) {
            case 0 -> region -> new FaultInjectingAllocator(new SystemAllocator(region), LIMIT);
            case 1 -> BumpAllocator::new;
            case 2 -> region -> new CheckedAllocator(new PoolAllocator(region));
            case 3 -> region -> new HostileAllocator(new PoolAllocator(region), random, oneIn);
            default ->
                    region ->
                            new FaultInjectingAllocator(
                                    new PoolAllocator(region),
                                    (request, live) -> request > 600 && random.nextInt(oneIn) == 0);
        };
    }
}
