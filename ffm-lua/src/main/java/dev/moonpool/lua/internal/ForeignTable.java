package dev.moonpool.lua.internal;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What Lua knows of Java: functions and objects, by ids that are not used again.
 *
 * <pre>
 *     id = generation: 32 | index: 31
 * </pre>
 *
 * <ol>
 *   <li>an entry that holds something has an odd generation, one that is free an even one; so 0 is
 *       nothing's id
 *   <li>an object is there once for each class, however often it goes to Lua; a function each time
 *   <li>Lua gets to know the ids that are new since {@link #begin}, or they are {@linkplain
 *       #takeBack() taken back}
 * </ol>
 */
final class ForeignTable {
    private static final int INDEX_BITS = 31;
    private static final long INDEX_MASK = (1L << INDEX_BITS) - 1;

    private @Nullable Object[] values = new @Nullable Object[16];
    private int[] generations = new int[16];
    private int[] free = new int[16];
    private int freeCount;
    private int[] fresh = new int[16]; // the indices of the new ids
    private int freshCount;
    private int used;

    /** From here on, ids are new. */
    void begin() {
        freshCount = 0;
    }

    /** Forgets the new ids: Lua is not going to. */
    void takeBack() {
        while (freshCount > 0) {
            remove(id(fresh[--freshCount]));
        }
    }

    /** {@return the id of a function, a new one} */
    long add(Object value) {
        int index = freeCount > 0 ? free[--freeCount] : newIndex();
        fresh[freshCount++] = index;
        generations[index]++;
        values[index] = value;
        return id(index);
    }

    private int newIndex() {
        if (used == values.length) {
            int size = 2 * used;
            values = Arrays.copyOf(values, size);
            generations = Arrays.copyOf(generations, size);
            free = Arrays.copyOf(free, size); // has room for all, so that remove cannot fail
            fresh = Arrays.copyOf(fresh, size);
        }
        return used++;
    }

    private long id(int index) {
        return (long) generations[index] << INDEX_BITS | index;
    }

    /** {@return the id of an object, always the same one while Lua knows the object} */
    long idOf(ForeignObject object) {
        if (object.id() == 0) {
            object.setId(add(object));
        }
        return object.id();
    }

    /** {@return what an id stands for; null if it is nothing's any more} */
    @Nullable Object get(long id) {
        int index = (int) (id & INDEX_MASK);
        return id > 0 && index < used && id(index) == id ? values[index] : null;
    }

    /** Forgets what Lua does not know any more; an id that is nothing's does nothing. */
    void remove(long id) {
        Object value = get(id);
        if (value == null) {
            return;
        }
        if (value instanceof ForeignObject object) {
            object.type().forget(object);
        }
        int index = (int) (id & INDEX_MASK);
        values[index] = null;
        generations[index]++;
        free[freeCount++] = index;
    }

    /** {@return how many functions and objects Lua knows} */
    int size() {
        return used - freeCount;
    }
}
