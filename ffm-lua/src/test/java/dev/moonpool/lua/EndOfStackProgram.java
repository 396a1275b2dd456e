package dev.moonpool.lua;

import java.util.List;

/**
 * Calls a state where Java's stack ends, before anything else was done with one, and then another
 * state where there is stack enough. What cannot be used for the lack of a class is written out,
 * and so is a state that is left as if it were running.
 */
public final class EndOfStackProgram {
    private static final int CALLS = 500; // on the way up

    private int calls;

    private EndOfStackProgram() {}

    public static void main(String[] arguments) throws InterruptedException {
        var _ = Lua.create(); // may be in the middle of anything in the end, so it stays open
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals("moonpool-classes")) {
                thread.join();
            }
        }
        Thread deep = new Thread(null, EndOfStackProgram::callAtTheEnd, "deep", 1 << 20);
        deep.start();
        deep.join();
        Lua lua = Lua.create();
        for (Runnable use : uses(lua)) {
            try {
                use.run();
            } catch (LuaException e) {
                // One raises an error.
            } catch (NoClassDefFoundError e) {
                System.out.println(e.getMessage());
            }
        }
        System.out.println("end");
    }

    private static List<Runnable> uses(Lua lua) {
        return List.of(
                () -> lua.eval("error('x')"),
                () -> lua.eval("return {}").get(0),
                () -> lua.globals().length(),
                () -> lua.globals().set("x", "y"),
                () -> lua.globals().get("x"),
                () -> lua.globals().forEach((key, value) -> {}),
                () -> lua.newTable().toJava(),
                () -> lua.toTable(List.of(1)),
                () -> lua.newCoroutine(lua.load("return 1")).resume(),
                lua::collectGarbage);
    }

    private static void callAtTheEnd() {
        Lua lua = Lua.create();
        try {
            new EndOfStackProgram().descend(uses(lua));
        } catch (StackOverflowError e) {
            // The calls were made on the way back.
        }
        try {
            lua.detach();
        } catch (IllegalStateException e) {
            System.out.println(e.getMessage()); // one of the calls did not end
        }
    }

    @SuppressWarnings("InfiniteRecursion") // until the stack ends
    private void descend(List<Runnable> uses) {
        try {
            descend(uses);
        } finally {
            if (calls++ < CALLS) {
                for (Runnable use : uses) { // a lambda here would need much stack by itself
                    call(use);
                }
            }
        }
    }

    private static void call(Runnable use) {
        try {
            use.run();
        } catch (RuntimeException | Error e) {
            // There is too little stack for most of them.
        }
    }
}
