package dev.moonpool.benchmarks;

import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The allocators that are compared in C. {@link Report} leaves out what is not installed. */
@State(Scope.Thread)
public class CAllocators {
    private final CPool shared = new CPool();

    final CAllocator pool = shared.allocator();
    final CAllocator libc = CAllocator.libc();
    final CAllocator libcForLua = CAllocator.libcForLua();
    final CAllocator mimalloc = Mimalloc.find().orElse(libc);
    final CAllocator mimallocForLua = Mimalloc.findForLua().orElse(libc);

    /** Puts a block that is free and a small one behind it, which stays, into each heap. */
    @Setup
    public void separateFromTheRest() {
        Stream.of(pool, libc, libcForLua, mimalloc, mimallocForLua)
                .forEach(CAllocator::leaveFreeBlock);
    }

    /** Gives the pool's memory back. */
    @TearDown
    public void close() {
        shared.close();
    }
}
