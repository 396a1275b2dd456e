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
 * <p>Values are Java's natural types, both ways: null, {@code Boolean}, {@code Long}, {@code
 * Double}, {@code String}. Tables, functions and coroutines are {@linkplain
 * dev.moonpool.lua.LuaReference references} to what lives in Lua:
 *
 * {@snippet :
 * LuaTable config = lua.eval("return {name = 'moon', size = 3}").asTable();
 * config.set("size", config.getLong("size") + 1);
 * LuaFunction area = lua.load("local w, h = ... return w * h");
 * long six = area.callLong(2, 3);
 * }
 *
 * <p>Lua calls Java through functions, and through objects whose members were granted:
 *
 * {@snippet :
 * lua.globals().set("greet", name -> "hello, " + name.asString());
 * lua.register(LuaType.builder(Account.class).longMethod("deposit", Account::deposit).build());
 * lua.globals().set("account", account);
 * lua.eval("account:deposit(100)");
 * }
 *
 * <p>An error in Lua is a {@link dev.moonpool.lua.LuaException}, running out of memory included,
 * and the state can be used further. A state belongs to one thread at a time.
 */
@NullMarked
package dev.moonpool.lua;

import org.jspecify.annotations.NullMarked;
