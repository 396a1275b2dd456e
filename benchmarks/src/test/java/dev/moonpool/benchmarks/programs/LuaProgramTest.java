package dev.moonpool.benchmarks.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.moonpool.lua.Lua;
import dev.moonpool.memory.SystemAllocator;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LuaProgramTest {
    private static final long LITTLE = 100;

    @ParameterizedTest
    @EnumSource(LuaProgram.class)
    void givesTheSameWithEveryAllocator(LuaProgram program) {
        List<?> expected = run(program, Lua.builder().allocator(SystemAllocator::new));
        assertFalse(expected.isEmpty(), "no checksum");
        assertEquals(expected, run(program, Lua.builder()));
        assertEquals(expected, run(program, Lua.builder().direct(false)));
    }

    private static List<?> run(LuaProgram program, Lua.Builder builder) {
        try (Lua lua = builder.build()) {
            return List.copyOf(program.run(lua, LITTLE));
        }
    }
}
