/** C Lua for Java, in memory that Java owns. */
module dev.moonpool.lua {
    requires transitive dev.moonpool.memory;
    requires dev.moonpool.natives;
    requires java.scripting;
    requires static transitive org.jspecify;
    requires static info.picocli;

    exports dev.moonpool.lua;

    provides javax.script.ScriptEngineFactory with
            dev.moonpool.lua.script.LuaScriptEngineFactory;

    opens dev.moonpool.lua.cli to
            info.picocli;
}
