package dev.moonpool.lua;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds modules for {@code require}: on the class path, in an archive, a database, or whatever a
 * program keeps scripts in.
 *
 * {@snippet :
 * Lua lua = Lua.builder()
 *         .libraries(EnumSet.of(LuaLibrary.BASE, LuaLibrary.STRING)) // no file system
 *         .modules(LuaSearcher.classPath(Game.class.getClassLoader(), "scripts"))
 *         .build();
 * lua.eval("local rules = require 'game.rules'"); // scripts/game/rules.lua
 * }
 *
 * <p>A searcher is called on the thread of the state that requires the module; one that several
 * states have, by several threads.
 */
@FunctionalInterface
public interface LuaSearcher {
    /**
     * {@return the code of a module, null if this has none of that name} The chunk is called with
     * the module's name and the chunk's, and returns the module's value.
     *
     * @param moduleName what {@code require} was called with; a script may have made it up
     * @throws Exception to raise an error in Lua, as {@link JavaFunction#call} does
     */
    @Nullable LuaChunk find(String moduleName) throws Exception;

    /**
     * {@return what there would have to be for a module to be found} If it was not, {@code
     * require}'s message has a line for each: {@code no file 'rules.lua'}, say, for {@code file
     * 'rules.lua'}.
     *
     * @param moduleName what {@link #find} was called with
     */
    default List<String> candidates(String moduleName) {
        return List.of("module '" + moduleName + "' in the program");
    }

    /**
     * {@return a searcher in the resources that a class loader finds} Module {@code a.b} is {@code
     * folder/a/b.lua} or {@code folder/a/b/init.lua}, in UTF-8, and that path is what messages call
     * it. A name that has an empty part, a slash, a backslash, a colon or a control character is no
     * module's, so that none leads out of the folder.
     *
     * <p>Resources of a named module are found if the folder is open, or cannot be a package's, as
     * {@code META-INF/scripts}.
     *
     * @param loader the class loader
     * @param folder the folder, without a slash before or behind it; "" for none
     * @throws IllegalArgumentException if the folder begins or ends with a slash
     */
    static LuaSearcher classPath(ClassLoader loader, String folder) {
        return new ClassPathSearcher(loader, folder);
    }
}
