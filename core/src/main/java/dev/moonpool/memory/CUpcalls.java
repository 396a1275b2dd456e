package dev.moonpool.memory;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Arrays;

/**
 * What C calls: the methods of a {@link CHeap} with every exception kept from leaving. Sizes are
 * C's unsigned ones, so a negative long is a size that no memory has, and no failure of the caller.
 */
record CUpcalls(CHeap heap) {

    long malloc(long size) {
        try {
            return heap.malloc(clamped(size));
        } catch (Throwable e) {
            return rejected(e);
        }
    }

    long calloc(long count, long size) {
        try {
            return heap.calloc(clamped(count), clamped(size));
        } catch (Throwable e) {
            return rejected(e);
        }
    }

    long realloc(long payload, long size) {
        try {
            return heap.realloc(payload, clamped(size));
        } catch (Throwable e) {
            return rejected(e);
        }
    }

    void free(long payload) {
        try {
            heap.free(payload);
        } catch (Throwable e) {
            rejected(e);
        }
    }

    long alignedAlloc(long alignment, long size) {
        try {
            return heap.alignedAlloc(alignment, clamped(size));
        } catch (Throwable e) {
            return rejected(e);
        }
    }

    long mallocStats() {
        try {
            return heap.mallocStats().usedBytes();
        } catch (Throwable e) {
            return rejected(e);
        }
    }

    long mallocRemaining() {
        try {
            return heap.mallocRemaining();
        } catch (Throwable e) {
            return rejected(e);
        }
    }

    @SuppressWarnings("UnusedVariable") // C passes ud; the heap is known already
    long luaAlloc(long ud, long address, long oldSize, long newSize) {
        return heap.luaAlloc(address, oldSize, newSize);
    }

    private static long clamped(long unsigned) {
        return unsigned < 0 ? Long.MAX_VALUE : unsigned;
    }

    private long rejected(Throwable reason) {
        heap.reject(reason);
        return 0;
    }

    /** In C's calling conventions a pointer and a size_t travel as a 64-bit integer does. */
    @SuppressWarnings("restricted") // the pointers are what this class is for
    MemorySegment pointer(String name, int parameters, Arena arena) {
        Class<?> result = name.equals("free") ? void.class : long.class;
        Class<?>[] longs = new Class<?>[parameters];
        Arrays.fill(longs, long.class);
        MethodType type = MethodType.methodType(result, longs);
        try {
            MethodHandle target =
                    MethodHandles.lookup().findVirtual(CUpcalls.class, name, type).bindTo(this);
            return Linker.nativeLinker().upcallStub(target, descriptor(type), arena);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(name, e);
        }
    }

    private static FunctionDescriptor descriptor(MethodType type) {
        var parameters = new MemoryLayout[type.parameterCount()];
        Arrays.fill(parameters, JAVA_LONG);
        return type.returnType() == void.class
                ? FunctionDescriptor.ofVoid(parameters)
                : FunctionDescriptor.of(JAVA_LONG, parameters);
    }
}
