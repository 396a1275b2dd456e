package dev.moonpool.memory;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Locale;

/**
 * Address space from the operating system: reserved as a whole, backed by memory only where it is
 * touched, followed by a guard that faults. The numbers are those of the systems' {@code
 * sys/mman.h}.
 */
@SuppressWarnings("restricted") // the one place of this module that maps memory
final class VirtualMemory {
    private static final boolean MAC =
            System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac");
    private static final boolean WINDOWS =
            System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows");

    private static final int PROT_NONE = 0;
    private static final int PROT_READ_WRITE = 1 | 2;
    private static final int MAP_PRIVATE = 2;
    private static final int MAP_ANONYMOUS = MAC ? 0x1000 : 0x20;
    private static final int MAP_NORESERVE = MAC ? 0x40 : 0x4000;
    private static final long MAP_FAILED = -1;

    private VirtualMemory() {}

    /** {@return whether the system's mmap is used; elsewhere memory is committed at once} */
    static boolean isMapped() {
        return !WINDOWS;
    }

    /**
     * Reserves address space, zeroed and readable and writable, that goes back to the system when
     * the arena is closed. A page behind it faults on every access.
     *
     * @throws OutOfMemoryError if the system has no such range
     */
    static MemorySegment reserve(long byteSize, Arena arena) {
        return isMapped() ? Mapping.reserve(byteSize, arena) : arena.allocate(byteSize, 4096);
    }

    /** The downcalls, linked only where they exist. */
    private static final class Mapping {
        private static final Linker LINKER = Linker.nativeLinker();
        private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
        private static final VarHandle ERRNO =
                CAPTURE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
        private static final MethodHandle MMAP =
                link(
                        "mmap",
                        FunctionDescriptor.of(
                                JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT,
                                JAVA_LONG));
        private static final MethodHandle MUNMAP =
                link("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
        private static final MethodHandle MPROTECT =
                link("mprotect", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
        private static final long PAGE = pageSize();

        private static MethodHandle link(String name, FunctionDescriptor descriptor) {
            return LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow(name),
                    descriptor,
                    Linker.Option.captureCallState("errno"));
        }

        private static long pageSize() {
            MethodHandle getPageSize =
                    LINKER.downcallHandle(
                            LINKER.defaultLookup().findOrThrow("getpagesize"),
                            FunctionDescriptor.of(JAVA_INT));
            try {
                return (int) getPageSize.invokeExact();
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
        }

        static MemorySegment reserve(long byteSize, Arena arena) {
            long pages = (byteSize + PAGE - 1) & -PAGE;
            long mapped = pages + PAGE;
            try (Arena scratch = Arena.ofConfined()) {
                MemorySegment errno = scratch.allocate(CAPTURE);
                long address =
                        (long)
                                MMAP.invokeExact(
                                        errno,
                                        0L,
                                        mapped,
                                        PROT_READ_WRITE,
                                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                                        -1,
                                        0L);
                if (address == MAP_FAILED) {
                    throw new OutOfMemoryError(
                            "cannot reserve address space: byteSize=%d, errno=%d"
                                    .formatted(byteSize, (int) ERRNO.get(errno, 0L)));
                }
                int guarded = (int) MPROTECT.invokeExact(errno, address + pages, PAGE, PROT_NONE);
                if (guarded != 0) {
                    int reason = (int) ERRNO.get(errno, 0L);
                    unmap(address, mapped);
                    throw new OutOfMemoryError("cannot protect the guard page: errno=" + reason);
                }
                return MemorySegment.ofAddress(address)
                        .reinterpret(byteSize, arena, segment -> unmap(address, mapped));
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
        }

        private static void unmap(long address, long byteSize) {
            try (Arena scratch = Arena.ofConfined()) {
                MemorySegment errno = scratch.allocate(CAPTURE);
                int status = (int) MUNMAP.invokeExact(errno, address, byteSize);
                assert status == 0 : "munmap: errno=" + (int) ERRNO.get(errno, 0L);
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
        }
    }
}
