package dev.moonpool.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;

/** The JDK's arena keeps its promises, and ours keeps them on every allocator. */
class ArenaContractTest {
    @Nested
    class OfTheJdk extends ArenaContract {
        @Override
        Arena open() {
            return Arena.ofConfined();
        }
    }

    /** After each test everything has come back, and nothing holds the region. */
    abstract static class OnAnAllocator extends ArenaContract {
        private static final long POOL = 16 << 20;

        final AllocatorFixture fixture;

        OnAnAllocator(AllocatorKind kind) {
            fixture = AllocatorFixture.of(kind, POOL);
        }

        @Override
        Arena open() {
            return fixture.allocator().openArena();
        }

        @AfterEach
        void nothingIsLeft() {
            fixture.allocator().check();
            assertEquals(0, fixture.allocator().statistics().liveBytes());
            fixture.close();
        }
    }

    @Nested
    class OnPool extends OnAnAllocator {
        OnPool() {
            super(AllocatorKind.POOL);
        }
    }

    @Nested
    class OnBump extends OnAnAllocator {
        OnBump() {
            super(AllocatorKind.BUMP);
        }
    }

    @Nested
    class OnSystem extends OnAnAllocator {
        OnSystem() {
            super(AllocatorKind.SYSTEM);
        }
    }

    @Nested
    class OpenedFromAnother extends OnAnAllocator {
        private final BlockArena outer = fixture.allocator().openArena();

        OpenedFromAnother() {
            super(AllocatorKind.POOL);
        }

        @Override
        Arena open() {
            return outer.openArena();
        }

        @AfterEach
        void outerIsUnharmed() {
            assertEquals(100, outer.allocate(100).byteSize());
            outer.close();
        }
    }
}
