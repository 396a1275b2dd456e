package dev.moonpool.memory;

import static java.lang.foreign.MemorySegment.NULL;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A C library that most programs have, living in a region. */
class ExpatTest {
    private static final int ELEMENTS = 500;
    private static final int XML_STATUS_OK = 1;
    private static final int XML_ERROR_NO_MEMORY = 1;

    private final Arena arena = Arena.ofConfined();
    private final CLibrary expat =
            CLibrary.ofSystem(
                    arena, System.mapLibraryName("expat"), "libexpat.so.1", "libexpat.1.dylib");
    private final List<Long> names = new ArrayList<>();

    @AfterEach
    void close() {
        arena.close();
    }

    /** What may become of a parse in a pool of some size. */
    private enum Outcome {
        NO_PARSER,
        NO_MEMORY,
        PARSED
    }

    @Test
    void parsesInsideARegion() {
        try (var fixture = AllocatorFixture.of(AllocatorKind.BUMP, 4 << 20)) {
            CHeap heap = new CHeap(fixture.allocator());
            assertEquals(Outcome.PARSED, parse(heap));
            assertEquals(ELEMENTS + 1, names.size());
            MemorySegment pool = fixture.region().pool();
            for (long name : names) {
                assertTrue(name >= pool.address() && name < pool.address() + pool.byteSize());
            }
            assertTrue(heap.mallocStats().peakBytes() > 0);
            assertEquals(0, heap.mallocStats().failures());
        }
    }

    @Test
    void parsesWithLibcsMallocBehindTheHeap() {
        try (var fixture = AllocatorFixture.of(AllocatorKind.SYSTEM, 16)) {
            CHeap heap = new CHeap(fixture.allocator());
            assertEquals(Outcome.PARSED, parse(heap));
            assertTrue(heap.mallocStats().peakBytes() > 0);
        }
    }

    @Test
    void saysThatAPoolIsTooSmall() {
        Set<Outcome> seen = EnumSet.noneOf(Outcome.class);
        for (long poolByteSize = 16; poolByteSize <= 4 << 20; poolByteSize = larger(poolByteSize)) {
            try (var fixture = AllocatorFixture.of(AllocatorKind.BUMP, poolByteSize)) {
                CHeap heap = new CHeap(fixture.allocator());
                Outcome outcome = parse(heap);
                seen.add(outcome);
                if (outcome != Outcome.PARSED) {
                    assertNotEquals(0, heap.mallocStats().failures());
                }
            }
        }
        assertEquals(EnumSet.allOf(Outcome.class), seen);
    }

    private static long larger(long poolByteSize) {
        return poolByteSize * 3 / 2 / 16 * 16 + 16;
    }

    private Outcome parse(CHeap heap) {
        CFunctions f = heap.functions(arena);
        MemorySegment suite = CLibrary.pointers(arena, f.malloc(), f.realloc(), f.free());
        long parser = expat.call("XML_ParserCreate_MM", NULL, suite, NULL);
        Outcome outcome = parser == 0 ? Outcome.NO_PARSER : parseWith(parser);
        if (parser != 0) {
            expat.call("XML_ParserFree", parser);
        }
        assertEquals(0, heap.mallocStats().liveBytes());
        assertEquals(0, heap.rejections(), () -> "" + heap.lastRejection());
        return outcome;
    }

    private Outcome parseWith(long parser) {
        MemorySegment handler = CLibrary.pointerTo(this, "startElement", arena);
        expat.call("XML_SetElementHandler", parser, handler, NULL);
        MemorySegment text = arena.allocateFrom(document());
        int length = (int) text.byteSize() - 1;
        if (expat.callInt("XML_Parse", parser, text, length, 1) == XML_STATUS_OK) {
            return Outcome.PARSED;
        }
        assertEquals(XML_ERROR_NO_MEMORY, expat.callInt("XML_GetErrorCode", parser));
        return Outcome.NO_MEMORY;
    }

    /** The handler of XML_SetElementHandler. */
    @SuppressWarnings({"UnusedMethod", "UnusedVariable"}) // C calls it
    void startElement(long userData, long name, long attributes) {
        names.add(name);
    }

    private static String document() {
        StringBuilder text = new StringBuilder("<?xml version='1.0'?><root>");
        for (int i = 0; i < ELEMENTS; i++) {
            text.append(
                    "<element%d name='n%d' value=\"&lt;%d&gt;\">text</element%d>"
                            .formatted(i, i, i, i));
        }
        return text.append("</root>").toString();
    }
}
