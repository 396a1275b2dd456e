package dev.moonpool.lua.cli;

/** placeholder */
public final class Main {
    private Main() {}

    /** main */
    public static void main(String[] args) {
        try (var lua = dev.moonpool.lua.Lua.create()) {
            System.out.println(lua.eval(args[0]));
            System.out.println(lua.statistics());
        }
    }
}
