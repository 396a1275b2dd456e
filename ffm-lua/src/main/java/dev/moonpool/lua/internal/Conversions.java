package dev.moonpool.lua.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.jspecify.annotations.Nullable;

/**
 * Lua values as the Java types that somebody wants. Nothing is converted, but for an integer read
 * as a double, and a float that is a whole number read as a long. Messages say which value it is:
 * one of several by its index, a field by its key.
 */
public final class Conversions {
    private static final double TWO_TO_63 = 0x1p63;
    private static final int MAX_BRIEF = 80;

    private Conversions() {}

    /** {@return a value that is an integer; {@code index} says in messages which one it is} */
    public static long toLong(@Nullable Object value, int index) {
        Number n = integer(value);
        if (n == null) {
            throw mismatch(value, index, "an integer");
        }
        return n.longValue();
    }

    /** {@return a field that is an integer} */
    public static long toLong(@Nullable Object value, String key) {
        Number n = integer(value);
        if (n == null) {
            throw mismatch(value, key, "an integer");
        }
        return n.longValue();
    }

    private static @Nullable Number integer(@Nullable Object value) {
        return switch (value) {
            case Long n -> n;
            case Double n when n == Math.rint(n) && n >= -TWO_TO_63 && n < TWO_TO_63 -> n;
            case null, default -> null;
        };
    }

    /** {@return a value that is a number} */
    public static double toDouble(@Nullable Object value, int index) {
        Number n = number(value);
        if (n == null) {
            throw mismatch(value, index, "a number");
        }
        return n.doubleValue();
    }

    /** {@return a field that is a number} */
    public static double toDouble(@Nullable Object value, String key) {
        Number n = number(value);
        if (n == null) {
            throw mismatch(value, key, "a number");
        }
        return n.doubleValue();
    }

    private static @Nullable Number number(@Nullable Object value) {
        return switch (value) {
            case Double n -> n;
            case Long n -> n;
            case null, default -> null;
        };
    }

    /** {@return a value that is a boolean} */
    public static boolean toBoolean(@Nullable Object value, int index) {
        if (value instanceof Boolean b) {
            return b;
        }
        throw mismatch(value, index, "a boolean");
    }

    /** {@return a field that is a boolean} */
    public static boolean toBoolean(@Nullable Object value, String key) {
        if (value instanceof Boolean b) {
            return b;
        }
        throw mismatch(value, key, "a boolean");
    }

    /** {@return a value that is a string; bytes that are no UTF-8 become U+FFFD} */
    public static String toText(@Nullable Object value, int index) {
        String text = text(value);
        if (text == null) {
            throw mismatch(value, index, "a string");
        }
        return text;
    }

    /** {@return a field that is a string; bytes that are no UTF-8 become U+FFFD} */
    public static String toText(@Nullable Object value, String key) {
        String text = text(value);
        if (text == null) {
            throw mismatch(value, key, "a string");
        }
        return text;
    }

    private static @Nullable String text(@Nullable Object value) {
        return switch (value) {
            case String text -> text;
            case byte[] bytes -> new String(bytes, UTF_8);
            case null, default -> null;
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
                "value is not %s: index=%d, value=%s".formatted(wanted, index, brief(value)));
    }

    /** {@return what to throw for a field of another type} */
    public static ClassCastException mismatch(@Nullable Object value, String key, String wanted) {
        return new ClassCastException(
                "field is not %s: key=%s, value=%s".formatted(wanted, brief(key), brief(value)));
    }

    /** {@return a value for a message, which comes even if an object cannot say what it is} */
    public static String shown(@Nullable Object value) {
        try {
            return String.valueOf(value);
        } catch (Throwable e) {
            return value == null ? "null" : value.getClass().getName();
        }
    }

    /** {@return a value for a message that stays short} */
    public static String brief(@Nullable Object value) {
        String text =
                switch (value) {
                    case null -> "nil";
                    case byte[] bytes -> "a string of %d bytes".formatted(bytes.length);
                    default -> shown(value);
                };
        if (text.length() <= MAX_BRIEF) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(MAX_BRIEF - 1)) ? MAX_BRIEF - 1 : MAX_BRIEF;
        return text.substring(0, end) + "...";
    }
}
