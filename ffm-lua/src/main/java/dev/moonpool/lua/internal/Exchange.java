package dev.moonpool.lua.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.moonpool.lua.internal.ffi.LuaNative;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns values into a frame's slots and back. What a frame cannot take in goes through memory
 * beside it, so that nothing is ever cut.
 */
final class Exchange {
    /** Lua's stack does not take more (LUAI_MAXSTACK). */
    private static final int MAX_VALUES = 1_000_000;

    private static final Handle.Type[] TYPES = new Handle.Type[LuaNative.MP_TAG_HANDLE()];

    static {
        TYPES[LuaNative.MP_TAG_TABLE()] = Handle.Type.TABLE;
        TYPES[LuaNative.MP_TAG_FUNCTION()] = Handle.Type.FUNCTION;
        TYPES[LuaNative.MP_TAG_USERDATA()] = Handle.Type.USERDATA;
        TYPES[LuaNative.MP_TAG_THREAD()] = Handle.Type.THREAD;
        TYPES[LuaNative.MP_TAG_LIGHTUSERDATA()] = Handle.Type.LIGHT_USERDATA;
    }

    private final State state;
    private final ValueMapper mapper;
    private final ForeignTable foreign;
    private final byte[] shortBytes = new byte[256];

    Exchange(State state, ValueMapper mapper, ForeignTable foreign) {
        this.state = state;
        this.mapper = mapper;
        this.foreign = foreign;
    }

    /** Where a frame can be that is larger than the usual one. */
    @FunctionalInterface
    interface Memory {
        /** {@return the address of memory for a frame} */
        long allocate(long byteSize);
    }

    /** {@return memory that is good until the arena is closed} */
    static Memory in(Arena arena) {
        return byteSize -> {
            MemorySegment memory = arena.allocate(byteSize, Frame.SLOT_SIZE);
            return memory.address();
        };
    }

    /**
     * Writes values.
     *
     * @param values the values, as they look above
     * @param frame where they go if they fit
     * @param byteSize the size of that
     * @param larger where they go otherwise
     * @return the address of the frame that has them
     * @throws IllegalArgumentException if a value has no counterpart in Lua
     */
    long write(@Nullable Object[] values, long frame, long byteSize, Memory larger) {
        if (values.length > MAX_VALUES) {
            throw new IllegalArgumentException(
                    "too many values for Lua: count=%d, most=%d"
                            .formatted(values.length, MAX_VALUES));
        }
        @Nullable Object[] encoded = new @Nullable Object[values.length];
        long needed = Frame.byteSize(values.length);
        for (int i = 0; i < values.length; i++) {
            encoded[i] = encode(values[i], i);
            needed += encoded[i] instanceof byte[] bytes ? bytes.length : 0;
        }
        long target = needed <= byteSize ? frame : larger.allocate(needed);
        Frame.begin(target, values.length);
        long strings = target + Frame.byteSize(values.length);
        foreign.begin(); // what has run so far may have written something else
        try {
            for (int i = 0; i < values.length; i++) {
                strings = writeSlot(target, i, encoded[i], strings);
            }
        } catch (Throwable e) {
            foreign.takeBack();
            throw e;
        }
        return target;
    }

    /**
     * {@return a value as it looks below}
     *
     * @param value the value as it looks above, or below already
     * @param index which one it is, for messages
     * @throws IllegalArgumentException if it has no counterpart in Lua
     */
    @Nullable Object encode(@Nullable Object value, int index) {
        return switch (value) {
            case null -> null;
            case Boolean b -> b;
            case Long n -> n;
            case Integer n -> n.longValue();
            case Short n -> n.longValue();
            case Byte n -> n.longValue();
            case Double n -> n;
            case Float n -> n.doubleValue();
            case String s -> Text.encode(s);
            case byte[] bytes -> bytes;
            case Handle handle -> ours(handle, index);
            case Foreign object -> object;
            case ForeignObject.Weak collected -> known(collected, index);
            case Callable function -> function;
            case TableWriter.Node node -> node;
            default -> mapped(value, index);
        };
    }

    private Object mapped(Object value, int index) {
        Object below = mapper.toLua(value);
        if (below == null) {
            throw new IllegalArgumentException(
                    "value has no counterpart in Lua: index=%d, class=%s"
                            .formatted(index, value.getClass().getName()));
        }
        return below instanceof Handle handle ? ours(handle, index) : below;
    }

    /** What Lua has a userdata for, though its object was collected. */
    private ForeignObject known(ForeignObject.Weak collected, int index) {
        ForeignObject object = collected.of();
        if (object == null) {
            throw new AssertionError(collected);
        }
        Handle type = ours(object.type().metatable(), index);
        assert type == object.type().metatable();
        return object;
    }

    private Handle ours(Handle handle, int index) {
        if (handle.state() != state) {
            throw new IllegalArgumentException(
                    "value is another state's: index=%d, type=%s".formatted(index, handle.type()));
        }
        int ignored = handle.number(); // before anything is written: it throws if it is closed
        return handle;
    }

    /** Writes a slot, and a string's bytes at {@code strings}. {@return where the next can go} */
    private long writeSlot(long frame, int index, @Nullable Object value, long strings) {
        switch (value) {
            case null -> Frame.setNil(frame, index);
            case Boolean b -> Frame.setBoolean(frame, index, b);
            case Long n -> Frame.setLong(frame, index, n);
            case Double n -> Frame.setDouble(frame, index, n);
            case byte[] bytes -> {
                Frame.set(frame, index, LuaNative.MP_TAG_STRING(), bytes.length, strings);
                Raw.setBytes(strings, bytes);
                return strings + bytes.length;
            }
            case Handle handle -> Frame.setHandle(frame, index, handle.number());
            case Foreign object -> writeObject(frame, index, object.type().intern(object));
            case ForeignObject object -> writeObject(frame, index, object);
            case Callable function ->
                    Frame.set(frame, index, LuaNative.MP_TAG_CALLABLE(), 0, foreign.add(function));
            case TableWriter.Node node -> Frame.setNode(frame, index, node);
            default -> throw new AssertionError(value);
        }
        return strings;
    }

    private void writeObject(long frame, int index, ForeignObject object) {
        int type = object.type().metatable().number();
        Frame.set(frame, index, LuaNative.MP_TAG_FOREIGN(), type, foreign.idOf(object));
    }

    /**
     * Adds the values that the state's frame has to a list, as they look above. If that fails, the
     * objects among the others are let go of.
     */
    void read(long frame, List<@Nullable Object> values) {
        int written = Frame.written(frame);
        try {
            for (int i = 0; i < written; i++) {
                values.add(read(frame, i));
            }
        } catch (Throwable e) {
            state.dropObjects(0);
            throw e;
        }
    }

    /** {@return a value as it looks above} */
    @Nullable Object read(long frame, int index) {
        int tag = Frame.tag(frame, index);
        if (Frame.isPlain(tag)) {
            return Frame.plain(tag, Frame.payload(frame, index));
        } else if (tag == LuaNative.MP_TAG_STRING()) {
            byte[] bytes = stringBytes(frame, index);
            return mapper.string(bytes, 0, (int) Frame.length(frame, index));
        } else if (tag == LuaNative.MP_TAG_FOREIGN()) {
            Object known = foreign.get(Frame.payload(frame, index));
            return known instanceof ForeignObject object ? object.above() : known;
        } else {
            return mapper.handle(handle(frame, index, TYPES[tag]));
        }
    }

    /** {@return the value of a slot that is a string; bytes that are no UTF-8 become U+FFFD} */
    String readText(long frame, int index) {
        byte[] bytes = stringBytes(frame, index);
        return new String(bytes, 0, (int) Frame.length(frame, index), UTF_8);
    }

    /**
     * {@return an array that begins with a string's bytes, and is good until the next such call}
     */
    private byte[] stringBytes(long frame, int index) {
        long length = Frame.length(frame, index);
        if (length > shortBytes.length) {
            return Frame.bytes(frame, index);
        }
        Raw.getBytes(Frame.payload(frame, index), shortBytes, (int) length);
        return shortBytes;
    }

    /** {@return the number that was made for an object, 0 if a value is none} */
    static int objectNumber(long frame, int index) {
        int tag = Frame.tag(frame, index);
        return tag < TYPES.length && TYPES[tag] != null ? (int) Frame.length(frame, index) : 0;
    }

    private Handle handle(long frame, int index, Handle.Type type) {
        int number = (int) Frame.length(frame, index);
        if (number == 0) {
            throw outOfHandles(type.name());
        }
        Handle handle = new Handle(state, number, type, Frame.payload(frame, index));
        Frame.setNil(frame, index); // two handles with one number would end it twice
        handle.register();
        return handle;
    }

    /** {@return what is to be thrown when C has no memory for a handle} */
    RuntimeException outOfHandles(String type) {
        state.handles().exhausted();
        return mapper.failure(
                LuaError.of(
                        LuaNative.LUA_ERRMEM(),
                        "no room in the state for a handle: type=%s, handles=%d, most=%d"
                                .formatted(
                                        type, state.handles().count(), HandleTable.MAX_HANDLES)));
    }
}
