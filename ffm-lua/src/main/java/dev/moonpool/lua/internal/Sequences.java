package dev.moonpool.lua.internal;

import dev.moonpool.lua.internal.ffi.LuaNative;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The elements of a table, from 1 to its length without metamethods: hundreds with one downcall.
 *
 * <p>A script can make a table whose length is huge and that has a handful of elements. So what is
 * allocated here follows what was read, never the length alone.
 */
public final class Sequences {
    private static final int BATCH = 1000;
    private static final int FIRST_CAPACITY = 1 << 16;
    private static final int MAX_ARRAY_LENGTH = Integer.MAX_VALUE - 8;

    /** So many elements more than there are may be nil. */
    private static final int MAX_HOLES = 1 << 20;

    private Sequences() {}

    /**
     * {@return the elements as they look above, null for nil}
     *
     * @throws IllegalArgumentException if hardly any of them are there
     */
    public static List<@Nullable Object> elements(Handle table) {
        long length = Tables.length(table, true);
        List<@Nullable Object> elements = new ArrayList<>((int) Math.min(length, FIRST_CAPACITY));
        long holes = 0;
        while (elements.size() < length) {
            long first = elements.size() + 1L;
            int count = (int) Math.min(BATCH, length - elements.size());
            List<@Nullable Object> batch =
                    table.perform(
                            (lua, handle, frame, byteSize) ->
                                    LuaNative.mp_elements(
                                            lua, handle, first, count, frame, byteSize));
            for (Object element : batch) {
                holes += element == null ? 1 : -1;
            }
            if (holes > MAX_HOLES) {
                throw new IllegalArgumentException(
                        "table is no sequence, most of its elements are nil: length=" + length);
            }
            elements.addAll(batch);
        }
        return elements;
    }

    /**
     * {@return the elements, which are integers}
     *
     * @throws ClassCastException if one is something else
     */
    public static long[] longs(Handle table) {
        long length = Tables.length(table, true);
        long[] elements = new long[(int) Math.min(length, FIRST_CAPACITY)];
        int read = 0;
        while (read < length) {
            if (read == elements.length) {
                elements = Arrays.copyOf(elements, larger(read, length));
            }
            read += readLongs(table, elements, read, length);
        }
        return elements;
    }

    /**
     * {@return the elements, which are numbers}
     *
     * @throws ClassCastException if one is something else
     */
    public static double[] doubles(Handle table) {
        long length = Tables.length(table, true);
        double[] elements = new double[(int) Math.min(length, FIRST_CAPACITY)];
        int read = 0;
        while (read < length) {
            if (read == elements.length) {
                elements = Arrays.copyOf(elements, larger(read, length));
            }
            read += readDoubles(table, elements, read, length);
        }
        return elements;
    }

    private static int larger(int capacity, long length) {
        if (capacity == MAX_ARRAY_LENGTH) {
            throw new OutOfMemoryError("table is too long for a Java array: length=" + length);
        }
        return (int) Math.min(Math.min(2L * capacity, length), MAX_ARRAY_LENGTH);
    }

    private static int readLongs(Handle table, long[] target, int from, long length) {
        State state = table.state();
        state.enter();
        try {
            int count = begin(state, table, from, Math.min(target.length, length) - from);
            long frame = state.frame();
            if (hasOnly(frame, count, LuaNative.MP_TAG_INTEGER())) {
                for (int i = 0; i < count; i++) {
                    target[from + i] = Frame.payload(frame, i);
                }
            } else {
                List<@Nullable Object> values = state.takeAll();
                for (int i = 0; i < count; i++) {
                    target[from + i] = Conversions.toLong(values.get(i), from + i + 1);
                }
            }
            return count;
        } finally {
            state.crossings--;
            Reference.reachabilityFence(table);
        }
    }

    private static int readDoubles(Handle table, double[] target, int from, long length) {
        State state = table.state();
        state.enter();
        try {
            int count = begin(state, table, from, Math.min(target.length, length) - from);
            long frame = state.frame();
            if (hasOnly(frame, count, LuaNative.MP_TAG_FLOAT())) {
                for (int i = 0; i < count; i++) {
                    target[from + i] = Frame.number(frame, i);
                }
            } else {
                List<@Nullable Object> values = state.takeAll();
                for (int i = 0; i < count; i++) {
                    target[from + i] = Conversions.toDouble(values.get(i), from + i + 1);
                }
            }
            return count;
        } finally {
            state.crossings--;
            Reference.reachabilityFence(table);
        }
    }

    /** Reads elements into the frame. {@return how many} */
    private static int begin(State state, Handle table, int from, long wanted) {
        long room = (state.frameByteSize() - Frame.HEADER_SIZE) / Frame.SLOT_SIZE;
        int count = (int) Math.min(Math.min(BATCH, room), wanted);
        int status =
                LuaNative.mp_elements(
                        state.lua(),
                        table.number(),
                        from + 1L,
                        count,
                        state.frameSegment(),
                        state.frameByteSize());
        if (status != LuaNative.LUA_OK()) {
            throw state.failure(status);
        }
        return count;
    }

    private static boolean hasOnly(long frame, int count, int tag) {
        boolean all = Frame.written(frame) == count && !Frame.isHeld(frame);
        for (int i = 0; i < count && all; i++) {
            all = Frame.tag(frame, i) == tag;
        }
        return all;
    }
}
