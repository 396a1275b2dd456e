package dev.moonpool.lua;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.invoke.MethodHandle;

/** The environment as C sees it; Java's own view of it is a copy that was made at the start. */
final class CEnvironment {
    private CEnvironment() {}

    static void set(String name, String value) {
        try (Arena arena = Arena.ofConfined()) {
            var status =
                    (int)
                            link("setenv", ADDRESS, ADDRESS, JAVA_INT)
                                    .invokeExact(
                                            arena.allocateFrom(name), arena.allocateFrom(value), 1);
            assert status == 0;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    static void unset(String name) {
        try (Arena arena = Arena.ofConfined()) {
            var status = (int) link("unsetenv", ADDRESS).invokeExact(arena.allocateFrom(name));
            assert status == 0;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    @SuppressWarnings("restricted") // Java cannot change the environment
    private static MethodHandle link(String function, MemoryLayout... parameters) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(function),
                FunctionDescriptor.of(JAVA_INT, parameters));
    }
}
