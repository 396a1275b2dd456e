package dev.moonpool.lua;

import dev.moonpool.lua.internal.Call;
import dev.moonpool.lua.internal.Callable;
import dev.moonpool.lua.internal.Conversions;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Java functions of one type, which neither their arguments nor their results need objects for. */
final class TypedFunctions {
    private TypedFunctions() {}

    static Callable longs(LongUnaryOperator function) {
        return call -> {
            long a = longAt(call, 0);
            call.dropFrom(1);
            return call.reply(function.applyAsLong(a));
        };
    }

    static Callable longs(LongBinaryOperator function) {
        return call -> {
            long a = longAt(call, 0);
            long b = longAt(call, 1);
            call.dropFrom(2);
            return call.reply(function.applyAsLong(a, b));
        };
    }

    static Callable doubles(DoubleUnaryOperator function) {
        return call -> {
            double a = doubleAt(call, 0);
            call.dropFrom(1);
            return call.reply(function.applyAsDouble(a));
        };
    }

    static Callable doubles(DoubleBinaryOperator function) {
        return call -> {
            double a = doubleAt(call, 0);
            double b = doubleAt(call, 1);
            call.dropFrom(2);
            return call.reply(function.applyAsDouble(a, b));
        };
    }

    static Callable strings(UnaryOperator<String> function) {
        return call -> {
            String text = textAt(call, 0);
            call.dropFrom(1);
            return call.reply(new Object[] {function.apply(text)});
        };
    }

    private static long longAt(Call call, int index) {
        if (call.isLong(index)) {
            return call.getLong(index);
        }
        Object value = call.get(index);
        try {
            return Conversions.toLong(value, index);
        } catch (ClassCastException e) {
            throw ending(call, value, e);
        }
    }

    private static double doubleAt(Call call, int index) {
        if (call.isDouble(index)) {
            return call.getDouble(index);
        }
        Object value = call.get(index);
        try {
            return Conversions.toDouble(value, index);
        } catch (ClassCastException e) {
            throw ending(call, value, e);
        }
    }

    private static String textAt(Call call, int index) {
        Object value = call.get(index);
        try {
            return Conversions.toText(value, index);
        } catch (ClassCastException e) {
            throw ending(call, value, e);
        }
    }

    /** Ends what was made for the arguments of a call that fails. */
    private static ClassCastException ending(
            Call call, @Nullable Object value, ClassCastException e) {
        if (value instanceof LuaReference reference) {
            reference.close();
        }
        call.dropFrom(0);
        return e;
    }
}
