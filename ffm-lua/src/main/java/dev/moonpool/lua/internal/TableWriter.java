package dev.moonpool.lua.internal;

import dev.moonpool.lua.internal.ffi.LuaNative;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Fills tables that may refer to each other, hundreds of entries with one downcall.
 *
 * <pre>
 *     node 1, key, value, key, node 2, ...   what a downcall takes
 *     node 2, key, value, ...                the tables are made when they are first named
 * </pre>
 *
 * <p>Entries wait here until there are enough of them. They are encoded when they are put, since
 * that may run the user's code, which must not happen while the state is entered.
 */
public final class TableWriter {
    private static final int BATCH = 1024; // slots
    private static final int PAIRS_AT_ONCE = 2000; // numbers, in the usual frame

    /**
     * A table to be.
     *
     * @param number from 1, the number of the table among those that are filled together
     * @param elements how many elements there should be room for
     * @param fields how many fields
     */
    public record Node(int number, int elements, int fields) {}

    private final State state;
    private final Handle nodes;
    private final @Nullable Object[] slots = new @Nullable Object[BATCH];
    private int used;
    private Node current = new Node(0, 0, 0);

    /**
     * A writer.
     *
     * @param nodes a table of the caller's that no script sees: it will hold the tables by number
     */
    public TableWriter(Handle nodes) {
        this.state = nodes.state();
        this.nodes = nodes;
    }

    /** Says which table the entries from here on are for. */
    public void begin(Node node) {
        current = node;
        reserve();
        slots[used++] = node;
    }

    /**
     * Adds an entry.
     *
     * @param key neither null nor NaN
     * @param value not null; a {@link Node} for another table, or a value as it looks above
     * @throws IllegalArgumentException if one of them has no counterpart in Lua
     */
    public void put(Object key, Object value) {
        Object lowKey = state.exchange().encode(key, 0);
        Object lowValue = state.exchange().encode(value, 0);
        reserve();
        slots[used++] = lowKey;
        slots[used++] = lowValue;
    }

    /** Makes room for an entry. */
    private void reserve() {
        if (used + 2 > BATCH) {
            flush();
            slots[used++] = current;
        }
    }

    /** Writes what waits. */
    public void flush() {
        List<@Nullable Object> nothing =
                nodes.perform(LuaNative::mp_fill, Arrays.copyOf(slots, used));
        assert nothing.isEmpty();
        Arrays.fill(slots, 0, used, null);
        used = 0;
    }

    /** Adds elements from index 1 on, without an object for each. */
    public void putLongs(int count, IntToLongFunction element) {
        putNumbers(count, (frame, slot, i) -> Frame.setLong(frame, slot, element.applyAsLong(i)));
    }

    /** Adds elements from index 1 on, without an object for each. */
    public void putDoubles(int count, IntToDoubleFunction element) {
        putNumbers(
                count, (frame, slot, i) -> Frame.setDouble(frame, slot, element.applyAsDouble(i)));
    }

    private interface ElementWriter {
        void write(long frame, int slot, int index);
    }

    private void putNumbers(int count, ElementWriter element) {
        flush();
        int written = 0;
        while (written < count) {
            state.enter();
            try {
                int number = nodes.number();
                long frame = state.frame();
                long room = (state.frameByteSize() - Frame.byteSize(1)) / (2 * Frame.SLOT_SIZE);
                int pairs = (int) Math.min(Math.min(PAIRS_AT_ONCE, room), count - written);
                Frame.begin(frame, 1 + 2 * pairs);
                Frame.setNode(frame, 0, current);
                for (int slot = 1; slot < 1 + 2 * pairs; slot += 2) {
                    element.write(frame, slot + 1, written++);
                    Frame.setLong(frame, slot, written);
                }
                int status =
                        LuaNative.mp_fill(
                                state.lua(), number, state.frameSegment(), state.frameByteSize());
                if (status != LuaNative.LUA_OK()) {
                    throw state.failure(status);
                }
            } finally {
                state.crossings--;
                Reference.reachabilityFence(nodes);
            }
        }
        begin(current);
    }
}
