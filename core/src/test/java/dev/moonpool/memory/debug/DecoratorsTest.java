package dev.moonpool.memory.debug;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.moonpool.memory.AllocatorFixture;
import dev.moonpool.memory.BlockAllocator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** Every decorator keeps the contract, on every allocator, and with others around it. */
class DecoratorsTest {
    /** Red zones take more than small blocks do: room for what a test of the contract needs. */
    private static final long WITH_RED_ZONES = 4;

    private abstract static class Checked extends DecoratorContract {
        @Override
        BlockAllocator decorated(BlockAllocator delegate) {
            return new CheckedAllocator(delegate);
        }
    }

    @Nested
    class CheckedOnPool extends Checked {
        @Override
        protected AllocatorFixture fixtureOf(long poolByteSize) {
            return AllocatorFixture.pool(WITH_RED_ZONES * poolByteSize).with(this::decorated);
        }
    }

    @Nested
    class CheckedOnBump extends Checked {
        @Override
        protected AllocatorFixture fixtureOf(long poolByteSize) {
            return AllocatorFixture.bump(WITH_RED_ZONES * poolByteSize).with(this::decorated);
        }
    }

    @Nested
    class CheckedOnSystem extends Checked {
        @Override
        protected AllocatorFixture fixtureOf(long poolByteSize) {
            return AllocatorFixture.system().with(this::decorated);
        }
    }

    @Nested
    class CheckedWithoutQuarantine extends DecoratorContract {
        @Override
        BlockAllocator decorated(BlockAllocator delegate) {
            return new CheckedAllocator(delegate, 0);
        }

        @Override
        protected AllocatorFixture fixtureOf(long poolByteSize) {
            return AllocatorFixture.pool(WITH_RED_ZONES * poolByteSize).with(this::decorated);
        }
    }

    private abstract static class FaultInjecting extends DecoratorContract {
        @Override
        BlockAllocator decorated(BlockAllocator delegate) {
            return new FaultInjectingAllocator(delegate, (request, liveBytes) -> false);
        }
    }

    @Nested
    class FaultInjectingOnPool extends FaultInjecting {
        @Override
        protected AllocatorFixture fixtureOf(long poolByteSize) {
            return AllocatorFixture.pool(poolByteSize).with(this::decorated);
        }
    }

    @Nested
    class FaultInjectingOnSystem extends FaultInjecting {
        @Override
        protected AllocatorFixture fixtureOf(long poolByteSize) {
            return AllocatorFixture.system().with(this::decorated);
        }
    }

    /** Refuses what the contract's other allocators do not have either. */
    @Nested
    class FaultInjectingAboveALimit extends DecoratorContract {
        private static final long LIMIT = 1 << 20;

        @Override
        BlockAllocator decorated(BlockAllocator delegate) {
            return new FaultInjectingAllocator(
                    delegate, FaultInjectingAllocator.Plan.failingAbove(LIMIT));
        }

        @Override
        protected AllocatorFixture fixtureOf(long poolByteSize) {
            return AllocatorFixture.system().with(this::decorated);
        }
    }

    /** Whatever a test does, the trace of it can be read. */
    private abstract static class Tracing extends DecoratorContract {
        @TempDir Path directory;
        private final List<TracingAllocator> tracers = new ArrayList<>();
        private final List<Path> files = new ArrayList<>();

        @Override
        BlockAllocator decorated(BlockAllocator delegate) {
            try {
                Path file = directory.resolve(files.size() + ".trace");
                TracingAllocator tracer = new TracingAllocator(delegate, file);
                tracers.add(tracer);
                files.add(file);
                return tracer;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @AfterEach
        void tracesCanBeRead() throws IOException {
            for (int i = 0; i < files.size(); i++) {
                tracers.get(i).close();
                AllocationTrace trace = AllocationTrace.read(files.get(i));
                assertEquals(Files.size(files.get(i)), trace.byteSize());
            }
        }
    }

    @Nested
    class TracingOnPool extends Tracing {
        @Override
        protected AllocatorFixture fixtureOf(long poolByteSize) {
            return AllocatorFixture.pool(poolByteSize).with(this::decorated);
        }
    }

    @Nested
    class TracingOnSystem extends Tracing {
        @Override
        protected AllocatorFixture fixtureOf(long poolByteSize) {
            return AllocatorFixture.system().with(this::decorated);
        }
    }

    /** All three, and the one that checks twice. */
    @Nested
    class NestOnPool extends Tracing {
        @Override
        BlockAllocator decorated(BlockAllocator delegate) {
            BlockAllocator traced = super.decorated(new CheckedAllocator(delegate, 100));
            return new CheckedAllocator(
                    new FaultInjectingAllocator(traced, (request, liveBytes) -> false));
        }

        @Override
        protected AllocatorFixture fixtureOf(long poolByteSize) {
            return AllocatorFixture.pool(2 * WITH_RED_ZONES * poolByteSize).with(this::decorated);
        }
    }
}
