package dev.moonpool.memory.debug;

import dev.moonpool.memory.BlockAllocator;
import java.io.IOException;
import java.util.Arrays;

/** Decodes a trace record by record. Which blocks are live it does not know. */
final class TraceReader {
    private final byte[] bytes;
    private int position = TraceFormat.HEADER_SIZE;
    private int records;
    private int blocks;

    // The record that was read last.
    private int start;
    private int kind;
    private long value; // the head's
    private long oldSize;
    private long newSize;

    /** Reads a file from its first byte on. */
    TraceReader(byte[] bytes) throws IOException {
        this.bytes = bytes;
        byte[] magic = Arrays.copyOf(bytes, TraceFormat.MAGIC.length);
        if (!Arrays.equals(magic, TraceFormat.MAGIC)) {
            throw new IOException(
                    "file is no allocation trace: offset=0, found=%s, expected=%s"
                            .formatted(Arrays.toString(magic), Arrays.toString(TraceFormat.MAGIC)));
        }
        if (bytes.length < TraceFormat.HEADER_SIZE) {
            throw cut();
        }
        byte version = bytes[TraceFormat.HEADER_SIZE - 1];
        if (version != TraceFormat.VERSION) {
            throw new IOException(
                    "trace is of another version: offset=%d, found=%d, expected=%d"
                            .formatted(TraceFormat.HEADER_SIZE - 1, version, TraceFormat.VERSION));
        }
    }

    /** Reads the next record. {@return false at the end} */
    boolean next() throws IOException {
        start = position;
        long head = number();
        kind = (int) head & TraceFormat.KIND_MASK;
        value = head >>> TraceFormat.KIND_BITS;
        switch (kind) {
            case TraceFormat.ALLOCATE, TraceFormat.FAILED_ALLOCATE -> readAllocate();
            case TraceFormat.REALLOCATE, TraceFormat.FAILED_REALLOCATE -> readReallocate();
            case TraceFormat.FREE -> readFree();
            case TraceFormat.END -> readEnd();
            default -> throw broken("kind of record is unknown", "kind=" + kind);
        }
        records += kind == TraceFormat.END ? 0 : 1;
        return kind != TraceFormat.END;
    }

    private void readAllocate() throws IOException {
        if (value >= BlockAllocator.TAGS) {
            throw broken("tag is not from 0 to " + (BlockAllocator.TAGS - 1), "tag=" + value);
        }
        newSize = size();
        blocks += kind == TraceFormat.ALLOCATE ? 1 : 0;
    }

    private void readReallocate() throws IOException {
        requireKnown();
        oldSize = size();
        newSize = size();
    }

    private void readFree() throws IOException {
        requireKnown();
        oldSize = size();
    }

    private void requireKnown() throws IOException {
        if (value >= blocks) {
            throw broken(
                    "block is none of the trace's",
                    "distance=%d, blocks=%d".formatted(value, blocks));
        }
    }

    private void readEnd() throws IOException {
        long count = number();
        if (value != 0 || count != records) {
            throw broken(
                    "records are not as many as the end says",
                    "count=%d, records=%d".formatted(count, records));
        }
        if (position != bytes.length) {
            throw broken("trace goes on behind its end", "byteSize=" + bytes.length);
        }
    }

    private long size() throws IOException {
        long size = number();
        if (size == 0) {
            throw broken("size is not positive", "byteSize=0");
        }
        return size;
    }

    private long number() throws IOException {
        long number = 0;
        for (int i = 0; i < TraceFormat.MAX_NUMBER_SIZE; i++) {
            if (position == bytes.length) {
                throw cut();
            }
            byte next = bytes[position++];
            number |= (long) (next & TraceFormat.NUMBER_MASK) << (i * TraceFormat.NUMBER_BITS);
            if (next >= 0) {
                return number;
            }
        }
        throw broken("number has more than 63 bits", "lowBits=" + number);
    }

    private IOException cut() {
        return broken("trace is cut off", "byteSize=" + bytes.length);
    }

    /** What is wrong with the record that was read last. */
    IOException broken(String fact, String values) {
        return new IOException("%s: offset=%d, %s".formatted(fact, start, values));
    }

    /** {@return how many records were read} */
    int records() {
        return records;
    }

    /** {@return how many blocks there were in them} */
    int blocks() {
        return blocks;
    }

    int kind() {
        return kind;
    }

    /** {@return the tag of a record that asks for a block} */
    int tag() {
        return (int) value;
    }

    /** {@return the block that the record makes or is about} */
    int block() {
        return kind == TraceFormat.ALLOCATE ? blocks - 1 : blocks - 1 - (int) value;
    }

    /** {@return the size of the block before} */
    long oldSize() {
        return oldSize;
    }

    /** {@return the size that is asked for} */
    long newSize() {
        return newSize;
    }
}
