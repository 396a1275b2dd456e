package dev.moonpool.lua.cli;

import dev.moonpool.lua.internal.State;
import dev.moonpool.memory.AllocatorStatistics;
import dev.moonpool.memory.BlockAllocator;
import dev.moonpool.memory.CHeap;
import dev.moonpool.memory.Region;
import dev.moonpool.memory.debug.CheckedAllocator;
import dev.moonpool.memory.debug.CheckedAllocator.Block;
import dev.moonpool.memory.debug.FaultInjectingAllocator;
import dev.moonpool.memory.debug.FaultInjectingAllocator.Plan;
import dev.moonpool.memory.debug.TracingAllocator;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where a state's memory comes from: an allocator, and around it what the options ask for.
 *
 * <pre>
 *     Lua -- TracingAllocator -- FaultInjectingAllocator -- CheckedAllocator -- PoolAllocator
 *               --record              --fail-at             --allocator checked
 * </pre>
 *
 * For one state.
 */
final class MemorySource {
    private final Function<? super Region, ? extends BlockAllocator> base;
    private final @Nullable Long failAt;
    private final @Nullable Path record;
    private @Nullable CheckedAllocator checked;
    private @Nullable TracingAllocator traced;
    private boolean failed;

    /**
     * Says what to make.
     *
     * @param base makes the innermost allocator
     * @param failAt the number of the request to refuse, from 1 on; null for none
     * @param record the file to record requests in; null for none
     */
    MemorySource(
            Function<? super Region, ? extends BlockAllocator> base,
            @Nullable Long failAt,
            @Nullable Path record) {
        this.base = base;
        this.failAt = failAt;
        this.record = record;
    }

    /**
     * {@return the allocator on a region}
     *
     * @throws IllegalArgumentException if there can be no such file to record in
     */
    BlockAllocator on(Region region) {
        BlockAllocator allocator = base.apply(region);
        checked = allocator instanceof CheckedAllocator it ? it : null;
        if (failAt != null) {
            allocator = new FaultInjectingAllocator(allocator, Plan.failing(failAt));
        }
        return record == null ? allocator : recorded(allocator, record);
    }

    private BlockAllocator recorded(BlockAllocator allocator, Path file) {
        try {
            TracingAllocator recording = new TracingAllocator(allocator, file);
            traced = recording;
            return recording;
        } catch (FileSystemException e) {
            throw new IllegalArgumentException(Console.cannotOpen(e, "record to"), e);
        } catch (IOException e) {
            throw new IllegalArgumentException(cannotRecord(file, e), e);
        }
    }

    private static String cannotRecord(@Nullable Path file, IOException e) {
        return "cannot record to %s: %s".formatted(file, e.getMessage());
    }

    /** {@return what the statistics show of a state on this} */
    Figures figures(State lua) {
        List<AllocatorStatistics.Requests> live = checked == null ? List.of() : checked.liveByTag();
        return new Figures(lua.statistics(), lua.freeSpace(), live);
    }

    /**
     * Completes the recording and looks for what went wrong, of which it says a line.
     *
     * @param heap what Lua's requests came through
     * @param closed whether Lua has given back all that it held
     */
    void end(CHeap heap, boolean closed) {
        try {
            if (traced != null) {
                traced.close();
            }
        } catch (IOException e) {
            fail(cannotRecord(record, e));
        }
        String finding = checked == null ? null : finding(checked, heap, closed);
        if (finding != null) {
            fail(finding);
        }
    }

    /** What is wrong, or null. The first of these as a rule explains those after it. */
    private static @Nullable String finding(CheckedAllocator checked, CHeap heap, boolean closed) {
        Throwable rejection = heap.lastRejection();
        if (rejection != null) {
            String reason = rejection.getMessage();
            return reason == null ? rejection.toString() : reason;
        }
        try {
            checked.check();
        } catch (IllegalStateException e) {
            return e.getMessage();
        }
        List<Block> leaked = closed ? checked.liveBlocks() : List.of();
        if (leaked.isEmpty()) {
            return null;
        }
        return "blocks were not given back: count=%d, byteSize=%d; the first: %s"
                .formatted(
                        leaked.size(),
                        leaked.stream().mapToLong(Block::byteSize).sum(),
                        leaked.getFirst());
    }

    private void fail(String message) {
        failed = true;
        int ignored = Console.error(message);
    }

    /** {@return a command's exit code, which is 1 if something went wrong here} */
    int exitCode(int code) {
        return failed ? 1 : code;
    }
}
