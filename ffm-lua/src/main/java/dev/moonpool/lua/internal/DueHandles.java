package dev.moonpool.lua.internal;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.moonpool.lua.internal.ffi.LuaNative;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Ends a state's handles. The stack may end anywhere in here: a number is in the table, or in the
 * list, until C has ended it, and what is left comes with the next call.
 */
final class DueHandles {
    private static final int AT_ONCE = 64;

    private final HandleTable table;

    /** Numbers of handles that are about to end; those that did are 0. */
    private final MemorySegment list = Arena.ofAuto().allocate(JAVA_INT, AT_ONCE);

    private final MemorySegment one = Arena.ofAuto().allocate(JAVA_INT);
    private int count;

    DueHandles(HandleTable table) {
        this.table = table;
    }

    /** Ends the handles that are due; within the state, while C reads numbers from no frame. */
    void end(MemorySegment lua) {
        if (table.peek() == 0 && count == 0) {
            return;
        }
        do {
            collect();
            LuaNative.mp_forget(lua, list, count); // takes the numbers to 0
            count = 0;
        } while (table.peek() != 0);
    }

    private void collect() {
        int number = table.peek();
        while (number != 0 && count < AT_ONCE) {
            list.setAtIndex(JAVA_INT, count, number);
            table.take();
            count++;
            number = table.peek();
        }
    }

    /** Ends a handle that no object of Java's stands for; within the state. */
    void endNow(MemorySegment lua, int number) {
        one.set(JAVA_INT, 0, number);
        LuaNative.mp_forget(lua, one, 1);
    }
}
