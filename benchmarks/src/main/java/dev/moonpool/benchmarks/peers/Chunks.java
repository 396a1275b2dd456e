package dev.moonpool.benchmarks.peers;

/** The Lua that all bindings run, and the Java function that it calls. */
final class Chunks {
    /** How many fields the table of {@link #FIELDS} has: field0, field1, ... */
    static final int FIELD_COUNT = 16;

    /** How many entries the tables of {@link #ARRAY} and {@link #MAP} have. */
    static final int ENTRY_COUNT = 1000;

    static final String ADD = "return function(a, b) return a + b end";

    static final String STRING = "return function(s) return s .. '!' end";

    /** Given {@link #increment}, a function of how often to call it. */
    static final String CALLBACK =
            """
            local increment = ...
            return function(times)
                local x = 0
                for _ = 1, times do x = increment(x) end
                return x
            end
            """;

    /** Given a {@link Counter}, a function of how often to add one to it. */
    static final String METHOD =
            """
            local counter = ...
            return function(times)
                local x = 0
                for _ = 1, times do x = counter:add(1) end
                return x
            end
            """;

    /** A function that loops as the two above do, and calls nothing. */
    static final String LOOP =
            """
            return function(times)
                local x = 0
                for _ = 1, times do x = x + 1 end
                return x
            end
            """;

    /** A table {@code {field0 = 0, field1 = 1, ...}}. */
    static final String FIELDS =
            """
            local fields = {}
            for i = 0, %d do fields['field' .. i] = i end
            return fields
            """
                    .formatted(FIELD_COUNT - 1);

    /** A table {@code {10, 20, ...}}. */
    static final String ARRAY =
            """
            local array = {}
            for i = 1, %d do array[i] = 10 * i end
            return array
            """
                    .formatted(ENTRY_COUNT);

    /** A table {@code {entry1 = 10, entry2 = 20, ...}}. */
    static final String MAP =
            """
            local map = {}
            for i = 1, %d do map['entry' .. i] = 10 * i end
            return map
            """
                    .formatted(ENTRY_COUNT);

    private Chunks() {}

    static long increment(long x) {
        return x + 1;
    }
}
