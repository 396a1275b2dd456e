package dev.moonpool.memory.debug;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which bytes are a trace, and what is said about those that are not. */
class AllocationTraceTest {
    private static final int ALLOCATE = 0;
    private static final int REALLOCATE = 1;
    private static final int FREE = 2;
    private static final int FAILED_ALLOCATE = 3;
    private static final int FAILED_REALLOCATE = 4;
    private static final int END = 5;

    private final Path file;

    AllocationTraceTest(@TempDir Path directory) {
        file = directory.resolve("trace");
    }

    /** A file with these bytes behind its header. */
    private static byte[] file(int... bytes) {
        var file = new ByteArrayOutputStream();
        file.writeBytes(new byte[] {'M', 'P', 'A', 'T', 1});
        Arrays.stream(bytes).forEach(file::write);
        return file.toByteArray();
    }

    private static int head(int kind, int value) {
        return value << 3 | kind;
    }

    private AllocationTrace read(byte[] bytes) throws IOException {
        return AllocationTrace.read(Files.write(file, bytes));
    }

    private void requireRejected(String message, byte[] bytes) {
        var rejection = assertThrows(IOException.class, () -> read(bytes));
        assertEquals(message, rejection.getMessage());
    }

    @Test
    void readsEveryKindOfRecord() throws IOException {
        AllocationTrace trace =
                read(
                        file(
                                head(ALLOCATE, 15),
                                100,
                                head(ALLOCATE, 0),
                                0x80,
                                1,
                                head(REALLOCATE, 1),
                                100,
                                50,
                                head(FAILED_REALLOCATE, 0),
                                0x80,
                                1,
                                0xff,
                                0x7f,
                                head(FREE, 1),
                                50,
                                head(FAILED_ALLOCATE, 2),
                                9,
                                END,
                                6));
        assertEquals(
                List.of(
                        "allocate 0: 100, 15",
                        "allocate 1: 128, 0",
                        "reallocate 0: 100, 50",
                        "failed reallocate 1: 128, 16383",
                        "free 0: 50",
                        "failed allocate: 9, 2"),
                RecordedTrace.of(trace));
        assertEquals(6, trace.records());
        assertEquals(2, trace.blocks());
    }

    @Test
    void rejectsWhatIsNoTrace() {
        requireRejected(
                "file is no allocation trace: offset=0, found=[80, 75, 3, 4], expected=[77, 80, 65, 84]",
                new byte[] {'P', 'K', 3, 4, 1, END, 0});
        requireRejected(
                "file is no allocation trace: offset=0, found=[0, 0, 0, 0], expected=[77, 80, 65, 84]",
                new byte[0]);
    }

    @Test
    void rejectsAnotherVersion() {
        byte[] bytes = file(END, 0);
        bytes[4] = 2;
        requireRejected("trace is of another version: offset=4, found=2, expected=1", bytes);
    }

    @Test
    void rejectsAFileThatIsCutAnywhere() {
        byte[] whole = file(head(ALLOCATE, 1), 0x80, 1, head(REALLOCATE, 0), 0x80, 1, 5, END, 2);
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThrows(IOException.class, () -> read(cut), "length=" + length);
        }
        requireRejected("trace is cut off: offset=8, byteSize=10", Arrays.copyOf(whole, 10));
        requireRejected("trace is cut off: offset=12, byteSize=12", Arrays.copyOf(whole, 12));
    }

    @Test
    void rejectsRecordsThatCannotBe() {
        requireRejected("kind of record is unknown: offset=5, kind=6", file(6));
        requireRejected("kind of record is unknown: offset=7, kind=7", file(0, 1, 7));
        requireRejected("tag is not from 0 to 15: offset=5, tag=16", file(0x80, 1, 1));
        requireRejected("size is not positive: offset=5, byteSize=0", file(0, 0));
        requireRejected("size is not positive: offset=7, byteSize=0", file(0, 1, 1, 1, 0));
        requireRejected("size is not positive: offset=7, byteSize=0", file(0, 1, 4, 0, 1));
        requireRejected(
                "number has more than 63 bits: offset=5, lowBits=" + Long.MAX_VALUE,
                file(0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1));
    }

    @Test
    void rejectsBlocksThatAreNotThere() {
        requireRejected(
                "block is none of the trace's: offset=5, distance=0, blocks=0",
                file(head(FREE, 0), 1));
        requireRejected(
                "block is none of the trace's: offset=7, distance=1, blocks=1",
                file(0, 1, head(REALLOCATE, 1), 1, 2));
        requireRejected(
                "block was freed already: offset=9, block=0, byteSize=1, expected=0",
                file(0, 1, FREE, 1, FREE, 1));
        requireRejected(
                "block was freed already: offset=9, block=0, byteSize=1, expected=0",
                file(0, 1, FREE, 1, FAILED_REALLOCATE, 1, 2));
    }

    @Test
    void rejectsSizesThatAreNotTheBlocks() {
        requireRejected(
                "size is not the block's: offset=7, block=0, byteSize=2, expected=1",
                file(0, 1, FREE, 2));
        requireRejected(
                "size is not the block's: offset=10, block=0, byteSize=1, expected=2",
                file(0, 1, REALLOCATE, 1, 2, REALLOCATE, 1, 3));
    }

    @Test
    void rejectsAnEndThatIsNone() {
        requireRejected(
                "records are not as many as the end says: offset=7, count=2, records=1",
                file(0, 1, END, 2));
        requireRejected(
                "records are not as many as the end says: offset=5, count=0, records=0",
                file(head(END, 1), 0));
        requireRejected("trace goes on behind its end: offset=5, byteSize=8", file(END, 0, 0));
    }

    @Test
    void aFileThatIsNotThereIsNoTrace() {
        assertThrows(NoSuchFileException.class, () -> AllocationTrace.read(file));
    }
}
