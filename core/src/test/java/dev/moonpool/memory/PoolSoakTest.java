package dev.moonpool.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A program that needs 400 KiB at its peak runs for ever in a pool of 512 KiB, with requests of up
 * to 2 KiB. Live bytes are counted as the pool rounds them, and a block that moves as old and new.
 *
 * <p>No allocator whose blocks stay where they are can promise that for whatever a program does: by
 * a theorem of Robson's (Bounds for Some Functions Concerning Dynamic Storage Allocation, 1974) the
 * worst case needs about half of the binary logarithm of the ratio of sizes as much as is live. It
 * is easily made: who fills the pool with 24 bytes each, gives every other block back and then asks
 * for 2 KiB finds half of the pool free, and no place. Therefore the tests say exactly what they
 * do:
 *
 * <ol>
 *   <li>a mix of sizes, always close to 400 KiB live, where the next block to be freed or resized
 *       is a random one, the oldest, the newest, or the next of a cluster of the same age, which
 *       changes every 20,000 requests
 *   <li>phases of 20,000 requests, each with a mix and an order of its own. Between them live bytes
 *       fall to a half, in any of the orders; but where the next mix has larger sizes, what is
 *       freed before are stretches of 8 KiB, down to an eighth
 * </ol>
 *
 * <p>What it does not hold for: {@link SizeMix#POWERS}, mostly 24 and 40 bytes and now and then 2
 * KiB; and phases of {@link SizeMix#SMALL} among the others, as what survives of them lies between
 * all places for 2 KiB.
 */
class PoolSoakTest {
    private static final RegionLayout LAYOUT = RegionLayout.REFERENCE.withGrowthByteSize(0);
    private static final long MOST_LIVE = 400 << 10;
    private static final int PHASE = 20_000;
    private static final long CHECK_INTERVAL = 1_000_000;

    private static final int SHORT = 400_000;
    private static final int LONG = 50_000_000;

    /** Of phases, by their large sizes: each needs longer runs of free memory than those before. */
    private static final SizeMix[] MIXES = {
        SizeMix.MEDIUM, SizeMix.LUA, SizeMix.SMALL_AND_LARGE, SizeMix.UNIFORM
    };

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "POWERS")
    void servesAMixForAWhile(SizeMix mix) {
        steady(mix, SHORT);
    }

    @Test
    void servesChangingPhasesForAWhile() {
        phases(SHORT);
    }

    @Tag("soak")
    @ParameterizedTest
    @EnumSource(names = {"LUA", "UNIFORM", "SMALL_AND_LARGE"})
    void servesAMixForEver(SizeMix mix) {
        steady(mix, LONG);
    }

    @Tag("soak")
    @Test
    void servesChangingPhasesForEver() {
        phases(LONG);
    }

    private static void steady(SizeMix mix, int requests) {
        run(
                requests,
                (soak, random) -> soak.requests(mix, any(Soak.Order.values(), random), PHASE));
    }

    private static void phases(int requests) {
        int[] last = {0};
        run(
                requests,
                (soak, random) -> {
                    int next = random.nextInt(MIXES.length);
                    if (next > last[0]) {
                        soak.freeStretches(MOST_LIVE / 8);
                    } else {
                        soak.free(any(Soak.Order.values(), random), MOST_LIVE / 2);
                    }
                    soak.requests(MIXES[next], any(Soak.Order.values(), random), PHASE);
                    last[0] = next;
                });
    }

    private static <T> T any(T[] values, SplittableRandom random) {
        return values[random.nextInt(values.length)];
    }

    /** So many requests in one go. */
    @FunctionalInterface
    private interface Phase {
        void run(Soak soak, SplittableRandom random);
    }

    private static void run(int requests, Phase phase) {
        int seed = 1;
        try (Region region = Region.reserve(LAYOUT)) {
            PoolAllocator allocator = new PoolAllocator(region);
            SplittableRandom random = new SplittableRandom(seed);
            Soak soak = new Soak(allocator, random, MOST_LIVE);
            long nextCheck = CHECK_INTERVAL;
            while (soak.requests() < requests) {
                phase.run(soak, random);
                verify(allocator, soak, seed);
                if (soak.requests() >= nextCheck) {
                    allocator.check();
                    nextCheck += CHECK_INTERVAL;
                }
            }
            allocator.check();
            assertTrue(
                    allocator.statistics().peakUsedBytes() > MOST_LIVE - 4096,
                    "never came close to what it may have live");
            soak.freeAll();
            allocator.check();
            assertEquals(0, allocator.statistics().usedBytes());
        }
    }

    private static void verify(PoolAllocator allocator, Soak soak, int seed) {
        AllocatorStatistics statistics = allocator.statistics();
        assertEquals(
                0,
                statistics.failures(),
                () -> "seed=%d, requests=%d".formatted(seed, soak.requests()));
        assertEquals(soak.used(), statistics.usedBytes());
        assertTrue(statistics.peakUsedBytes() <= MOST_LIVE, "more is live than was meant");
        assertTrue(statistics.footprintBytes() <= LAYOUT.poolByteSize(), "footprint has grown");
    }
}
