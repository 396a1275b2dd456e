package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertTrue;

/** What exceptions say. */
final class Messages {
    private Messages() {}

    static void assertSays(String part, Throwable e) {
        String message = String.valueOf(e.getMessage());
        assertTrue(message.contains(part), message);
    }
}
