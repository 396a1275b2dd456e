package dev.moonpool.lua.cli;

import dev.moonpool.lua.LuaKind;
import dev.moonpool.memory.AllocatorStatistics;
import dev.moonpool.memory.FreeSpace;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Stack;
import java.util.stream.Collectors;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/**
 * How the command shows statistics. Keys are the components of the record, so none is forgotten;
 * then come the free space, and the requests of each kind of Lua.
 */
enum StatisticsFormat {
    NONE {
        @Override
        void show(AllocatorStatistics statistics, FreeSpace space) {}
    },
    TEXT {
        @Override
        void show(AllocatorStatistics statistics, FreeSpace space) {
            numbers(statistics, space)
                    .forEach(
                            (key, value) ->
                                    Console.line(
                                            String.format(Locale.ROOT, "%-16s %,d", key, value)));
            Console.line(
                    String.format(Locale.ROOT, "%-16s %.3f", FRAGMENTATION, space.fragmentation()));
            for (LuaKind kind : LuaKind.values()) {
                AllocatorStatistics.Requests requests = kind.requests(statistics);
                Console.line(
                        String.format(
                                Locale.ROOT,
                                "%-16s %,d in %,d bytes",
                                keyOf(kind),
                                requests.count(),
                                requests.byteSize()));
            }
        }
    },
    JSON {
        @Override
        void show(AllocatorStatistics statistics, FreeSpace space) {
            Map<String, Object> members = new LinkedHashMap<>(numbers(statistics, space));
            members.put(FRAGMENTATION, String.format(Locale.ROOT, "%.4f", space.fragmentation()));
            Map<String, Object> kinds = new LinkedHashMap<>();
            for (LuaKind kind : LuaKind.values()) {
                AllocatorStatistics.Requests requests = kind.requests(statistics);
                Map<String, Object> counts = new LinkedHashMap<>();
                counts.put("requests", requests.count());
                counts.put("bytes", requests.byteSize());
                kinds.put(keyOf(kind), object(counts));
            }
            members.put("kinds", object(kinds));
            // A line of its own, wherever the script's output has ended.
            Console.line("\n" + object(members));
        }
    };

    private static final String FRAGMENTATION = "fragmentation";

    /** Writes the statistics on stderr. */
    abstract void show(AllocatorStatistics statistics, FreeSpace space);

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

    private static Map<String, Long> numbers(AllocatorStatistics statistics, FreeSpace space) {
        Map<String, Long> numbers = new LinkedHashMap<>();
        for (RecordComponent component : AllocatorStatistics.class.getRecordComponents()) {
            if (component.getType() == long.class) {
                numbers.put(component.getName(), value(component, statistics));
            }
        }
        numbers.put("freeBytes", space.byteSize());
        numbers.put("largestFreeRun", space.largestRun());
        return numbers;
    }

    private static long value(RecordComponent component, AllocatorStatistics statistics) {
        try {
            return (long) component.getAccessor().invoke(statistics);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(component.getName(), e);
        }
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
