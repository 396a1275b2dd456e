package dev.moonpool.lua;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.moonpool.lua.LuaException.Kind;
import dev.moonpool.memory.BumpAllocator;
import dev.moonpool.memory.Region;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How source gets into a state. */
class LuaChunksTest {
    private static final int CODE = 1024;

    /** A chunk's name and its NUL are staged in front of it. */
    private static final int OVERHEAD = 80 + 1;

    @TempDir private Path folder;

    @ParameterizedTest
    @CsvSource({
        "-1, true",
        "0, true",
        "1, false",
        "100000, false",
    })
    void aChunkIsStagedInTheCodePartIfItFits(int beyond, boolean staged) {
        String source = sourceOf(CODE - OVERHEAD + beyond);
        AtomicReference<Region> region = new AtomicReference<>();
        try (Lua lua =
                Lua.builder()
                        .layout(Layouts.withCode(CODE))
                        .allocator(
                                r -> {
                                    region.set(r);
                                    return new BumpAllocator(r);
                                })
                        .build()) {
            assertEquals("end", lua.eval(source).asString());
            String start = region.get().code().getString(0, UTF_8);
            assertEquals(staged ? source.substring(0, 80) : "", start);
        }
    }

    /** A line that returns "end" and then as many blanks as are wanted. */
    private static String sourceOf(int length) {
        String start = "return 'end'";
        return start + " ".repeat(length - start.length());
    }

    @Test
    void theSmallestCodePartWillDo() {
        try (Lua lua = Lua.builder().layout(Layouts.withCode(16)).build()) {
            Raised.assertWorks(lua);
            assertEquals(List.of(), lua.eval(""));
        }
    }

    @Test
    void aChunkMayBeOfManyMegabytes() {
        try (Lua lua = Lua.create()) {
            assertEquals("end", lua.eval(sourceOf(10 << 20)).asString());
        }
    }

    @Test
    void aChunkMayHoldAnyText() {
        try (Lua lua = Lua.create()) {
            assertEquals(List.of("ä😀", "a\0b"), lua.eval("return 'ä😀', 'a\0b'"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "return ...",
                "#!/usr/bin/env lua\nreturn ...",
                "#",
                "\ufeffreturn ...",
                "\ufeff#!/usr/bin/env lua\nreturn ...",
            })
    void aFileMayStartWithAMarkOrALineForTheSystem(String content) throws IOException {
        Path file = write("file.lua", content);
        try (Lua lua = Lua.create()) {
            assertEquals(content.equals("#") ? List.of() : List.of(7L), lua.run(file, 7));
        }
    }

    @Test
    void aFilesLinesAreCountedWithTheFirst() throws IOException {
        Path file = write("file.lua", "#!/usr/bin/env lua\nerror('reason')");
        try (Lua lua = Lua.create()) {
            var e = assertThrows(LuaException.class, () -> lua.run(file));
            assertTrue(e.getMessage().endsWith("file.lua:2: reason"), e.getMessage());
        }
    }

    @Test
    void aFileWithAPrecompiledChunkIsRefused() throws IOException {
        try (Lua lua = Lua.create()) {
            byte[] code = lua.eval("return string.dump(function() end)").asBytes();
            Path file = Files.write(folder.resolve("file.luac"), code);
            var e = assertThrows(LuaException.class, () -> lua.run(file));
            assertEquals(Kind.SYNTAX, e.kind());
            assertTrue(
                    e.getMessage().endsWith("attempt to load a binary chunk (mode is 't')"),
                    e.getMessage());
        }
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        Path file = folder.resolve("missing.lua");
        try (Lua lua = Lua.create()) {
            var e = assertThrows(NoSuchFileException.class, () -> lua.run(file));
            assertEquals(file.toString(), e.getMessage());
        }
    }

    @Test
    void aFolderIsNamedToo() {
        try (Lua lua = Lua.create()) {
            var e = assertThrows(IOException.class, () -> lua.run(folder));
            assertTrue(String.valueOf(e.getMessage()).startsWith(folder.toString()), e::toString);
        }
    }

    private Path write(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }
}
