package dev.moonpool.benchmarks;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.util.List;
import java.util.Optional;

/** mimalloc, where a system has its library installed. */
final class Mimalloc {
    private static final List<String> FILES =
            List.of("libmimalloc.so.2", "libmimalloc.so", "libmimalloc.dylib", "mimalloc.dll");

    private Mimalloc() {}

    /** {@return the allocator, or nothing if no library of its names can be loaded} */
    static Optional<CAllocator> find() {
        return FILES.stream().flatMap(file -> load(file).stream()).findFirst();
    }

    @SuppressWarnings("restricted") // its time is what is measured
    private static Optional<CAllocator> load(String file) {
        try {
            SymbolLookup library = SymbolLookup.libraryLookup(file, Arena.global());
            return Optional.of(
                    CAllocator.malloc(
                            library.findOrThrow("mi_malloc"), library.findOrThrow("mi_free")));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // there is none of this name
        }
    }
}
