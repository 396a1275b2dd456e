package dev.moonpool.memory.debug;

import dev.moonpool.memory.BlockAllocator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;

/**
 * What was asked of an allocator, in order, as {@link TracingAllocator} recorded it.
 *
 * <p>A block has an id here instead of an address: the running number of its record, from 0 on. The
 * trace is kept as it is in the file, 2 to 4 bytes per record, and was verified when it was read:
 * all of its blocks are live when they are resized or freed, and have the size that the record
 * says.
 *
 * <p>Immutable; any thread may use it.
 */
public final class AllocationTrace {
    private final byte[] bytes;
    private final int records;
    private final int blocks;

    private AllocationTrace(byte[] bytes, int records, int blocks) {
        this.bytes = bytes;
        this.records = records;
        this.blocks = blocks;
    }

    /** Sees the records of a trace. Sizes are in bytes and greater than 0. */
    public interface Visitor {
        /**
         * A block was handed out.
         *
         * @param block the id of the block; one more than the one before
         * @param byteSize its size
         * @param tag the tag of the request
         */
        void allocate(int block, long byteSize, int tag);

        /**
         * A block was resized.
         *
         * @param block the id of the block
         * @param oldByteSize its size before
         * @param newByteSize its size now
         */
        void reallocate(int block, long oldByteSize, long newByteSize);

        /**
         * A block was given back.
         *
         * @param block the id of the block
         * @param byteSize its size
         */
        void free(int block, long byteSize);

        /**
         * There was no memory for a block.
         *
         * @param byteSize the size that was asked for
         * @param tag the tag of the request
         */
        void failedAllocate(long byteSize, int tag);

        /**
         * There was no memory to resize a block.
         *
         * @param block the id of the block
         * @param oldByteSize its size, before and now
         * @param newByteSize the size that was asked for
         */
        void failedReallocate(int block, long oldByteSize, long newByteSize);
    }

    /**
     * Reads a whole trace and verifies it.
     *
     * @param file the file
     * @return the trace
     * @throws IOException if the file cannot be read, is larger than 2 GiB, is no trace, was cut
     *     off, or has a record that cannot be; the message says the offset and what is there
     */
    public static AllocationTrace read(Path file) throws IOException {
        long byteSize = Files.size(Objects.requireNonNull(file, "file"));
        if (byteSize > Integer.MAX_VALUE - Long.BYTES) { // no array is larger
            throw new IOException("trace is too large: byteSize=" + byteSize);
        }
        return of(Files.readAllBytes(file));
    }

    /** Takes the bytes of a file. */
    static AllocationTrace of(byte[] bytes) throws IOException {
        TraceReader reader = new TraceReader(bytes);
        verify(reader);
        return new AllocationTrace(bytes, reader.records(), reader.blocks());
    }

    /** Follows the sizes of all blocks. */
    private static void verify(TraceReader reader) throws IOException {
        long[] sizes = new long[64]; // by id; 0 for those that were freed
        while (reader.next()) {
            switch (reader.kind()) {
                case TraceFormat.ALLOCATE -> {
                    if (reader.block() == sizes.length) {
                        sizes = Arrays.copyOf(sizes, 2 * sizes.length);
                    }
                    sizes[reader.block()] = reader.newSize();
                }
                case TraceFormat.REALLOCATE -> {
                    requireSize(reader, sizes);
                    sizes[reader.block()] = reader.newSize();
                }
                case TraceFormat.FREE -> {
                    requireSize(reader, sizes);
                    sizes[reader.block()] = 0;
                }
                case TraceFormat.FAILED_REALLOCATE -> requireSize(reader, sizes);
                default -> {} // a failed request for a block can be anything
            }
        }
    }

    private static void requireSize(TraceReader reader, long[] sizes) throws IOException {
        long size = sizes[reader.block()];
        if (size != reader.oldSize()) {
            throw reader.broken(
                    size == 0 ? "block was freed already" : "size is not the block's",
                    "block=%d, byteSize=%d, expected=%d"
                            .formatted(reader.block(), reader.oldSize(), size));
        }
    }

    /** {@return how many records there are} */
    public int records() {
        return records;
    }

    /** {@return how many blocks were handed out} */
    public int blocks() {
        return blocks;
    }

    /** {@return the size of the trace in bytes} */
    public long byteSize() {
        return bytes.length;
    }

    /**
     * Shows all records, in order. O(1) in memory.
     *
     * @param visitor sees each record
     */
    public void forEach(Visitor visitor) {
        Objects.requireNonNull(visitor, "visitor");
        try {
            TraceReader reader = new TraceReader(bytes);
            while (reader.next()) {
                show(reader, visitor);
            }
        } catch (IOException e) {
            throw new AssertionError("trace was verified", e);
        }
    }

    private static void show(TraceReader record, Visitor visitor) {
        switch (record.kind()) {
            case TraceFormat.ALLOCATE ->
                    visitor.allocate(record.block(), record.newSize(), record.tag());
            case TraceFormat.REALLOCATE ->
                    visitor.reallocate(record.block(), record.oldSize(), record.newSize());
            case TraceFormat.FREE -> visitor.free(record.block(), record.oldSize());
            case TraceFormat.FAILED_ALLOCATE ->
                    visitor.failedAllocate(record.newSize(), record.tag());
            case TraceFormat.FAILED_REALLOCATE ->
                    visitor.failedReallocate(record.block(), record.oldSize(), record.newSize());
            default -> throw new AssertionError(record.kind());
        }
    }

    /**
     * Asks an allocator what was asked then.
     *
     * @param allocator the allocator
     * @return what came of it
     */
    public Replay replay(BlockAllocator allocator) {
        return replay(allocator, () -> {});
    }

    /**
     * Asks an allocator what was asked then. It costs some nanoseconds per record on top of what
     * the allocator and the observer do, and 16 bytes of Java's heap per block of the trace.
     *
     * <p>A request that failed then is made too, as it may have made the allocator consolidate. If
     * it is served now, that is undone at once: the block is freed, or shrunk again. Where one
     * fails now that was served then, the block is not there, and what was done with it is left
     * out; or it stays as it was.
     *
     * @param allocator the allocator
     * @param afterEach runs after each record, to look at the allocator: its {@linkplain
     *     BlockAllocator#statistics() footprint}, say
     * @return what came of it
     */
    public Replay replay(BlockAllocator allocator, Runnable afterEach) {
        Objects.requireNonNull(allocator, "allocator");
        Objects.requireNonNull(afterEach, "afterEach");
        Replay replay = new Replay(allocator, blocks, afterEach);
        forEach(replay.visitor());
        return replay;
    }
}
