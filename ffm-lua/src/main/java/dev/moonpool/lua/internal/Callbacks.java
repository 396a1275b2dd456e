package dev.moonpool.lua.internal;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.moonpool.memory.CHeap;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What C calls: one function pointer per signature for the whole process. The {@code ud} that comes
 * with each call is an index into the table of states.
 *
 * <p>No exception leaves a method that C calls: that would end the JVM.
 */
final class Callbacks {
    /** A {@code lua_Alloc}. */
    static final MemorySegment ALLOCATE =
            pointer(
                    "allocate",
                    FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));

    /** An {@code mp_exit_hook}. */
    static final MemorySegment EXIT =
            pointer("exit", FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_INT, JAVA_INT));

    /** Grows by copying, so that a reader sees the old array or the new one. */
    private static volatile @Nullable CHeap[] heaps = new CHeap[16];

    private static volatile @Nullable ProcessExit processExit;

    private Callbacks() {}

    /** Says how os.exit ends the process, which is Lua's own then. */
    static void onExit(ProcessExit exit) {
        processExit = exit;
    }

    /** {@return the {@code ud} of a new state} */
    static synchronized long add(CHeap heap) {
        int free = 0;
        while (free < heaps.length && heaps[free] != null) {
            free++;
        }
        @Nullable CHeap[] changed = Arrays.copyOf(heaps, Math.max(heaps.length, 2 * free));
        changed[free] = heap;
        heaps = changed;
        return free;
    }

    /** Forgets a state that was closed. */
    static synchronized void remove(long ud) {
        @Nullable CHeap[] changed = heaps.clone();
        changed[(int) ud] = null;
        heaps = changed;
    }

    /**
     * Called by Lua for every request. In C's calling conventions a pointer travels as a 64-bit
     * integer does, which saves an object per pointer.
     */
    @SuppressWarnings("unused")
    static long allocate(long ud, long address, long oldSize, long newSize) {
        CHeap heap = heaps[(int) ud];
        return heap == null ? 0 : heap.luaAlloc(address, oldSize, newSize);
    }

    /** Called by os.exit; C cannot go on after it, so it does not return. */
    @SuppressWarnings("unused")
    static void exit(long ud, int status, int closed) {
        try {
            ProcessExit exit = processExit;
            if (exit != null) {
                exit.exit(status, closed != 0);
            }
        } finally {
            Runtime.getRuntime().halt(status);
        }
    }

    @SuppressWarnings("restricted") // this class is where C calls Java
    private static MemorySegment pointer(String method, FunctionDescriptor descriptor) {
        try {
            var target =
                    MethodHandles.lookup()
                            .findStatic(Callbacks.class, method, descriptor.toMethodType());
            return Linker.nativeLinker().upcallStub(target, descriptor, Arena.global());
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(method, e);
        }
    }
}
