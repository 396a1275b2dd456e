package dev.moonpool.lua;

import dev.moonpool.lua.internal.Call;
import dev.moonpool.lua.internal.Callable;
import java.lang.ref.Reference;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.ObjDoubleConsumer;
import java.util.function.ObjLongConsumer;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A function of a type, as each state that has the type binds it.
 *
 * <p>A call reads each argument that is an object at most once, since that makes a handle; and it
 * reads all, since C made one for each.
 *
 * @param <T> the class of the objects
 */
@FunctionalInterface
interface Member<T> {
    /** {@return the function for a state} */
    Callable in(Granted<T> type);

    /** A method; also a metamethod that is called on the object. */
    static <T> Member<T> method(String name, LuaMethod<? super T> method) {
        return type ->
                call -> {
                    T self = type.self(call, name);
                    List<@Nullable Object> all = call.arguments();
                    LuaValues arguments = new LuaValues(all.subList(1, all.size()));
                    return type.answer(call, name, method.call(self, arguments));
                };
    }

    /** A metamethod of any operands. */
    static <T> Member<T> function(String name, JavaFunction function) {
        return type ->
                call -> type.answer(call, name, function.call(new LuaValues(call.arguments())));
    }

    /**
     * The metamethod of {@code ==}. Lua calls it whatever the other operand is, and nobody who
     * compares two values expects an error: unless both are of the type, they are not equal.
     */
    static <T> Member<T> equality(Member<T> metamethod) {
        return type -> {
            Callable equal = metamethod.in(type);
            return call -> {
                Object first = call.object(0, type.foreign());
                Object second = call.object(1, type.foreign());
                if (first == null || second == null) {
                    call.dropFrom(0);
                    return call.reply(false);
                }
                try {
                    return equal.call(call);
                } finally { // as long as they are compared, they are not collected
                    Reference.reachabilityFence(first);
                    Reference.reachabilityFence(second);
                }
            };
        };
    }

    static <T> Member<T> longMethod(String name, LuaMethod.OfLong<? super T> method) {
        return type ->
                call -> {
                    T self = type.self(call, name);
                    return call.reply(method.call(self, longArgument(type, call, name)));
                };
    }

    static <T> Member<T> doubleMethod(String name, LuaMethod.OfDouble<? super T> method) {
        return type ->
                call -> {
                    T self = type.self(call, name);
                    return call.reply(method.call(self, doubleArgument(type, call, name)));
                };
    }

    static <T> Member<T> closer(LuaMethod.Closer<? super T> closer) {
        return type ->
                call -> {
                    T self = type.self(call, "__close");
                    List<@Nullable Object> all =
                            call.arguments(); // an error, perhaps, is the second
                    assert !all.isEmpty();
                    closer.close(self);
                    return call.reply();
                };
    }

    // ------------------------------------------------------------------------------- properties

    static <T> Member<T> getter(
            String name, Function<? super T, ? extends @Nullable Object> getter) {
        return type ->
                call -> {
                    T self = type.self(call, name);
                    requireCount(type, call, name, 0);
                    return type.answer(call, name, getter.apply(self));
                };
    }

    static <T> Member<T> longGetter(String name, ToLongFunction<? super T> getter) {
        return type ->
                call -> {
                    T self = type.self(call, name);
                    requireCount(type, call, name, 0);
                    return call.reply(getter.applyAsLong(self));
                };
    }

    static <T> Member<T> doubleGetter(String name, ToDoubleFunction<? super T> getter) {
        return type ->
                call -> {
                    T self = type.self(call, name);
                    requireCount(type, call, name, 0);
                    return call.reply(getter.applyAsDouble(self));
                };
    }

    static <T, V> Member<T> setter(
            String name, Class<V> valueType, BiConsumer<? super T, ? super V> setter) {
        Converter converter = Converter.of(valueType);
        return type ->
                call -> {
                    T self = type.self(call, name);
                    requireCount(type, call, name, 1);
                    List<@Nullable Object> all = call.arguments();
                    @SuppressWarnings({"unchecked", "NullAway"}) // as the converter makes it
                    V value = (V) converted(type, converter, name, all);
                    setter.accept(self, value);
                    return call.reply();
                };
    }

    private static @Nullable Object converted(
            Granted<?> type, Converter converter, String name, List<@Nullable Object> all) {
        try {
            return converter.convert(type.lua(), all.get(1), 1);
        } catch (Mismatch e) {
            throw type.badArgument(name, e, all);
        }
    }

    static <T> Member<T> longSetter(String name, ObjLongConsumer<? super T> setter) {
        return type ->
                call -> {
                    T self = type.self(call, name);
                    setter.accept(self, longArgument(type, call, name));
                    return call.reply();
                };
    }

    static <T> Member<T> doubleSetter(String name, ObjDoubleConsumer<? super T> setter) {
        return type ->
                call -> {
                    T self = type.self(call, name);
                    setter.accept(self, doubleArgument(type, call, name));
                    return call.reply();
                };
    }

    // -------------------------------------------------------------------------------- arguments

    /** Makes sure that so many arguments are there beside the object. */
    private static void requireCount(Granted<?> type, Call call, String name, int count) {
        if (call.count() != count + 1) {
            throw type.wrongCount(name, Integer.toString(count), call.arguments());
        }
    }

    private static long longArgument(Granted<?> type, Call call, String name) {
        requireCount(type, call, name, 1);
        try {
            return toLong(1, call);
        } catch (Mismatch e) {
            throw type.badArgument(name, e, call.arguments());
        }
    }

    private static double doubleArgument(Granted<?> type, Call call, String name) {
        requireCount(type, call, name, 1);
        try {
            return toDouble(1, call);
        } catch (Mismatch e) {
            throw type.badArgument(name, e, call.arguments());
        }
    }

    /** {@return an argument that is an integer; reads nothing if it is none} */
    static long toLong(int index, Call call) {
        if (call.isLong(index)) {
            return call.getLong(index);
        } else if (call.isDouble(index) && Converter.isInteger(call.getDouble(index))) {
            return (long) call.getDouble(index);
        }
        throw new Mismatch(index, "integer");
    }

    /** {@return an argument that is a number; reads nothing if it is none} */
    static double toDouble(int index, Call call) {
        if (call.isDouble(index)) {
            return call.getDouble(index);
        } else if (call.isLong(index)) {
            return call.getLong(index);
        }
        throw new Mismatch(index, "number");
    }
}
