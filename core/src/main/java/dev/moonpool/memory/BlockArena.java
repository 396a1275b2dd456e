package dev.moonpool.memory;

import dev.moonpool.memory.ChunkSource.Chunk;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * An {@link Arena} whose memory comes from a {@link BlockAllocator}. It promises what {@link
 * Arena#ofConfined()} does: segments are zeroed, aligned to any power of two, do not overlap, are
 * for the thread that opened the arena, and die when it is closed. Closing gives all of its memory
 * back to the allocator. Until then the allocator's region cannot be closed.
 *
 * {@snippet :
 * try (BlockArena outer = allocator.openArena()) {
 *     MemorySegment table = outer.allocate(ValueLayout.JAVA_INT, 1000);
 *     for (String name : names) {
 *         try (Arena arena = outer.openArena()) { // some nanoseconds
 *             MemorySegment copy = arena.allocateFrom(name);
 *         }
 *     }
 * }
 * }
 *
 * <p>Arenas that are opened from one another share the hold on the region, and keep a chunk of 1
 * KiB in reserve until the last of them is closed; that makes opening and closing cheap where
 * another one stays open. For the rest they are independent, and may be closed in any order.
 *
 * <p>Memory is taken from the allocator in chunks, of 1 KiB at first and twice as much each time up
 * to 64 KiB, and within a chunk by moving forward:
 *
 * <pre>
 *     current                          top
 *      | segment | pad | segment | ... |  remaining  |
 * </pre>
 *
 * <ol>
 *   <li>top and the size of every chunk are multiples of 8
 *   <li>a chunk is in this arena's list from when it is handed out until the scope has ended: no
 *       segment that can be accessed is on memory that was given back
 *   <li>every allocation zeroes its segment before it changes anything else, which fails in another
 *       thread and when the scope has ended: where there is room, there is no other check of either
 * </ol>
 *
 * An allocation is O(size), for zeroing. It fails iff the allocator has no block for the size,
 * rounded up to 8, and what the alignment adds.
 *
 * <p>Only the thread that opened an arena can use it. As the allocator is for one thread at a time,
 * nobody else may use the allocator while that thread opens, allocates or closes.
 *
 * @see BlockAllocator#openArena()
 */
public final class BlockArena implements Arena {
    private static final long MAX_CHUNK = 64 << 10;

    private final ChunkSource source;
    private final Arena session = Arena.ofConfined(); // gives the scope, and no memory
    private final MemorySegment.Scope scope = session.scope();
    private final Thread owner = Thread.currentThread();
    private @Nullable Chunk chunks; // all of them
    private MemorySegment current; // the one that is allocated from; empty if there is none yet
    private long top;
    private boolean released;

    private BlockArena(ChunkSource source) {
        this.source = source;
        Chunk first = source.reserve();
        current = inScope(first == null ? MemorySegment.NULL : first.memory);
        chunks = source.join(); // the last step: what throws before it leaves nothing behind
    }

    /** Opens an arena that shares nothing. */
    static BlockArena open(BlockAllocator allocator) {
        ChunkSource source = new ChunkSource(allocator);
        try {
            return new BlockArena(source);
        } catch (Throwable e) {
            source.end(e);
            throw e;
        }
    }

    /**
     * Opens another arena on the same allocator, for the same thread. It is independent of this
     * one, and much cheaper than {@link BlockAllocator#openArena()}.
     *
     * @return the arena; has to be closed
     * @throws IllegalStateException if this arena is closed
     * @throws WrongThreadException if another thread has opened it
     */
    public BlockArena openArena() {
        requireUsable();
        return new BlockArena(source);
    }

    @Override
    public MemorySegment.Scope scope() {
        return scope;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if {@code byteSize < 0}, or if {@code byteAlignment} is no
     *     power of two
     * @throws IllegalStateException if this arena is closed
     * @throws WrongThreadException if another thread has opened it
     * @throws OutOfMemoryError if the allocator does not have the memory
     */
    @Override
    public MemorySegment allocate(long byteSize, long byteAlignment) {
        Blocks.requireSegment(byteSize, byteAlignment);
        long start = startIn(current, top, byteAlignment);
        if (Math.max(1, byteSize) > current.byteSize() - start) {
            return allocateElsewhere(byteSize, byteAlignment);
        }
        MemorySegment segment = current.asSlice(start, byteSize).fill((byte) 0);
        top = start + taken(byteSize);
        return segment;
    }

    /** The offset of the first aligned address from {@code top} on. */
    private static long startIn(MemorySegment chunk, long top, long byteAlignment) {
        long base = chunk.address();
        return ((base + top + byteAlignment - 1) & -byteAlignment) - base;
    }

    /** Nothing takes memory too, so that each segment has an address of its own. */
    private static long taken(long byteSize) {
        return (Math.max(1, byteSize) + Long.BYTES - 1) & -Long.BYTES;
    }

    /** When the current chunk has no room; goes on with the chunk that has more of it then. */
    private MemorySegment allocateElsewhere(long byteSize, long byteAlignment) {
        requireUsable();
        MemorySegment chunk = newChunk(byteSize, byteAlignment);
        long start = startIn(chunk, 0, byteAlignment);
        long end = start + taken(byteSize);
        MemorySegment segment = chunk.asSlice(start, byteSize).fill((byte) 0);
        if (chunk.byteSize() - end >= current.byteSize() - top) {
            current = chunk;
            top = end;
        }
        return segment;
    }

    private MemorySegment newChunk(long byteSize, long byteAlignment) {
        long padding = source.paddingFor(byteAlignment);
        Chunk chunk = null;
        if (byteSize <= RegionLayout.MAX_BYTE_SIZE && padding <= RegionLayout.MAX_BYTE_SIZE) {
            long needed = taken(byteSize) + padding;
            long next = Math.clamp(2 * current.byteSize(), ChunkSource.FIRST, MAX_CHUNK);
            chunk = source.allocate(Math.max(needed, next));
            if (chunk == null && needed < next) {
                chunk = source.allocate(needed);
            }
        }
        if (chunk == null) {
            throw Blocks.outOfMemory(byteSize, byteAlignment);
        }
        return added(chunk);
    }

    private MemorySegment added(Chunk chunk) {
        MemorySegment memory;
        try {
            memory = inScope(chunk.memory);
        } catch (Throwable e) { // an allocator in Java can have closed this arena meanwhile
            source.free(chunk);
            throw e;
        }
        chunk.next = chunks;
        chunks = chunk;
        return memory;
    }

    /** The same memory, for as long as this arena is open. Fails where the arena may not be used */
    @SuppressWarnings("restricted") // the lease keeps the memory for longer than the scope lives
    private MemorySegment inScope(MemorySegment memory) {
        return memory.reinterpret(session, null);
    }

    /** With the messages of the JDK's arenas. */
    private void requireUsable() {
        if (Thread.currentThread() != owner) {
            throw new WrongThreadException("Attempted access outside owning thread");
        }
        if (!scope.isAlive()) {
            throw new IllegalStateException("Already closed");
        }
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalStateException if this arena is closed, or if one of its segments is in use by
     *     native code; or if the allocator does not take a chunk back, and then this arena is
     *     closed
     * @throws WrongThreadException if another thread has opened it
     */
    @Override
    public void close() {
        try {
            session.close();
        } catch (Throwable e) {
            releaseAfter(e);
            throw e;
        }
        release();
    }

    /** An action that somebody added to the scope can throw when the scope has ended. */
    private void releaseAfter(Throwable failure) {
        if (Thread.currentThread() != owner || scope.isAlive()) {
            return;
        }
        try {
            release();
        } catch (Throwable e) {
            failure.addSuppressed(e);
        }
    }

    private void release() {
        if (!released) {
            released = true;
            source.leave(chunks);
        }
    }
}
