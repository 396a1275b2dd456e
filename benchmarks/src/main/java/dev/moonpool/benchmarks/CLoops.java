package dev.moonpool.benchmarks;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Loops in C, from the library moonpool-loops of the native build: one downcall for all of one. */
@SuppressWarnings("restricted") // C functions are what is measured
final class CLoops {
    /** The folder of the native build; {@code ./benchmark} passes it. */
    static final String FOLDER = "moonpool.native.build";

    private static final SymbolLookup LOOPS = library("moonpool-loops", "bench");

    /** {@code loop_one_malloc} and so on: the functions, then what the loop is about. */
    static final MethodHandle ONE_MALLOC = one("loop_one_malloc");

    static final MethodHandle ONE_ALLOC = one("loop_one_alloc");
    static final MethodHandle WINDOW_MALLOC = window("loop_window_malloc");
    static final MethodHandle WINDOW_ALLOC = window("loop_window_alloc");

    /** A {@code loop_block}: address and size. */
    static final long BLOCK_BYTE_SIZE = ADDRESS.byteSize() + JAVA_LONG.byteSize();

    private CLoops() {}

    /**
     * {@return the functions of a library of the native build}
     *
     * @param name its name, as {@link System#mapLibraryName} takes it
     * @param folder where it is in the build's folder
     */
    static SymbolLookup library(String name, String folder) {
        String build = System.getProperty(FOLDER);
        if (build == null) {
            throw new IllegalStateException(
                    "no folder of the native build: use ./benchmark, or pass -D" + FOLDER);
        }
        String file = System.mapLibraryName(name);
        Path path = Path.of(build, folder, file);
        Path inConfiguration = Path.of(build, folder, "Release", file);
        return Stream.of(path, inConfiguration)
                .filter(Files::isRegularFile)
                .findFirst()
                .map(found -> SymbolLookup.libraryLookup(found, Arena.global()))
                .orElseThrow(
                        () ->
                                new IllegalStateException(
                                        "no library of the native build; run ./mvnw verify: file="
                                                + path));
    }

    /** {@return the {@code lua_Alloc} of Lua's manual, on libc's realloc and free} */
    static MemorySegment libcAlloc() {
        return LOOPS.findOrThrow("loop_libc_alloc");
    }

    /** {@return the same on another library's: its {@code ud} is a {@code loop_heap}} */
    static MemorySegment heapAlloc() {
        return LOOPS.findOrThrow("loop_heap_alloc");
    }

    private static MethodHandle one(String name) {
        return link(name, FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT));
    }

    private static MethodHandle window(String name) {
        return link(
                name,
                FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_INT));
    }

    private static MethodHandle link(String name, FunctionDescriptor descriptor) {
        return Linker.nativeLinker().downcallHandle(LOOPS.findOrThrow(name), descriptor);
    }
}
