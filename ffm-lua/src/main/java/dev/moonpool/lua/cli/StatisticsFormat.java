package dev.moonpool.lua.cli;

import dev.moonpool.memory.AllocatorStatistics;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Stack;
import java.util.stream.Collectors;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/**
 * How the command shows statistics. Keys are the components of the record, so none is forgotten.
 */
enum StatisticsFormat {
    NONE {
        @Override
        void show(AllocatorStatistics statistics) {}
    },
    TEXT {
        @Override
        void show(AllocatorStatistics statistics) {
            for (RecordComponent component : components()) {
                Console.line(
                        String.format(
                                Locale.ROOT,
                                "%-16s %,d",
                                component.getName(),
                                value(component, statistics)));
            }
        }
    },
    JSON {
        @Override
        void show(AllocatorStatistics statistics) {
            // A line of its own, wherever the script's output has ended.
            Console.line(
                    Arrays.stream(components())
                            .map(c -> '"' + c.getName() + "\":" + value(c, statistics))
                            .collect(Collectors.joining(",", "\n{", "}")));
        }
    };

    /** Writes the statistics on stderr. */
    abstract void show(AllocatorStatistics statistics);

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

    private static RecordComponent[] components() {
        return AllocatorStatistics.class.getRecordComponents();
    }

    private static long value(RecordComponent component, AllocatorStatistics statistics) {
        try {
            return (long) component.getAccessor().invoke(statistics);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(component.getName(), e);
        }
    }
}
