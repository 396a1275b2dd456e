package dev.moonpool.lua;

import dev.moonpool.lua.internal.Conversions;
import org.jspecify.annotations.Nullable;

/** Booleans, numbers and strings as the Java types that somebody wants, without loss. */
final class Scalars {
    private Scalars() {}

    /**
     * {@return a value as a type that it is not of already}
     *
     * @throws ClassCastException if it cannot be
     */
    static Object convert(Object value, Class<?> type, Place place) {
        Object converted = type.isEnum() ? constant(value, type) : simple(value, type);
        if (converted == null) {
            throw place.mismatch(value, type);
        }
        return converted;
    }

    private static @Nullable Object simple(Object value, Class<?> type) {
        if (type == boolean.class) {
            return value instanceof Boolean ? value : null;
        } else if (type == double.class || type == Double.class) {
            return value instanceof Number n ? n.doubleValue() : null;
        } else if (type == float.class || type == Float.class) {
            return value instanceof Number n ? n.floatValue() : null;
        } else if (type == char.class || type == Character.class) {
            return value instanceof String s && s.length() == 1 ? s.charAt(0) : null;
        } else if (type == String.class) {
            return value instanceof byte[] ? Conversions.toText(value, 0) : null;
        } else if (type == byte[].class) {
            return value instanceof String ? Conversions.toBytes(value, 0) : null;
        }
        return integer(value, type);
    }

    private static @Nullable Object integer(Object value, Class<?> type) {
        Long n = whole(value);
        if (n == null) {
            return null;
        } else if (type == long.class || type == Long.class) {
            return n;
        } else if (type == int.class || type == Integer.class) {
            return n == n.intValue() ? n.intValue() : null;
        } else if (type == short.class || type == Short.class) {
            return n == n.shortValue() ? n.shortValue() : null;
        } else if (type == byte.class || type == Byte.class) {
            return n == n.byteValue() ? n.byteValue() : null;
        }
        return null;
    }

    private static @Nullable Long whole(Object value) {
        try {
            return value instanceof Number ? Conversions.toLong(value, 0) : null;
        } catch (ClassCastException e) {
            return null; // a fraction, or too large
        }
    }

    private static @Nullable Object constant(Object value, Class<?> type) {
        for (Object constant : type.getEnumConstants()) {
            if (constant instanceof Enum<?> e && e.name().equals(value)) {
                return constant;
            }
        }
        return null;
    }
}
