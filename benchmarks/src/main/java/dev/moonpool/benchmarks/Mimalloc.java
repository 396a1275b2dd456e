package dev.moonpool.benchmarks;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/** mimalloc, where a system has its library installed. */
final class Mimalloc {
    private static final List<String> FILES =
            List.of("libmimalloc.so.2", "libmimalloc.so", "libmimalloc.dylib", "mimalloc.dll");

    private Mimalloc() {}

    /** {@return the allocator, or nothing if no library of its names can be loaded} */
    static Optional<CAllocator> find() {
        return find("mi_malloc", CAllocator::malloc);
    }

    /** {@return the same, as a {@code lua_Alloc}} */
    static Optional<CAllocator> findForLua() {
        return find("mi_realloc", CAllocator::forLua);
    }

    private static Optional<CAllocator> find(
            String allocate, BiFunction<MemorySegment, MemorySegment, CAllocator> kind) {
        return library()
                .map(
                        library ->
                                kind.apply(
                                        library.findOrThrow(allocate),
                                        library.findOrThrow("mi_free")));
    }

    private static Optional<SymbolLookup> library() {
        return FILES.stream().flatMap(file -> load(file).stream()).findFirst();
    }

    @SuppressWarnings("restricted") // its time is what is measured
    private static Optional<SymbolLookup> load(String file) {
        try {
            return Optional.of(SymbolLookup.libraryLookup(file, Arena.global()));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // there is none of this name
        }
    }
}
