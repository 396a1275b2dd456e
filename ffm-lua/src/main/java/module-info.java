/** C Lua for Java, in memory that Java owns. */
module dev.moonpool.lua {
    requires transitive dev.moonpool.memory;
    requires dev.moonpool.natives;
    requires static transitive org.jspecify;
    requires static info.picocli;

    exports dev.moonpool.lua;

    opens dev.moonpool.lua.cli to
            info.picocli;
}
