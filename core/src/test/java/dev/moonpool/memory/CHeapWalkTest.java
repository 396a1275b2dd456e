package dev.moonpool.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Random C programs on the heap, over every allocator. */
@ParameterizedClass
@EnumSource(AllocatorKind.class)
class CHeapWalkTest {
    private final AllocatorKind kind;

    CHeapWalkTest(AllocatorKind kind) {
        this.kind = kind;
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 4096, 1 << 18})
    void survivesRandomWalks(int poolByteSize) {
        Seeds.each(
                20,
                random -> {
                    try (var walked = AllocatorFixture.of(kind, poolByteSize)) {
                        new Walk(new CHeap(walked.allocator()), random).run(300);
                        walked.allocator().check();
                        assertEquals(0, walked.allocator().statistics().liveBytes());
                    }
                });
    }

    /** A C program that makes random calls; null is an answer it can live with. */
    private record Walk(CHeap heap, Random random, LiveBlocks live) {
        Walk(CHeap heap, Random random) {
            this(heap, random, new LiveBlocks(NativeMemory::at, random));
        }

        void run(int steps) {
            Seeds.steps(
                    steps,
                    () -> {
                        step();
                        live.verify();
                        live.addresses().forEach(this::requireSize);
                    });
            live.addresses().forEach(this::free);
        }

        private void step() {
            long size = random.nextInt(200);
            switch (live.isEmpty() ? random.nextInt(4) : random.nextInt(10)) {
                case 0 -> enter(heap.malloc(size), size);
                case 1 -> enter(heap.calloc(size, 3), 3 * size);
                case 2 -> enter(heap.alignedAlloc(1L << random.nextInt(10), size), size);
                case 3 -> enter(heap.realloc(0, size), size);
                case 4, 5, 6 -> resize(live.any(), 1 + size);
                default -> free(live.any());
            }
        }

        private void enter(long payload, long size) {
            if (payload != 0) {
                assertEquals(0, payload % 16);
                live.add(payload, size);
            }
        }

        private void resize(long payload, long size) {
            long moved = heap.realloc(payload, size);
            if (moved != 0) {
                assertEquals(0, moved % 16);
                live.resize(payload, moved, size);
            }
        }

        private void free(long payload) {
            live.remove(payload);
            heap.free(payload);
        }

        private void requireSize(long payload) {
            assertEquals(live.sizeOf(payload), heap.usableSize(payload));
        }
    }
}
