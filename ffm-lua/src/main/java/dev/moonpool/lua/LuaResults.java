package dev.moonpool.lua;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.moonpool.lua.internal.Opaque;
import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/**
 * What a chunk returned, in order. As a list it holds Java's natural types: null, {@code Boolean},
 * {@code Long}, {@code Double}, {@code String}, {@link LuaObject}.
 *
 * <p>The typed reads do not convert, but for an integer read as a double, and a float that is a
 * whole number read as a long. They throw {@link ClassCastException} if something else is there,
 * and {@link IndexOutOfBoundsException} if nothing is. Those without an index read the first
 * result.
 *
 * <p>Unmodifiable; it does not depend on the state any more, and any thread may use it.
 */
public final class LuaResults extends AbstractList<@Nullable Object> implements RandomAccess {
    private static final double TWO_TO_63 = 0x1p63;

    private final List<@Nullable Object> values;

    LuaResults(List<@Nullable Object> values) {
        this.values = values;
    }

    @Override
    public int size() {
        return values.size();
    }

    /** {@return a result as its natural type} A string's bytes that are no UTF-8 become U+FFFD. */
    @Override
    public @Nullable Object get(int index) {
        return switch (values.get(index)) {
            case byte[] bytes -> new String(bytes, UTF_8);
            case Opaque(String typeName, long address) -> new LuaObject(typeName, address);
            case null -> null;
            case Object value -> value;
        };
    }

    /** {@return the first result, a boolean} */
    public boolean asBoolean() {
        return asBoolean(0);
    }

    /**
     * {@return a boolean}
     *
     * @param index which result, from 0
     */
    public boolean asBoolean(int index) {
        if (values.get(index) instanceof Boolean b) {
            return b;
        }
        throw mismatch(index, "a boolean");
    }

    /** {@return the first result, an integer} */
    public long asLong() {
        return asLong(0);
    }

    /**
     * {@return an integer}
     *
     * @param index which result, from 0
     */
    public long asLong(int index) {
        return switch (values.get(index)) {
            case Long n -> n;
            case Double n when n == Math.rint(n) && n >= -TWO_TO_63 && n < TWO_TO_63 ->
                    n.longValue();
            case null, default -> throw mismatch(index, "an integer");
        };
    }

    /** {@return the first result, a number} */
    public double asDouble() {
        return asDouble(0);
    }

    /**
     * {@return a number} An integer beyond 2<sup>53</sup> is rounded.
     *
     * @param index which result, from 0
     */
    public double asDouble(int index) {
        return switch (values.get(index)) {
            case Double n -> n;
            case Long n -> n.doubleValue();
            case null, default -> throw mismatch(index, "a number");
        };
    }

    /** {@return the first result, a string, decoded as UTF-8} */
    public String asString() {
        return asString(0);
    }

    /**
     * {@return a string, decoded as UTF-8} Bytes that are no UTF-8 become U+FFFD; {@link #asBytes}
     * has them as they are.
     *
     * @param index which result, from 0
     */
    public String asString(int index) {
        return new String(bytes(index), UTF_8);
    }

    /** {@return the bytes of the first result, a string} */
    public byte[] asBytes() {
        return asBytes(0);
    }

    /**
     * {@return the bytes of a string} The array is the caller's.
     *
     * @param index which result, from 0
     */
    public byte[] asBytes(int index) {
        return bytes(index).clone();
    }

    private byte[] bytes(int index) {
        if (values.get(index) instanceof byte[] b) {
            return b;
        }
        throw mismatch(index, "a string");
    }

    private ClassCastException mismatch(int index, String wanted) {
        return new ClassCastException(
                "result is not %s: index=%d, value=%s".formatted(wanted, index, get(index)));
    }
}
