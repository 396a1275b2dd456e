package dev.moonpool.lua.internal;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.moonpool.memory.CHeap;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.ref.WeakReference;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What C calls: one function pointer per signature for the whole process. The number that comes
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

    /** An {@code mp_invoke}. */
    static final MemorySegment INVOKE =
            pointer(
                    "invoke",
                    FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));

    /** An {@code mp_discard}. */
    static final MemorySegment DISCARD =
            pointer("discard", FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG));

    /** An {@code mp_exit_hook}. */
    static final MemorySegment EXIT =
            pointer("exit", FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_INT, JAVA_INT));

    /**
     * A state as C knows it. Its memory is there until it is closed; the state itself only as long
     * as somebody can use it.
     */
    private static final class Entry extends WeakReference<State> {
        private final CHeap heap;

        Entry(CHeap heap, State state) {
            super(state);
            this.heap = heap;
        }
    }

    /** Grows by copying, so that a reader sees the old array or the new one. */
    private static volatile @Nullable Entry[] entries = new Entry[16];

    private static volatile @Nullable ProcessExit processExit;

    private Callbacks() {}

    /** Says how os.exit ends the process, which is Lua's own then. */
    static void onExit(ProcessExit exit) {
        processExit = exit;
    }

    /** {@return the number of a new state} */
    static synchronized long add(State state, CHeap heap) {
        int free = 0;
        while (free < entries.length && entries[free] != null) {
            free++;
        }
        @Nullable Entry[] changed = Arrays.copyOf(entries, Math.max(entries.length, 2 * free));
        changed[free] = new Entry(heap, state);
        entries = changed;
        return free;
    }

    /**
     * Forgets a state that was closed. Doing it again does nothing, to the number's next one too.
     */
    static synchronized void remove(long number, CHeap heap) {
        Entry entry = entries[(int) number];
        if (entry != null && entry.heap == heap) {
            @Nullable Entry[] changed = entries.clone();
            changed[(int) number] = null;
            entries = changed;
        }
    }

    private static @Nullable State state(long number) {
        Entry entry = entries[(int) number];
        return entry == null ? null : entry.get();
    }

    /**
     * Called by Lua for every request. In C's calling conventions a pointer travels as a 64-bit
     * integer does, which saves an object per pointer.
     */
    @SuppressWarnings("unused")
    static long allocate(long ud, long address, long oldSize, long newSize) {
        Entry entry = entries[(int) ud];
        return entry == null ? 0 : entry.heap.luaAlloc(address, oldSize, newSize);
    }

    /** Called when Lua calls a Java function. {@return the address of the reply, or 0} */
    @SuppressWarnings("unused")
    static long invoke(long number, long id, long frame, long byteSize) {
        try {
            State state = state(number);
            return state == null ? 0 : state.invoked(id, frame, byteSize);
        } catch (Throwable e) {
            return 0; // there was not even room to say what was thrown
        }
    }

    /** Called when Lua has no use for a Java function or object any more. */
    @SuppressWarnings("unused")
    static void discard(long number, long id) {
        try {
            State state = state(number);
            if (state != null) {
                state.discarded(id);
            }
        } catch (Throwable e) {
            // It stays in the table, which costs memory and does no other harm.
        }
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
