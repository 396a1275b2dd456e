package dev.moonpool.lua;

import dev.moonpool.lua.internal.Conversions;
import java.lang.reflect.Modifier;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Lua values as a Java type: a parameter of a granted method, or the result of a method that is
 * written in Lua. Nothing is converted but numbers without loss, names of enum constants, and
 * tables and functions where an interface is wanted, which they then implement.
 */
final class Converter {
    private final String expected;
    private final boolean nullable;
    private final Conversion conversion;

    private Converter(String expected, boolean nullable, Conversion conversion) {
        this.expected = expected;
        this.nullable = nullable;
        this.conversion = conversion;
    }

    @FunctionalInterface
    private interface Conversion {
        /** {@return the value as the Java type, or null if it is none} */
        @Nullable Object apply(Lua lua, Object value);
    }

    /** {@return how messages call what is converted} */
    String expected() {
        return expected;
    }

    /**
     * {@return a value as the Java type}
     *
     * @param index which argument it is, from 1
     * @throws Mismatch if it cannot be one
     */
    @Nullable Object convert(Lua lua, @Nullable Object value, int index) {
        if (value == null) {
            if (nullable) {
                return null;
            }
            throw new Mismatch(index, expected);
        }
        Object converted = conversion.apply(lua, value);
        if (converted == null) {
            throw new Mismatch(index, expected);
        }
        return converted;
    }

    /** {@return what converts to a type} */
    static Converter of(Class<?> type) {
        boolean nullable = !type.isPrimitive();
        if (type == long.class || type == Long.class) {
            return new Converter("integer", nullable, (lua, value) -> integer(value));
        } else if (type == int.class || type == Integer.class) {
            return ranged(type, Integer.MIN_VALUE, Integer.MAX_VALUE, Long::intValue);
        } else if (type == short.class || type == Short.class) {
            return ranged(type, Short.MIN_VALUE, Short.MAX_VALUE, Long::shortValue);
        } else if (type == byte.class || type == Byte.class) {
            return ranged(type, Byte.MIN_VALUE, Byte.MAX_VALUE, Long::byteValue);
        } else if (type == double.class || type == Double.class) {
            return new Converter(
                    "number",
                    nullable,
                    (lua, value) -> value instanceof Number n ? (Object) n.doubleValue() : null);
        } else if (type == float.class || type == Float.class) {
            return new Converter(
                    "number",
                    nullable,
                    (lua, value) -> value instanceof Number n ? (Object) n.floatValue() : null);
        } else if (type == boolean.class || type == Boolean.class) {
            return new Converter(
                    "boolean", nullable, (lua, value) -> value instanceof Boolean ? value : null);
        } else if (type == char.class || type == Character.class) {
            return new Converter("string of one character", nullable, (lua, value) -> one(value));
        } else if (type == String.class || type == CharSequence.class) {
            return new Converter("string", true, (lua, value) -> text(value));
        } else if (type == byte[].class) {
            return new Converter(
                    "string",
                    true,
                    (lua, value) -> text(value) == null ? null : Conversions.toBytes(value, 0));
        } else if (type.isEnum()) {
            return ofEnum(type);
        } else {
            return ofObject(type);
        }
    }

    @FunctionalInterface
    private interface Narrowing {
        Object narrow(Long value);
    }

    private static Converter ranged(Class<?> type, long least, long most, Narrowing narrowing) {
        return new Converter(
                "integer from %d to %d".formatted(least, most),
                !type.isPrimitive(),
                (lua, value) -> {
                    Long n = integer(value);
                    return n == null || n < least || n > most ? null : narrowing.narrow(n);
                });
    }

    /** {@return a value that is an integer, or a float that is a whole number; else null} */
    static @Nullable Long integer(Object value) {
        return switch (value) {
            case Long n -> n;
            case Double n when isInteger(n) -> n.longValue();
            default -> null;
        };
    }

    /** {@return whether a float is a whole number that a long can be} */
    static boolean isInteger(double n) {
        return n == Math.rint(n) && n >= -0x1p63 && n < 0x1p63;
    }

    private static @Nullable String text(Object value) {
        return value instanceof String || value instanceof byte[]
                ? Conversions.toText(value, 0)
                : null;
    }

    private static @Nullable Character one(Object value) {
        return value instanceof String text && text.length() == 1 ? text.charAt(0) : null;
    }

    private static Converter ofEnum(Class<?> type) {
        Object[] constants = type.getEnumConstants();
        return new Converter(
                "name of a " + type.getSimpleName(),
                true,
                (lua, value) -> {
                    for (Object constant : constants) {
                        if (constant == value || ((Enum<?>) constant).name().equals(value)) {
                            return constant;
                        }
                    }
                    return null;
                });
    }

    private static Converter ofObject(Class<?> type) {
        boolean implementable = type.isInterface() && !type.isSealed() && !type.isHidden();
        return new Converter(
                nameOf(type),
                true,
                (lua, value) -> {
                    if (type.isInstance(value)) {
                        return value;
                    }
                    return implementable ? implemented(lua, type, value) : null;
                });
    }

    private static @Nullable Object implemented(Lua lua, Class<?> type, Object value) {
        return switch (value) {
            case LuaTable table -> Implementation.of(lua, type, table);
            case LuaFunction function when Implementation.isFunctional(type) ->
                    Implementation.of(lua, type, function);
            default -> null;
        };
    }

    private static String nameOf(Class<?> type) {
        if (type == Object.class) {
            return "value";
        } else if (LuaReference.class.isAssignableFrom(type)
                && Modifier.isFinal(type.getModifiers())) {
            return switch (type.getSimpleName().substring("Lua".length())) {
                case "Coroutine" -> "thread";
                case String other -> other.toLowerCase(Locale.ROOT);
            };
        } else {
            return type.getSimpleName();
        }
    }
}
