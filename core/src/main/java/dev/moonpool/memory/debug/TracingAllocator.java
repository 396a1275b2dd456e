package dev.moonpool.memory.debug;

import dev.moonpool.memory.BlockAllocator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Records what is asked of an allocator in a file that {@link AllocationTrace} reads.
 *
 * <p>Requests that fail are recorded as such. Calls that are rejected are not recorded, and neither
 * is what is done with blocks that are older than the recording. A block that the caller gives back
 * with a wrong size, where the allocator underneath cannot tell, makes a trace that cannot be read:
 * a {@link CheckedAllocator} tells.
 *
 * <p>A request costs some 100 ns more, and the file 2 to 4 bytes; each live block is two Java
 * objects. What goes wrong with the file ends the recording, is remembered and thrown by {@link
 * #close()}: the caller of a request may be C, and has nothing to do with it. Any thread may call
 * it if any may call the allocator underneath; calls are made one at a time.
 */
public final class TracingAllocator extends DecoratingAllocator implements AutoCloseable {
    private final TraceWriter writer;
    private final Map<Long, Long> ids = new HashMap<>(); // by address
    private long blocks; // so many ids are given
    private boolean closed;

    /**
     * Records from now on.
     *
     * @param delegate the allocator underneath
     * @param file where to; what was in it is lost
     * @throws IOException if the file cannot be opened
     */
    public TracingAllocator(BlockAllocator delegate, Path file) throws IOException {
        super(delegate);
        writer = new TraceWriter(Files.newOutputStream(Objects.requireNonNull(file, "file")));
    }

    @Override
    public synchronized long allocate(long byteSize, int tag) {
        long address = delegate.allocate(byteSize, tag);
        if (!closed) {
            if (address == 0) {
                writer.write(TraceFormat.FAILED_ALLOCATE, tag, byteSize);
            } else {
                ids.put(address, blocks++);
                writer.write(TraceFormat.ALLOCATE, tag, byteSize);
            }
        }
        return address;
    }

    @Override
    public synchronized long reallocate(long address, long oldByteSize, long newByteSize) {
        long moved = delegate.reallocate(address, oldByteSize, newByteSize);
        Long id = ids.get(address);
        if (id != null) {
            if (moved != 0 && moved != address) {
                ids.remove(address);
                ids.put(moved, id);
            }
            int kind = moved == 0 ? TraceFormat.FAILED_REALLOCATE : TraceFormat.REALLOCATE;
            writer.write(kind, distance(id), oldByteSize, newByteSize);
        }
        return moved;
    }

    @Override
    public synchronized void free(long address, long byteSize) {
        delegate.free(address, byteSize);
        Long id = ids.remove(address);
        if (id != null) {
            writer.write(TraceFormat.FREE, distance(id), byteSize);
        }
    }

    private long distance(long id) {
        return blocks - 1 - id;
    }

    /**
     * Completes the file. The allocator goes on, unrecorded, as does the one underneath. Closing
     * again does nothing.
     *
     * @throws IOException if something went wrong with the file since the recording began: it is
     *     not complete then, and cannot be read
     */
    @Override
    public synchronized void close() throws IOException {
        if (!closed) {
            closed = true;
            ids.clear();
            writer.close();
        }
    }
}
