package dev.moonpool.lua;

import dev.moonpool.lua.internal.Conversions;
import org.jspecify.annotations.Nullable;

/**
 * Where a value is in what is being converted, for messages.
 *
 * @param parent where the table is that it is in
 * @param step its key there
 */
record Place(@Nullable Place parent, Object step) {
    private static final int MAX_LENGTH = 80;

    static Place root(String name) {
        return new Place(null, name);
    }

    /** {@return what to throw for a value that is of another type} */
    ClassCastException mismatch(@Nullable Object value, Class<?> wanted) {
        return new ClassCastException(
                "value is no %s: at=%s, value=%s"
                        .formatted(
                                wanted.getTypeName(), this, value == null ? "nil" : shown(value)));
    }

    private static String shown(Object value) {
        String text =
                value instanceof byte[] bytes
                        ? "a string of %d bytes".formatted(bytes.length)
                        : Conversions.shown(value);
        return text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH) + "...";
    }

    /** {@return the path, such as {@code Order.items[3].price}} */
    @Override
    public String toString() {
        if (parent == null) {
            return String.valueOf(step);
        }
        String text = shown(step);
        return parent + (step instanceof String ? "." + text : "[" + text + "]");
    }
}
