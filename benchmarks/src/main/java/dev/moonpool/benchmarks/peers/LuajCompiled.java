package dev.moonpool.benchmarks.peers;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.luaj.vm2.Globals;
import org.luaj.vm2.LuaString;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.lib.TwoArgFunction;
import org.luaj.vm2.lib.jse.JsePlatform;
import org.luaj.vm2.luajc.LuaJC;

/**
 * LuaJ's fastest way: its compiler to Java bytecode, which needs BCEL beside LuaJ; strings that the
 * JDK encodes and decodes; and a table with a function that is bound to a Java object.
 */
final class LuajCompiled extends Luaj {
    LuajCompiled() {
        super(compilingGlobals(), tableFor(new Counter()));
    }

    private static Globals compilingGlobals() {
        Globals globals = JsePlatform.standardGlobals();
        LuaJC.install(globals);
        return globals;
    }

    private static LuaValue tableFor(Counter counter) {
        LuaTable table = new LuaTable();
        table.set("add", new Add(counter));
        return table;
    }

    private static final class Add extends TwoArgFunction {
        private final Counter counter;

        Add(Counter counter) {
            this.counter = counter;
        }

        @Override
        public LuaValue call(LuaValue self, LuaValue amount) {
            return integer(counter.add(amount.tolong()));
        }
    }

    @Override
    LuaValue toLua(String text) {
        return LuaString.valueUsing(text.getBytes(UTF_8));
    }

    @Override
    String toJava(LuaValue text) {
        LuaString string = text.checkstring();
        return new String(string.m_bytes, string.m_offset, string.m_length, UTF_8);
    }
}
