package dev.moonpool.memory;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
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
import java.util.function.Consumer;

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
    private static final int MADV_DONTNEED = 4;
    private static final int MADV_HUGEPAGE = 14;

    /** What counts as a page where there is no mmap. */
    private static final long ARENA_PAGE = 4096;

    /** How many pages one look at what is resident covers. */
    private static final int PAGES_AT_ONCE = 1 << 16;

    private VirtualMemory() {}

    /** {@return whether the system's mmap is used; elsewhere memory is committed at once} */
    static boolean isMapped() {
        return !WINDOWS;
    }

    /**
     * Reserves address space, zeroed and readable and writable, that goes back to the system when
     * the arena is closed. A page behind it faults on every access; behind that is scratch, at
     * {@link #scratchOffset}.
     *
     * @param byteSize how much
     * @param scratchByteSize how much scratch
     * @param arena what it lives in
     * @param closed is called when the arena has been closed, with what gives the range back, to be
     *     run when nobody is at work in it. Not called where there is no mmap
     * @throws OutOfMemoryError if the system has no such range
     */
    static MemorySegment reserve(
            long byteSize, long scratchByteSize, Arena arena, Consumer<Runnable> closed) {
        if (isMapped()) {
            return Mapping.reserve(byteSize, scratchByteSize, arena, closed);
        }
        return arena.allocate(scratchOffset(byteSize) + scratchByteSize, ARENA_PAGE)
                .asSlice(0, byteSize);
    }

    /** {@return where the scratch of a reservation begins, counted from its start} */
    static long scratchOffset(long byteSize) {
        long page = isMapped() ? Mapping.PAGE : ARENA_PAGE;
        return roundUp(byteSize, page) + page;
    }

    private static long roundUp(long byteSize, long page) {
        return (byteSize + page - 1) & -page;
    }

    /**
     * Gives the whole pages of a range back to the system. What they held is undefined afterwards;
     * the range stays usable.
     *
     * @return how many bytes went back
     */
    static long release(MemorySegment memory, long from, long to) {
        return isMapped() ? Mapping.advise(memory, from, to, MADV_DONTNEED) : 0;
    }

    /**
     * Asks for large pages in a range, where the system has them for the asking: fewer faults, and
     * fewer misses when addresses are translated. It commits memory in larger pieces then.
     */
    static void preferLargePages(MemorySegment memory, long from, long to) {
        if (isMapped() && !MAC) {
            Mapping.advise(memory, from, to, MADV_HUGEPAGE);
        }
    }

    /** {@return how many bytes of a reservation are in physical memory} */
    static long resident(MemorySegment memory) {
        return isMapped() ? Mapping.resident(memory) : memory.byteSize();
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
        private static final MethodHandle MADVISE =
                link("madvise", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
        private static final MethodHandle MINCORE =
                link("mincore", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, ADDRESS));
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

        static MemorySegment reserve(
                long byteSize, long scratchByteSize, Arena arena, Consumer<Runnable> closed) {
            long guard = roundUp(byteSize, PAGE);
            long mapped = guard + PAGE + roundUp(scratchByteSize, PAGE);
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
                int guarded = (int) MPROTECT.invokeExact(errno, address + guard, PAGE, PROT_NONE);
                if (guarded != 0) {
                    int reason = (int) ERRNO.get(errno, 0L);
                    unmap(address, mapped);
                    throw new OutOfMemoryError("cannot protect the guard page: errno=" + reason);
                }
                return MemorySegment.ofAddress(address)
                        .reinterpret(
                                byteSize, arena, _ -> closed.accept(() -> unmap(address, mapped)));
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
        }

        /** {@return how many bytes the advice was taken for} */
        static long advise(MemorySegment memory, long from, long to, int advice) {
            long first = (memory.address() + from + PAGE - 1) & -PAGE;
            long end = (memory.address() + to) & -PAGE;
            if (first >= end) {
                return 0;
            }
            try (Arena scratch = Arena.ofConfined()) {
                MemorySegment errno = scratch.allocate(CAPTURE);
                int status = (int) MADVISE.invokeExact(errno, first, end - first, advice);
                return status == 0 ? end - first : 0;
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
        }

        static long resident(MemorySegment memory) {
            long resident = 0;
            try (Arena scratch = Arena.ofConfined()) {
                MemorySegment errno = scratch.allocate(CAPTURE);
                MemorySegment pages = scratch.allocate(PAGES_AT_ONCE);
                long atOnce = PAGES_AT_ONCE * PAGE;
                for (long from = 0; from < memory.byteSize(); from += atOnce) {
                    long length = Math.min(atOnce, memory.byteSize() - from);
                    int status =
                            (int)
                                    MINCORE.invokeExact(
                                            errno, memory.address() + from, length, pages);
                    if (status != 0) {
                        throw new AssertionError("mincore: errno=" + (int) ERRNO.get(errno, 0L));
                    }
                    for (long page = 0; page * PAGE < length; page++) {
                        resident += (pages.get(JAVA_BYTE, page) & 1) * PAGE;
                    }
                }
                return resident;
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
