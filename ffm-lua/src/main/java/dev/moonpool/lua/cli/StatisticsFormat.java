package dev.moonpool.lua.cli;

import dev.moonpool.lua.LuaKind;
import dev.moonpool.memory.AllocatorStatistics;
import dev.moonpool.memory.AllocatorStatistics.Requests;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Stack;
import java.util.stream.Collectors;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/**
 * How the command shows statistics. Keys are the components of the record, so none is forgotten;
 * then come the free space, and the requests of each kind of Lua; and the live blocks of each,
 * where the allocator tells.
 */
enum StatisticsFormat {
    NONE {
        @Override
        void show(Figures figures) {}
    },
    TEXT {
        @Override
        void show(Figures figures) {
            numbers(figures)
                    .forEach(
                            (key, value) ->
                                    Console.line(
                                            String.format(Locale.ROOT, "%-16s %,d", key, value)));
            Console.line(
                    String.format(
                            Locale.ROOT,
                            "%-16s %.3f",
                            FRAGMENTATION,
                            figures.free().fragmentation()));
            for (LuaKind kind : LuaKind.values()) {
                Requests requests = kind.requests(figures.totals());
                String line =
                        String.format(
                                Locale.ROOT,
                                "%-16s %,d in %,d bytes",
                                keyOf(kind),
                                requests.count(),
                                requests.byteSize());
                for (Requests live : live(figures, kind)) {
                    line +=
                            String.format(
                                    Locale.ROOT,
                                    "; live %,d in %,d bytes",
                                    live.count(),
                                    live.byteSize());
                }
                Console.line(line);
            }
        }
    },
    JSON {
        @Override
        void show(Figures figures) {
            Map<String, Object> members = new LinkedHashMap<>(numbers(figures));
            members.put(
                    FRAGMENTATION,
                    String.format(Locale.ROOT, "%.4f", figures.free().fragmentation()));
            Map<String, Object> kinds = new LinkedHashMap<>();
            for (LuaKind kind : LuaKind.values()) {
                Requests requests = kind.requests(figures.totals());
                Map<String, Object> counts = new LinkedHashMap<>();
                counts.put("requests", requests.count());
                counts.put("bytes", requests.byteSize());
                for (Requests live : live(figures, kind)) {
                    counts.put("blocks", live.count());
                    counts.put("liveBytes", live.byteSize());
                }
                kinds.put(keyOf(kind), object(counts));
            }
            members.put("kinds", object(kinds));
            // A line of its own, wherever the script's output has ended.
            Console.line("\n" + object(members));
        }
    };

    private static final String FRAGMENTATION = "fragmentation";

    /** Writes the statistics on stderr. */
    abstract void show(Figures figures);

    /** Takes a format only as {@code --stats=json}: what follows a bare --stats is the script. */
    static final class Attached implements IParameterPreprocessor {
        @Override
        public boolean preprocess(
                Stack<String> arguments,
                CommandSpec command,
                ArgSpec option,
                Map<String, Object> info) {
            if ("=".equals(info.get("separator"))) {
                return false;
            }
            option.setValue(TEXT);
            return true;
        }
    }

    private static Map<String, Long> numbers(Figures figures) {
        Map<String, Long> numbers = new LinkedHashMap<>();
        for (RecordComponent component : AllocatorStatistics.class.getRecordComponents()) {
            if (component.getType() == long.class) {
                numbers.put(component.getName(), value(component, figures.totals()));
            }
        }
        numbers.put("freeBytes", figures.free().byteSize());
        numbers.put("largestFreeRun", figures.free().largestRun());
        return numbers;
    }

    private static long value(RecordComponent component, AllocatorStatistics statistics) {
        try {
            return (long) component.getAccessor().invoke(statistics);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(component.getName(), e);
        }
    }

    /** The live blocks of a kind; none where the allocator does not tell. */
    private static List<Requests> live(Figures figures, LuaKind kind) {
        return figures.live().isEmpty() ? List.of() : List.of(figures.live().get(kind.tag()));
    }

    private static String keyOf(LuaKind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    private static String object(Map<String, Object> members) {
        return members.entrySet().stream()
                .map(member -> '"' + member.getKey() + "\":" + member.getValue())
                .collect(Collectors.joining(",", "{", "}"));
    }
}
