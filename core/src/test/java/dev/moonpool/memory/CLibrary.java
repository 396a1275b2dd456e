package dev.moonpool.memory;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A shared library's functions, called with whatever arguments a test has. */
@SuppressWarnings("restricted") // the tests play the C program
record CLibrary(SymbolLookup symbols) {

    static CLibrary at(Path file, Arena arena) {
        return new CLibrary(SymbolLookup.libraryLookup(file, arena));
    }

    /** A library of the system's, under the first name it has; the test is skipped without it. */
    static CLibrary ofSystem(Arena arena, String... names) {
        for (String name : names) {
            try {
                return new CLibrary(SymbolLookup.libraryLookup(name, arena));
            } catch (IllegalArgumentException e) {
                // not under this name
            }
        }
        return Assumptions.abort("not installed: " + Arrays.toString(names));
    }

    /** Calls a function with a 64-bit result, or with none: then the result means nothing. */
    long call(String name, Object... arguments) {
        return call(symbols.findOrThrow(name), arguments);
    }

    /** Calls a function with an int result. */
    int callInt(String name, Object... arguments) {
        return (int) invoke(symbols.findOrThrow(name), JAVA_INT, arguments);
    }

    /** Calls through a function pointer. */
    static long call(MemorySegment function, Object... arguments) {
        return (long) invoke(function, JAVA_LONG, arguments);
    }

    private static Object invoke(MemorySegment function, MemoryLayout result, Object... arguments) {
        MemoryLayout[] parameters =
                Stream.of(arguments)
                        .map(argument -> layoutOf(argument.getClass()))
                        .toArray(MemoryLayout[]::new);
        FunctionDescriptor descriptor = FunctionDescriptor.of(result, parameters);
        MethodHandle handle = Linker.nativeLinker().downcallHandle(function, descriptor);
        try {
            return handle.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new AssertionError("a call into C threw", e);
        }
    }

    /** A pointer to the only method of that name that the object's class has. */
    static MemorySegment pointerTo(Object receiver, String name, Arena arena) {
        Method method =
                Stream.of(receiver.getClass().getDeclaredMethods())
                        .filter(candidate -> candidate.getName().equals(name))
                        .findFirst()
                        .orElseThrow();
        MemoryLayout[] parameters =
                Stream.of(method.getParameterTypes())
                        .map(CLibrary::layoutOf)
                        .toArray(MemoryLayout[]::new);
        FunctionDescriptor descriptor =
                method.getReturnType() == void.class
                        ? FunctionDescriptor.ofVoid(parameters)
                        : FunctionDescriptor.of(layoutOf(method.getReturnType()), parameters);
        try {
            MethodHandle target = MethodHandles.lookup().unreflect(method).bindTo(receiver);
            return Linker.nativeLinker().upcallStub(target, descriptor, arena);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    private static MemoryLayout layoutOf(Class<?> type) {
        if (type == Integer.class || type == int.class) {
            return JAVA_INT;
        }
        return type == Long.class || type == long.class ? JAVA_LONG : ADDRESS;
    }

    /** {@return an array of pointers} */
    static MemorySegment pointers(Arena arena, MemorySegment... values) {
        MemorySegment array = arena.allocate(ADDRESS, values.length);
        for (int i = 0; i < values.length; i++) {
            array.setAtIndex(ADDRESS, i, values[i]);
        }
        return array;
    }
}
