package dev.moonpool.lua.internal;

import dev.moonpool.lua.internal.ffi.LuaNative;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A call of a Java function by Lua: its arguments, and its reply. There is one for each state, and
 * it is about the innermost call: a function reads its arguments before it uses the state, and
 * replies as the last thing it does.
 *
 * <p>The methods for single arguments are for the first few; the frame surely has those. C has made
 * a handle for each argument that is an object: it ends with what is read here, or by {@link
 * #dropFrom}, or not at all. An object can be read once; it is nil from then on.
 */
public final class Call {
    private final State state;

    Call(State state) {
        this.state = state;
    }

    /** {@return how many arguments there are} */
    public int count() {
        return Frame.count(state.frame());
    }

    /** {@return whether an argument is an integer} */
    public boolean isLong(int index) {
        return has(index) && Frame.tag(state.frame(), index) == LuaNative.MP_TAG_INTEGER();
    }

    /** {@return an argument that is an integer} */
    public long getLong(int index) {
        return Frame.payload(state.frame(), index);
    }

    /** {@return whether an argument is a float} */
    public boolean isDouble(int index) {
        return has(index) && Frame.tag(state.frame(), index) == LuaNative.MP_TAG_FLOAT();
    }

    /** {@return an argument that is a float} */
    public double getDouble(int index) {
        return Frame.number(state.frame(), index);
    }

    /** {@return whether an argument is a string} */
    public boolean isString(int index) {
        return has(index) && Frame.tag(state.frame(), index) == LuaNative.MP_TAG_STRING();
    }

    /** {@return whether an argument is a boolean} */
    public boolean isBoolean(int index) {
        if (!has(index)) {
            return false;
        }
        int tag = Frame.tag(state.frame(), index);
        return tag == LuaNative.MP_TAG_TRUE() || tag == LuaNative.MP_TAG_FALSE();
    }

    /** {@return an argument that is a boolean} */
    public boolean getBoolean(int index) {
        return Frame.tag(state.frame(), index) == LuaNative.MP_TAG_TRUE();
    }

    /** {@return whether an argument is nil, and there} */
    public boolean isNil(int index) {
        return has(index) && Frame.tag(state.frame(), index) == LuaNative.MP_TAG_NIL();
    }

    /** Ends what was made for the arguments from one on: nobody is going to read them. */
    public void dropFrom(int index) {
        if (index < Frame.written(state.frame())) {
            state.dropObjects(index);
        }
    }

    /** {@return whether the methods for single arguments are for all of them} */
    public boolean isComplete() {
        long frame = state.frame();
        return Frame.written(frame) == Frame.count(frame);
    }

    /** {@return an argument, if it is an object of a class, and was not collected; or null} */
    public @Nullable Object object(int index, ForeignClass type) {
        long frame = state.frame();
        return has(index)
                        && Frame.tag(frame, index) == LuaNative.MP_TAG_FOREIGN()
                        && state.foreign(Frame.payload(frame, index))
                                instanceof ForeignObject object
                        && object.type() == type
                ? object.get()
                : null;
    }

    /** {@return the class of an argument that is a Java object, or null} */
    public @Nullable ForeignClass foreignClass(int index) {
        long frame = state.frame();
        return has(index)
                        && Frame.tag(frame, index) == LuaNative.MP_TAG_FOREIGN()
                        && state.foreign(Frame.payload(frame, index))
                                instanceof ForeignObject object
                ? object.type()
                : null;
    }

    private boolean has(int index) {
        return index < Frame.written(state.frame());
    }

    /** {@return an argument, null where there is none} */
    public @Nullable Object get(int index) {
        return has(index) ? state.exchange().read(state.frame(), index) : null;
    }

    /** {@return all arguments} */
    public List<@Nullable Object> arguments() {
        List<@Nullable Object> values = new ArrayList<>(count());
        state.readAll(values);
        return values;
    }

    /** {@return the reply that has no value} */
    public long reply() {
        return begin(0);
    }

    /** {@return the reply that is an integer} */
    public long reply(long value) {
        long frame = begin(1);
        Frame.setLong(frame, 0, value);
        return frame;
    }

    /** {@return the reply that is a float} */
    public long reply(double value) {
        long frame = begin(1);
        Frame.setDouble(frame, 0, value);
        return frame;
    }

    /** {@return the reply that is a boolean} */
    public long reply(boolean value) {
        long frame = begin(1);
        Frame.setBoolean(frame, 0, value);
        return frame;
    }

    private long begin(int count) {
        long frame = state.frame();
        Frame.begin(frame, count);
        return frame;
    }

    /**
     * {@return the reply that has these values}
     *
     * @throws IllegalArgumentException if one has no counterpart in Lua
     */
    public long reply(@Nullable Object[] values) {
        return state.writeReply(values);
    }

    /**
     * {@return the reply that yields values}
     *
     * @param continuation called with what the coroutine is resumed with; null if that is the
     *     function's result
     * @param values the values
     */
    public long replyYield(@Nullable Callable continuation, @Nullable Object[] values) {
        @Nullable Object[] all = new @Nullable Object[values.length + 1];
        all[0] = continuation;
        System.arraycopy(values, 0, all, 1, values.length);
        long frame = state.writeReply(all);
        Frame.outcome(frame, LuaNative.MP_YIELDED());
        return frame;
    }
}
