package dev.moonpool.lua;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks at what tables have become before it is an element of a set or a key of a map. The hash of
 * a list, set, map or record is that of all that is in it; so it must
 *
 * <ol>
 *   <li>be complete, or its hash would change;
 *   <li>not hold itself, nor be deep, or its hash would take more stack than there is;
 *   <li>not hold too many, or its hash would take for ever: some tables that hold each other twice
 *       are as many as one likes.
 * </ol>
 *
 * <p>All else is the user's own, and has a hash or not.
 */
final class HashedValues {
    private static final int MAX_COUNT = 1 << 16;

    private final Set<Object> incomplete = Collections.newSetFromMap(new IdentityHashMap<>());
    private final IdentityHashMap<Object, @Nullable Object[]> records = new IdentityHashMap<>();
    private int left;

    /** A list, set or map is about to be filled. */
    void begin(Object container) {
        boolean added = incomplete.add(container);
        assert added;
    }

    /** It is complete. */
    void end(Object container) {
        boolean removed = incomplete.remove(container);
        assert removed;
    }

    /** A record was made of these. */
    void made(Object created, @Nullable Object[] components) {
        records.put(created, components);
    }

    /**
     * Makes sure that a value has a hash.
     *
     * @throws IllegalArgumentException if it has none
     */
    void require(@Nullable Object value, Place place) {
        left = MAX_COUNT;
        visit(value, 0, place);
    }

    private void visit(@Nullable Object value, int depth, Place place) {
        switch (value) {
            case ArrayList<?> list -> visitAll(list, list, depth, place);
            case LinkedHashSet<?> set -> visitAll(set, set, depth, place);
            case LinkedHashMap<?, ?> map -> {
                count(map, depth, place);
                visitEach(map.keySet(), depth + 1, place);
                visitEach(map.values(), depth + 1, place);
            }
            case Optional<?> optional -> visit(optional.orElse(null), depth, place);
            case Record created -> {
                @Nullable Object[] components = records.get(created);
                if (components != null) {
                    visitAll(created, Arrays.asList(components), depth, place);
                }
            }
            case null, default -> {}
        }
    }

    private void visitAll(Object container, Iterable<?> values, int depth, Place place) {
        count(container, depth, place);
        visitEach(values, depth + 1, place);
    }

    private void visitEach(Iterable<?> values, int depth, Place place) {
        for (Object value : values) {
            visit(value, depth, place);
        }
    }

    private void count(Object container, int depth, Place place) {
        if (incomplete.contains(container) || depth == TableToJava.MAX_DEPTH || left-- == 0) {
            throw new IllegalArgumentException(
                    "element of a set or key of a map holds itself, or too many tables:"
                            + " at=%s, most nested=%d, most in all=%d"
                                    .formatted(place, TableToJava.MAX_DEPTH, MAX_COUNT));
        }
    }
}
