package dev.moonpool.lua;

import dev.moonpool.lua.internal.Conversions;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Where a value is in what is being converted, for messages.
 *
 * @param parent where the table is that it is in
 * @param step its key there
 */
record Place(@Nullable Place parent, Object step) {
    /** Of a longer path, what is between the root and the last steps is left out. */
    private static final int MAX_STEPS = 20;

    static Place root(String name) {
        return new Place(null, name);
    }

    /** {@return what to throw for a value that is of another type} */
    ClassCastException mismatch(@Nullable Object value, Class<?> wanted) {
        return new ClassCastException(
                "value is no %s: at=%s, value=%s"
                        .formatted(wanted.getTypeName(), this, Conversions.brief(value)));
    }

    /** {@return the path, such as {@code Order.items[3].price}} */
    @Override
    public String toString() {
        Deque<String> path = new ArrayDeque<>();
        Place place = this;
        for (Place outer = parent; outer != null; outer = place.parent) {
            if (path.size() < MAX_STEPS) {
                String text = Conversions.brief(place.step);
                path.addFirst(place.step instanceof String ? "." + text : "[" + text + "]");
            } else if (path.size() == MAX_STEPS) {
                path.addFirst("(...)");
            }
            place = outer;
        }
        return place.step + String.join("", path);
    }
}
