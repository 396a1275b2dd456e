package dev.moonpool.lua;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Makes lists and maps of tables, as {@link LuaTable#toJava} says. Without recursion: there is no
 * type that would say how deep tables can be. Tables that were met stay referred to until the end:
 * that is what their identity means something for.
 */
final class NaturalTables implements AutoCloseable {
    private final Map<LuaTable, Object> made = new HashMap<>();
    private final List<LuaTable> met = new ArrayList<>();
    private final Queue<Content> pending = new ArrayDeque<>();

    @Override
    public void close() {
        met.forEach(LuaTable::close);
    }

    /** {@return what becomes of a table} */
    Object convert(LuaTable root) {
        Object result = begin(root);
        for (Content next = pending.poll(); next != null; next = pending.poll()) {
            next.replaceTables(this);
        }
        return result;
    }

    /** {@return what becomes of a table within another one, which is let go of then} */
    Object convertNested(LuaTable table) {
        met.add(table);
        return convert(table);
    }

    private Object begin(LuaTable table) {
        Object known = made.get(table);
        if (known != null) {
            return known;
        }
        Content content = new Content();
        table.forEach(content::add);
        content.finish();
        pending.add(content);
        Object result = content.result();
        made.put(table, result);
        return result;
    }

    private Object replacement(Object value) {
        if (!(value instanceof LuaTable table)) {
            return value;
        } else if (made.containsKey(table)) {
            table.close();
        } else {
            met.add(table);
        }
        return begin(table);
    }

    /** A table's entries: a list as long as the keys are 1, 2, 3 and so on, a map from then on. */
    private static final class Content {
        private List<Object> list = new ArrayList<>();
        private @Nullable Map<Object, Object> map;

        void add(Object key, Object value) {
            if (map == null) {
                if (key instanceof Long index && index == list.size() + 1) {
                    list.add(value);
                    return;
                }
                map = mapOf(list);
            }
            map.put(key, value);
        }

        /** Elements can come in another order, after others or among themselves. */
        void finish() {
            Map<Object, Object> all = map;
            if (all == null) {
                map = list.isEmpty() ? new LinkedHashMap<>() : null;
                return;
            }
            List<Object> inOrder = new ArrayList<>();
            for (long i = 1; i <= all.size(); i++) {
                Object element = all.get(i);
                if (element == null) {
                    return;
                }
                inOrder.add(element);
            }
            list = inOrder;
            map = null;
        }

        private static Map<Object, Object> mapOf(List<Object> elements) {
            Map<Object, Object> map = new LinkedHashMap<>();
            long index = 1;
            for (Object element : elements) {
                map.put(index++, element);
            }
            return map;
        }

        Object result() {
            return map == null ? list : map;
        }

        void replaceTables(NaturalTables tables) {
            if (map == null) {
                list.replaceAll(tables::replacement);
            } else {
                map.replaceAll((key, value) -> tables.replacement(value));
            }
        }
    }
}
