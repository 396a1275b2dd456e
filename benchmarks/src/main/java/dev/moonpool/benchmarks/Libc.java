package dev.moonpool.benchmarks;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** libc by plain downcalls: what anybody would write who wants malloc, and no more. */
@SuppressWarnings("restricted") // C functions are what is measured
final class Libc {
    /** What a function called by {@link #lfind} looks like: {@code int (*)(void *, void *)}. */
    static final FunctionDescriptor COMPARATOR =
            FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG);

    private static final FunctionDescriptor LONG_OF_LONG =
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG);
    private static final FunctionDescriptor VOID_OF_LONG = FunctionDescriptor.ofVoid(JAVA_LONG);

    private static final MethodHandle MALLOC = link("malloc", LONG_OF_LONG);
    private static final MethodHandle FREE = link("free", VOID_OF_LONG);
    private static final MethodHandle MALLOC_CRITICAL =
            link("malloc", LONG_OF_LONG, Linker.Option.critical(false));
    private static final MethodHandle FREE_CRITICAL =
            link("free", VOID_OF_LONG, Linker.Option.critical(false));
    private static final MethodHandle REALLOC =
            link("realloc", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle LABS = link("labs", LONG_OF_LONG);
    private static final MethodHandle LABS_CRITICAL =
            link("labs", LONG_OF_LONG, Linker.Option.critical(false));
    private static final MethodHandle LFIND =
            link(
                    "lfind",
                    FunctionDescriptor.of(
                            JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));

    private Libc() {}

    private static MethodHandle link(
            String name, FunctionDescriptor descriptor, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor, options);
    }

    static long malloc(long byteSize) {
        try {
            return (long) MALLOC.invokeExact(byteSize);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    static void free(long address) {
        try {
            FREE.invokeExact(address);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    static long mallocCritical(long byteSize) {
        try {
            return (long) MALLOC_CRITICAL.invokeExact(byteSize);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    static void freeCritical(long address) {
        try {
            FREE_CRITICAL.invokeExact(address);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    static long realloc(long address, long byteSize) {
        try {
            return (long) REALLOC.invokeExact(address, byteSize);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** The absolute value: as near to an empty function as libc has one. */
    static long labs(long value) {
        try {
            return (long) LABS.invokeExact(value);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    static long labsCritical(long value) {
        try {
            return (long) LABS_CRITICAL.invokeExact(value);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /**
     * Linear search: calls the comparator for one element after the other until it returns 0.
     *
     * @param key its first argument, each time
     * @param base the first element; each one's address is its second argument
     * @param count the number of elements, as a {@code size_t} in memory
     * @param elementByteSize the size of each in bytes
     * @param comparator the function
     * @return the address of the element found, or 0
     */
    static long lfind(
            MemorySegment key,
            MemorySegment base,
            MemorySegment count,
            long elementByteSize,
            MemorySegment comparator) {
        try {
            return (long) LFIND.invokeExact(key, base, count, elementByteSize, comparator);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }
}
