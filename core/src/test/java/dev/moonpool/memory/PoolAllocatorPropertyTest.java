package dev.moonpool.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;

/** Sequences of requests, which shrink to the few that matter when one fails. */
class PoolAllocatorPropertyTest {
    private static final int GRANULE = 8;

    private enum Kind {
        ALLOCATE,
        REALLOCATE,
        FREE
    }

    /** A request; the block is counted in address order, from the lowest live one on. */
    private record Request(Kind kind, int block, int byteSize) {
        void make(AllocatorModel model) {
            List<Long> blocks = model.blocks().addresses();
            if (kind == Kind.ALLOCATE || blocks.isEmpty()) {
                model.allocate(byteSize);
            } else if (kind == Kind.REALLOCATE) {
                model.reallocate(blocks.get(block % blocks.size()), byteSize);
            } else {
                model.free(blocks.get(block % blocks.size()));
            }
        }
    }

    @Provide
    Arbitrary<List<Request>> requests() {
        Arbitrary<Integer> sizes =
                Arbitraries.frequencyOf(
                        Tuple.of(8, Arbitraries.integers().between(1, 128)),
                        Tuple.of(1, Arbitraries.integers().between(129, 5000)));
        return Combinators.combine(
                        Arbitraries.of(Kind.class), Arbitraries.integers().between(0, 31), sizes)
                .as(Request::new)
                .list()
                .ofMaxSize(120);
    }

    @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
    void anySequenceOfRequestsKeepsTheInvariants(
            @ForAll("requests") List<Request> requests,
            @ForAll @IntRange(min = 2, max = 600) int poolGranules,
            @ForAll @IntRange(max = 2) int growthPools) {
        long pool = 2L * GRANULE * poolGranules; // the layout wants multiples of 16
        try (Region region =
                Region.reserve(new RegionLayout(16, 8192, pool, 16, growthPools * pool))) {
            PoolAllocator allocator = new PoolAllocator(region);
            var model = new AllocatorModel(allocator, new Random(1));
            for (Request request : requests) {
                request.make(model);
                model.verify();
            }
            model.freeAll();
            allocator.trim();
            model.verify();
            assertEquals(0, allocator.statistics().footprintBytes());
        }
    }
}
