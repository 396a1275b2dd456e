package dev.moonpool.lua;

import dev.moonpool.lua.internal.Callable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Methods of a Java class that have one name in Lua. The number of arguments says which one is
 * called, so no two may take the same.
 */
final class Invoker<T> implements Member<T> {
    private final String name;
    private final @Nullable Overload[] byCount; // those without varargs
    private final @Nullable Overload varargs;

    /**
     * Makes one.
     *
     * @throws IllegalArgumentException if the number of arguments does not tell which is meant
     */
    Invoker(String name, List<Overload> overloads) {
        this.name = name;
        int most = overloads.stream().mapToInt(Overload::least).max().orElse(0);
        byCount = new @Nullable Overload[most + 1];
        Overload open = null;
        for (Overload overload : overloads) {
            if (overload.isVarargs()) {
                if (open != null) {
                    throw ambiguous(overload.least());
                }
                open = overload;
            } else if (byCount[overload.least()] != null) {
                throw ambiguous(overload.least());
            } else {
                byCount[overload.least()] = overload;
            }
        }
        varargs = open;
        for (int i = open == null ? byCount.length : open.least(); i < byCount.length; i++) {
            if (byCount[i] != null) {
                throw ambiguous(i);
            }
        }
    }

    private IllegalArgumentException ambiguous(int count) {
        return new IllegalArgumentException(
                "two methods take the same number of arguments, so Lua could not say which: name=%s, count=%d"
                        .formatted(name, count));
    }

    @Override
    public Callable in(Granted<T> type) {
        return call -> {
            T self = type.self(call, name);
            Overload overload = select(call.count() - 1);
            if (overload == null) {
                throw type.wrongCount(name, counts(), call.arguments());
            }
            return overload.invoke(type, name, self, call);
        };
    }

    private @Nullable Overload select(int count) {
        Overload exact = count < byCount.length ? byCount[count] : null;
        return exact == null && varargs != null && count >= varargs.least() ? varargs : exact;
    }

    private String counts() {
        List<String> counts = new ArrayList<>();
        for (int i = 0; i < byCount.length; i++) {
            if (byCount[i] != null) {
                counts.add(Integer.toString(i));
            }
        }
        if (varargs != null) {
            counts.add("at least " + varargs.least());
        }
        return counts.stream().collect(Collectors.joining(" or "));
    }
}
