package dev.moonpool.memory.debug;

import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Encodes records into a file, through a buffer. What goes wrong with the file is remembered, and
 * nothing more is written: only {@link #close()} throws.
 */
final class TraceWriter {
    private static final int BUFFER_SIZE = 64 << 10;

    private final OutputStream file;
    private final byte[] buffer = new byte[BUFFER_SIZE];
    private int length;
    private long records;
    private @Nullable IOException failure;

    /** Begins a file; closes it in the end. */
    TraceWriter(OutputStream file) {
        this.file = file;
        System.arraycopy(TraceFormat.MAGIC, 0, buffer, 0, TraceFormat.MAGIC.length);
        buffer[TraceFormat.MAGIC.length] = TraceFormat.VERSION;
        length = TraceFormat.HEADER_SIZE;
    }

    void write(int kind, long value, long size) {
        begin(kind, value);
        number(size);
    }

    void write(int kind, long value, long oldSize, long newSize) {
        begin(kind, value);
        number(oldSize);
        number(newSize);
    }

    private void begin(int kind, long value) {
        if (length > BUFFER_SIZE - TraceFormat.MAX_RECORD_SIZE) {
            flush();
        }
        records++;
        head(kind, value);
    }

    private void head(int kind, long value) {
        number(value << TraceFormat.KIND_BITS | kind);
    }

    private void number(long value) {
        long rest = value;
        while (rest > TraceFormat.NUMBER_MASK) {
            buffer[length++] = (byte) (rest | TraceFormat.MORE);
            rest >>>= TraceFormat.NUMBER_BITS;
        }
        buffer[length++] = (byte) rest;
    }

    private void flush() {
        if (failure == null) {
            try {
                file.write(buffer, 0, length);
            } catch (IOException e) {
                failure = e;
            }
        }
        length = 0;
    }

    void close() throws IOException {
        try (file) {
            long count = records;
            begin(TraceFormat.END, 0);
            number(count);
            flush();
            if (failure != null) {
                throw failure;
            }
        }
    }
}
