package dev.moonpool.memory;

import java.lang.foreign.MemorySegment;

/** Memory as C sees it: any address, and nobody who checks. */
@SuppressWarnings("restricted") // the tests play the C program
public final class NativeMemory {
    private NativeMemory() {}

    public static MemorySegment at(long address, long byteSize) {
        return MemorySegment.ofAddress(address).reinterpret(byteSize);
    }
}
