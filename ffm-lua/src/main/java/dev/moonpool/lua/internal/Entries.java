package dev.moonpool.lua.internal;

import dev.moonpool.lua.internal.ffi.LuaNative;
import java.lang.ref.Reference;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a table in the order of Lua's {@code next}, without metamethods: some hundreds
 * with one downcall. It stands on one of them; at first, and in the end, on none.
 */
public final class Entries implements AutoCloseable {
    private static final int PAIRS_AT_ONCE = 256; // 8 KiB of slots; with more, nothing is gained

    private static final int KEY = 0;
    private static final int VALUE = 1;
    private static final int PAIR = 2;

    private final Handle table;
    private final Slots slots;
    private @Nullable Handle next; // the key that comes behind what the slots have
    private boolean isLast; // nothing comes behind
    private int count; // of slots with keys and values
    private int at; // the slot of the key; on none if that is no less than count

    /** Begins before the first entry. */
    public Entries(Handle table) {
        this.table = table;
        this.slots = table.state().newSlots();
    }

    /**
     * Goes on to the next entry.
     *
     * @return whether there is one
     * @throws RuntimeException as the mapper makes it, for an error in Lua
     */
    public boolean advance() {
        if (at + PAIR < count) {
            at += PAIR;
            return true;
        }
        at = count;
        if (!isLast) {
            fetch();
            at = 0;
        }
        if (at < count) {
            return true;
        }
        close();
        return false;
    }

    private void fetch() {
        State state = table.state();
        state.enter();
        try {
            int number = table.number();
            Frame.begin(state.frame(), 1);
            Handle first = next;
            if (first == null) {
                Frame.setNil(state.frame(), 0);
            } else {
                Frame.setHandle(state.frame(), 0, first.number());
            }
            int status =
                    LuaNative.mp_next(
                            state.lua(),
                            number,
                            PAIRS_AT_ONCE,
                            state.frameSegment(),
                            state.frameByteSize());
            if (status != LuaNative.LUA_OK()) {
                throw state.failure(status);
            }
            take(state);
            if (first != null) {
                first.close();
            }
        } finally {
            state.crossings--;
            Reference.reachabilityFence(this);
        }
    }

    /** Takes pairs, and the number of a handle for the key behind them if there is one. */
    private void take(State state) {
        count = 0; // what follows can fail; the batch comes anew then
        if (Frame.isHeld(state.frame())) {
            slots.take(state.takeAll());
        } else {
            takeWhatFits(state);
        }
        int last = slots.count() - 1;
        boolean isEnd = slots.count() % PAIR == 0;
        next = isEnd ? null : keyBehind(state, (int) slots.getLong(last, KEY));
        isLast = isEnd;
        count = isEnd ? slots.count() : last;
    }

    private void takeWhatFits(State state) {
        long frame = state.frame();
        int written = Frame.written(frame);
        int number = written % PAIR == 0 ? 0 : (int) Frame.payload(frame, written - 1);
        try {
            slots.take(state);
        } catch (Throwable e) {
            state.forgetNow(number);
            throw e;
        }
    }

    private static Handle keyBehind(State state, int number) {
        if (number == 0) {
            throw state.exchange().outOfHandles("KEY");
        }
        return state.newHandle(number, Handle.Type.LIGHT_USERDATA, 0);
    }

    private int require(int part) {
        if (at >= count) {
            throw new NoSuchElementException(
                    isLast ? "behind the last entry" : "next() has not come to an entry");
        }
        return at + part;
    }

    /** {@return the key, as it looks above} */
    public @Nullable Object key() {
        return slots.get(require(KEY));
    }

    /** {@return the key, an integer} */
    public long keyAsLong() {
        return slots.getLong(require(KEY), KEY);
    }

    /** {@return the key, a string} */
    public String keyAsText() {
        return slots.getText(require(KEY), KEY);
    }

    /** {@return the value, as it looks above} */
    public @Nullable Object value() {
        return slots.get(require(VALUE));
    }

    /** {@return the value, an integer} */
    public long valueAsLong() {
        return slots.getLong(require(VALUE), VALUE);
    }

    /** {@return the value, a number} */
    public double valueAsDouble() {
        return slots.getDouble(require(VALUE), VALUE);
    }

    /** {@return the value, a string} */
    public String valueAsText() {
        return slots.getText(require(VALUE), VALUE);
    }

    /** Ends it: there are no more entries. */
    @Override
    public void close() {
        count = 0;
        isLast = true;
        slots.end();
        Handle left = next;
        next = null;
        if (left != null) {
            left.close();
        }
    }
}
