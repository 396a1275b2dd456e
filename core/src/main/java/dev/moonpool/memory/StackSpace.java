package dev.moonpool.memory;

/** For what must not be left in the middle because the stack is used up. */
final class StackSpace {
    private StackSpace() {}

    /**
     * Finds out whether there is stack for so many calls of some size, by making them. Costs a
     * nanosecond each, at the most.
     *
     * @throws StackOverflowError if there is not
     */
    static void require(int calls) {
        int made = call(calls);
        assert made == calls;
    }

    private static int call(int calls) {
        return calls == 0 ? 0 : 1 + call(calls - 1);
    }
}
