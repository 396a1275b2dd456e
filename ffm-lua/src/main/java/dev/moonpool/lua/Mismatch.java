package dev.moonpool.lua;

/** An argument that cannot be what a method wants. Whoever called the method says where. */
final class Mismatch extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int index;
    private final String expected;

    /**
     * Makes one.
     *
     * @param index which argument, from 1, as Lua counts behind the receiver
     * @param expected what it should have been
     */
    Mismatch(int index, String expected) {
        super(expected, null, false, false);
        this.index = index;
        this.expected = expected;
    }

    int index() {
        return index;
    }

    String expected() {
        return expected;
    }
}
