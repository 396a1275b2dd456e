package dev.moonpool.memory;

/** Which allocator a control block belongs to; the code is what stands in its field. */
enum AllocatorKind {
    BUMP(1),
    SYSTEM(2),
    POOL(3);

    private final long code;

    AllocatorKind(long code) {
        this.code = code;
    }

    long code() {
        return code;
    }

    static String of(long code) {
        for (AllocatorKind kind : values()) {
            if (kind.code == code) {
                return kind.name();
            }
        }
        return Long.toString(code);
    }
}
