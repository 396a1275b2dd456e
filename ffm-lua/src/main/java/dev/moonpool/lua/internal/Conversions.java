package dev.moonpool.lua.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.jspecify.annotations.Nullable;

/**
 * Lua values as the Java types that somebody wants. Nothing is converted, but for an integer read
 * as a double, and a float that is a whole number read as a long.
 */
public final class Conversions {
    private static final double TWO_TO_63 = 0x1p63;

    private Conversions() {}

    /** {@return a value that is an integer; {@code index} says in messages which one it is} */
    public static long toLong(@Nullable Object value, int index) {
        return switch (value) {
            case Long n -> n;
            case Double n when n == Math.rint(n) && n >= -TWO_TO_63 && n < TWO_TO_63 ->
                    n.longValue();
            case null, default -> throw mismatch(value, index, "an integer");
        };
    }

    /** {@return a value that is a number} */
    public static double toDouble(@Nullable Object value, int index) {
        return switch (value) {
            case Double n -> n;
            case Long n -> n.doubleValue();
            case null, default -> throw mismatch(value, index, "a number");
        };
    }

    /** {@return a value that is a boolean} */
    public static boolean toBoolean(@Nullable Object value, int index) {
        if (value instanceof Boolean b) {
            return b;
        }
        throw mismatch(value, index, "a boolean");
    }

    /** {@return a value that is a string; bytes that are no UTF-8 become U+FFFD} */
    public static String toText(@Nullable Object value, int index) {
        return switch (value) {
            case String text -> text;
            case byte[] bytes -> new String(bytes, UTF_8);
            case null, default -> throw mismatch(value, index, "a string");
        };
    }

    /** {@return the bytes of a value that is a string; the array is the caller's} */
    public static byte[] toBytes(@Nullable Object value, int index) {
        return switch (value) {
            case String text -> Text.encode(text);
            case byte[] bytes -> bytes.clone();
            case null, default -> throw mismatch(value, index, "a string");
        };
    }

    /** {@return what to throw for a value of another type} */
    public static ClassCastException mismatch(@Nullable Object value, int index, String wanted) {
        return new ClassCastException(
                "result is not %s: index=%d, value=%s".formatted(wanted, index, shown(value)));
    }

    /** {@return a value for a message, which comes even if an object cannot say what it is} */
    public static String shown(@Nullable Object value) {
        try {
            return String.valueOf(value);
        } catch (Throwable e) {
            return value == null ? "null" : value.getClass().getName();
        }
    }
}
