package dev.moonpool.memory.debug;

/**
 * The file that {@link TracingAllocator} writes and {@link AllocationTrace} reads.
 *
 * <pre>
 *     file   = magic (4 bytes: "MPAT") version (1 byte) record... end
 *     record = head number...
 *     head   = value &lt;&lt; 3 | kind
 *
 *     kind                  value        numbers
 *     0 allocate            tag          size
 *     1 reallocate          newest - id  old size, new size
 *     2 free                newest - id  size
 *     3 failed allocate     tag          size
 *     4 failed reallocate   newest - id  old size, new size
 *     5 end                 0            how many records there were
 * </pre>
 *
 * Heads and numbers are LEB128: seven bits per byte, the low ones first, the upper bit set in all
 * but the last byte; at most 63 bits in 9 bytes. Sizes are in bytes and greater than 0. The id of a
 * block is the running number, from 0 on, of the allocate record that it came with; newest is the
 * largest so far. A typical record takes 2 to 4 bytes.
 */
final class TraceFormat {
    static final byte[] MAGIC = {'M', 'P', 'A', 'T'};
    static final byte VERSION = 1;
    static final int HEADER_SIZE = MAGIC.length + 1;

    static final int ALLOCATE = 0;
    static final int REALLOCATE = 1;
    static final int FREE = 2;
    static final int FAILED_ALLOCATE = 3;
    static final int FAILED_REALLOCATE = 4;
    static final int END = 5;

    static final int KIND_BITS = 3;
    static final int KIND_MASK = (1 << KIND_BITS) - 1;

    static final int NUMBER_BITS = 7;
    static final int NUMBER_MASK = (1 << NUMBER_BITS) - 1;
    static final int MORE = 1 << NUMBER_BITS; // in all but a number's last byte
    static final int MAX_NUMBER_SIZE = (Long.SIZE - 1) / NUMBER_BITS;

    static final int MAX_RECORD_SIZE = 3 * MAX_NUMBER_SIZE;

    private TraceFormat() {}
}
