package dev.moonpool.memory.debug;

import dev.moonpool.memory.debug.AllocationTrace.Visitor;
import java.util.ArrayList;
import java.util.List;

/** The records of a trace as objects, to compare. */
final class RecordedTrace implements Visitor {
    final List<String> records = new ArrayList<>();

    static List<String> of(AllocationTrace trace) {
        RecordedTrace recorded = new RecordedTrace();
        trace.forEach(recorded);
        return recorded.records;
    }

    @Override
    public void allocate(int block, long byteSize, int tag) {
        records.add("allocate %d: %d, %d".formatted(block, byteSize, tag));
    }

    @Override
    public void reallocate(int block, long oldByteSize, long newByteSize) {
        records.add("reallocate %d: %d, %d".formatted(block, oldByteSize, newByteSize));
    }

    @Override
    public void free(int block, long byteSize) {
        records.add("free %d: %d".formatted(block, byteSize));
    }

    @Override
    public void failedAllocate(long byteSize, int tag) {
        records.add("failed allocate: %d, %d".formatted(byteSize, tag));
    }

    @Override
    public void failedReallocate(int block, long oldByteSize, long newByteSize) {
        records.add("failed reallocate %d: %d, %d".formatted(block, oldByteSize, newByteSize));
    }
}
