package dev.moonpool.lua;

/** Prints in turn from Java and from Lua, which runs a line first if there is an argument. */
public final class OutputProgram {
    private OutputProgram() {}

    /** Runs it. */
    public static void main(String[] arguments) {
        Lua lua = Lua.create();
        for (String line : arguments) {
            lua.eval(line);
        }
        System.out.print("1 Java\n");
        lua.eval("print('2 print')");
        System.out.print("3 Java\n");
        lua.eval("io.write('4 io.write\\n')");
        System.out.print("5 Java\n");
        lua.eval("io.stdout:flush()");
        System.out.print("6 Java\n");
        lua.eval("io.write('7 io.write\\n') print('8 print')");
        System.out.print("9 Java\n");
        lua.eval("io.write('10 io.write\\n')");
        lua.close();
        System.out.print("11 Java\n");
    }
}
