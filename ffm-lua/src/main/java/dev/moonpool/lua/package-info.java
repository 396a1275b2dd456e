/**
 * C Lua for Java, in memory that Java owns.
 *
 * {@snippet :
 * try (Lua lua = Lua.create()) {
 *     long sum = lua.eval("local a, b = ...; return a + b", 40, 2).asLong();
 *     String text = lua.eval("return ('moon'):rep(2, '-')").asString();
 * }
 * }
 *
 * <p>{@link dev.moonpool.lua.Lua#create()} opens a state with all of Lua's libraries in a region of
 * 2 MiB. {@link dev.moonpool.lua.Lua#builder()} chooses another layout, allocator or set of
 * libraries:
 *
 * {@snippet :
 * Lua lua = Lua.builder()
 *         .layout(RegionLayout.REFERENCE.withPoolByteSize(64 << 20))
 *         .allocator(BumpAllocator::new)
 *         .libraries(EnumSet.of(LuaLibrary.BASE, LuaLibrary.STRING))
 *         .build();
 * }
 *
 * <p>Values: Lua's nil is null, booleans are {@code boolean}, integers {@code long}, floats {@code
 * double}, strings {@code String} or {@code byte[]}. Everything else is a {@link
 * dev.moonpool.lua.LuaObject}, which tells what it is.
 *
 * <p>An error in Lua is a {@link dev.moonpool.lua.LuaException}, running out of memory included,
 * and the state can be used further. A state belongs to the thread that made it.
 */
@NullMarked
package dev.moonpool.lua;

import org.jspecify.annotations.NullMarked;
