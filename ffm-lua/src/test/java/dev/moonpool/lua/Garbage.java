package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.fail;

/** Waits for Java's collector, which decides by itself when it is done with what is garbage. */
final class Garbage {
    private static final int ROUNDS = 200;

    private Garbage() {}

    /** A condition that Java's collector makes true, some time after it ran. */
    @FunctionalInterface
    interface Condition {
        boolean holds();
    }

    static void assertSoon(String message, Condition condition) throws InterruptedException {
        for (int i = 0; i < ROUNDS; i++) {
            if (condition.holds()) {
                return;
            }
            System.gc();
            Thread.sleep(5); // the collector hands references over on a thread of its own
        }
        fail(message);
    }

    /** Asserts that both collectors together come to what makes a condition in Lua true. */
    static void assertCollected(Lua lua, String condition) throws InterruptedException {
        assertSoon(
                condition,
                () -> {
                    lua.collectGarbage();
                    return lua.eval(condition).asBoolean();
                });
    }
}
