package dev.moonpool.memory;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The operating system's functions for address space, which is backed by memory only where it is
 * touched. The numbers are those of the systems' {@code sys/mman.h}.
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
    private static final int RLIMIT_DATA = 2;
    private static final int RLIMIT_AS = MAC ? 5 : 9;
    private static final long RLIM_INFINITY = MAC ? Long.MAX_VALUE : -1;
    private static final Path OVERCOMMIT = Path.of("/proc/sys/vm/overcommit_memory");

    /** What counts as a page where there is no mmap. */
    private static final long ARENA_PAGE = 4096;

    /** How many pages one look at what is resident covers. */
    private static final int PAGES_AT_ONCE = 1 << 16;

    private VirtualMemory() {}

    /** {@return whether the system's mmap is used; elsewhere memory is committed at once} */
    static boolean isMapped() {
        return !WINDOWS;
    }

    /** {@return the size of a page} */
    static long pageByteSize() {
        return isMapped() ? Mapping.PAGE : ARENA_PAGE;
    }

    /**
     * Maps address space, zeroed and readable and writable. Only where there is mmap.
     *
     * @param byteSize how much
     * @param usable how much of it the caller was asked for, as the error says
     * @return its address
     * @throws OutOfMemoryError if the system has no such range
     */
    static long map(long byteSize, long usable) {
        return Mapping.map(byteSize, usable);
    }

    /** Makes whole pages of a mapping fault on every access. */
    static void protect(long address, long byteSize) {
        Mapping.protect(address, byteSize);
    }

    /** Gives a mapping back to the system. */
    static void unmap(long address, long byteSize) {
        Mapping.unmap(address, byteSize);
    }

    /**
     * {@return whether address space counts, whether it is memory or not: the process has a limit
     * for it, or the system commits memory for all of it} As it was when the first region was made.
     */
    static boolean isScarce() {
        return isMapped() && Mapping.SCARCE;
    }

    /** {@return whether pages are zero when they are touched after they were released} */
    static boolean isZeroOnceReleased() {
        return isMapped() && !MAC;
    }

    /**
     * Gives the whole pages of a range back to the system. What they held is undefined afterwards;
     * the range stays usable.
     *
     * @return how many bytes went back
     */
    static long release(MemorySegment memory, long from, long to) {
        return release(memory.address() + from, memory.address() + to);
    }

    /** As above, between two addresses. */
    static long release(long from, long to) {
        return isMapped() ? Mapping.advise(from, to, MADV_DONTNEED) : 0;
    }

    /**
     * Asks for large pages in a range, where the system has them for the asking: fewer faults, and
     * fewer misses when addresses are translated. It commits memory in larger pieces then.
     */
    static void preferLargePages(MemorySegment memory, long from, long to) {
        if (isMapped() && !MAC) {
            Mapping.advise(memory.address() + from, memory.address() + to, MADV_HUGEPAGE);
        }
    }

    /** {@return how many bytes of a reservation are in physical memory} */
    static long resident(MemorySegment memory) {
        return isMapped() ? Mapping.resident(memory) : memory.byteSize();
    }

    /**
     * Makes the start of a mapping zero: what is in memory is written over, and the rest released.
     * Only where that {@linkplain #isZeroOnceReleased() makes it zero}.
     *
     * @param address of a page
     * @param byteSize how much; whole pages are taken
     * @param counted how much of the mapping is looked at, at least as much
     * @return how many bytes of that are in memory; -1 if the system did not release something
     */
    static long clear(long address, long byteSize, long counted) {
        return Mapping.clear(address, byteSize, counted);
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
                linkPlainly("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
        private static final MethodHandle MPROTECT =
                link("mprotect", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
        private static final MethodHandle MADVISE =
                linkPlainly(
                        "madvise", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
        private static final MethodHandle MINCORE =
                link("mincore", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, ADDRESS));
        private static final long PAGE = pageSize();
        private static final boolean SCARCE =
                isLimited(RLIMIT_AS) || isLimited(RLIMIT_DATA) || isCommitted();

        private static MethodHandle link(String name, FunctionDescriptor descriptor) {
            return LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow(name),
                    descriptor,
                    Linker.Option.captureCallState("errno"));
        }

        /** For what needs no memory to be called with, and whose errors need no number. */
        private static MethodHandle linkPlainly(String name, FunctionDescriptor descriptor) {
            return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor);
        }

        private static long pageSize() {
            MethodHandle getPageSize = linkPlainly("getpagesize", FunctionDescriptor.of(JAVA_INT));
            try {
                return (int) getPageSize.invokeExact();
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
        }

        /** Linux counts what is mapped privately as data, too. */
        private static boolean isLimited(int resource) {
            MethodHandle getLimit =
                    linkPlainly("getrlimit", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
            try (Arena scratch = Arena.ofConfined()) {
                MemorySegment limits = scratch.allocate(JAVA_LONG, 2); // struct rlimit
                int status = (int) getLimit.invokeExact(resource, limits);
                return status != 0 || limits.get(JAVA_LONG, 0) != RLIM_INFINITY;
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
        }

        /** Whether Linux counts all that is mapped: overcommit_memory is 2. */
        private static boolean isCommitted() {
            try {
                return Files.readString(OVERCOMMIT).startsWith("2");
            } catch (IOException e) {
                return false; // as it is where there is no such file
            }
        }

        static long map(long byteSize, long usable) {
            try (Arena scratch = Arena.ofConfined()) {
                MemorySegment errno = scratch.allocate(CAPTURE);
                long address =
                        (long)
                                MMAP.invokeExact(
                                        errno,
                                        0L,
                                        byteSize,
                                        PROT_READ_WRITE,
                                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                                        -1,
                                        0L);
                if (address == MAP_FAILED) {
                    throw new OutOfMemoryError(
                            "cannot reserve address space: byteSize=%d, errno=%d"
                                    .formatted(usable, (int) ERRNO.get(errno, 0L)));
                }
                return address;
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
        }

        static void protect(long address, long byteSize) {
            try (Arena scratch = Arena.ofConfined()) {
                MemorySegment errno = scratch.allocate(CAPTURE);
                int status = (int) MPROTECT.invokeExact(errno, address, byteSize, PROT_NONE);
                if (status != 0) {
                    throw new OutOfMemoryError(
                            "cannot protect the guard page: errno=" + (int) ERRNO.get(errno, 0L));
                }
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
        }

        /** {@return how many bytes the advice was taken for} */
        static long advise(long from, long to, int advice) {
            long first = (from + PAGE - 1) & -PAGE;
            long end = to & -PAGE;
            if (first >= end) {
                return 0;
            }
            try {
                int status = (int) MADVISE.invokeExact(first, end - first, advice);
                return status == 0 ? end - first : 0;
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
        }

        static long resident(MemorySegment memory) {
            return forEachRun(memory.address(), memory.byteSize(), (from, to, resident) -> {});
        }

        static long clear(long address, long byteSize, long counted) {
            boolean[] refused = new boolean[1];
            long kept =
                    forEachRun(
                            address,
                            counted,
                            (from, to, resident) -> {
                                long end = Math.min(to, address + roundUp(byteSize));
                                if (from < end && resident) {
                                    fill(from, end);
                                } else if (from < end) { // it may have been swapped out
                                    refused[0] |= advise(from, end, MADV_DONTNEED) == 0;
                                }
                            });
            return refused[0] ? -1 : kept;
        }

        private static void fill(long from, long to) {
            MemorySegment.ofAddress(from).reinterpret(to - from).fill((byte) 0);
        }

        private static long roundUp(long byteSize) {
            return (byteSize + PAGE - 1) & -PAGE;
        }

        private interface RunVisitor {
            /** Shows pages side by side that are all in memory, or all not. */
            void visit(long from, long to, boolean resident);
        }

        /** {@return how many bytes of the range are in memory} */
        private static long forEachRun(long address, long byteSize, RunVisitor visitor) {
            long sum = 0;
            try (Arena scratch = Arena.ofConfined()) {
                MemorySegment errno = scratch.allocate(CAPTURE);
                long pages = roundUp(byteSize) / PAGE;
                MemorySegment states = scratch.allocate(Math.min(pages, PAGES_AT_ONCE));
                for (long first = 0; first < pages; first += PAGES_AT_ONCE) {
                    long count = Math.min(pages - first, PAGES_AT_ONCE);
                    long from = address + first * PAGE;
                    int status = (int) MINCORE.invokeExact(errno, from, count * PAGE, states);
                    if (status != 0) {
                        throw new AssertionError("mincore: errno=" + (int) ERRNO.get(errno, 0L));
                    }
                    sum += showRuns(from, count, states, visitor);
                }
                return sum;
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
        }

        private static long showRuns(
                long from, long count, MemorySegment states, RunVisitor visitor) {
            long sum = 0;
            long start = 0;
            while (start < count) {
                boolean resident = isResident(states, start);
                long end = start + 1;
                while (end < count && isResident(states, end) == resident) {
                    end++;
                }
                visitor.visit(from + start * PAGE, from + end * PAGE, resident);
                sum += resident ? (end - start) * PAGE : 0;
                start = end;
            }
            return sum;
        }

        private static boolean isResident(MemorySegment states, long page) {
            return (states.get(JAVA_BYTE, page) & 1) != 0;
        }

        /** No call comes behind the system's: where the stack ends, it is done, or not at all. */
        static void unmap(long address, long byteSize) {
            try {
                int status = (int) MUNMAP.invokeExact(address, byteSize);
                assert status == 0
                        : "munmap: address=0x%x, byteSize=%d".formatted(address, byteSize);
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
        }
    }
}
