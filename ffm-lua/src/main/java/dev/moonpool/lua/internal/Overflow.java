package dev.moonpool.lua.internal;

import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/** Memory for arguments that are too many or too long for the usual frame; rarely there. */
final class Overflow implements Exchange.Memory, AutoCloseable {
    private @Nullable Arena arena;
    private long byteSize;

    @Override
    public long allocate(long byteSize) {
        Arena opened = Arena.ofConfined();
        arena = opened;
        this.byteSize = byteSize;
        return opened.allocate(byteSize, Frame.SLOT_SIZE).address();
    }

    /** {@return the size of the memory} */
    long byteSize() {
        return byteSize;
    }

    @Override
    public void close() {
        if (arena != null) {
            arena.close();
        }
    }
}
