package dev.moonpool.lua;

import dev.moonpool.lua.internal.Call;
import dev.moonpool.lua.internal.Callable;
import dev.moonpool.lua.internal.Conversions;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;
import java.util.function.UnaryOperator;

/** Java functions of one type, which neither their arguments nor their results need objects for. */
final class TypedFunctions {
    private TypedFunctions() {}

    static Callable longs(LongUnaryOperator function) {
        return call -> call.reply(function.applyAsLong(longAt(call, 0)));
    }

    static Callable longs(LongBinaryOperator function) {
        return call -> call.reply(function.applyAsLong(longAt(call, 0), longAt(call, 1)));
    }

    static Callable doubles(DoubleUnaryOperator function) {
        return call -> call.reply(function.applyAsDouble(doubleAt(call, 0)));
    }

    static Callable doubles(DoubleBinaryOperator function) {
        return call -> call.reply(function.applyAsDouble(doubleAt(call, 0), doubleAt(call, 1)));
    }

    static Callable strings(UnaryOperator<String> function) {
        return call ->
                call.reply(new Object[] {function.apply(Conversions.toText(call.get(0), 0))});
    }

    private static long longAt(Call call, int index) {
        return call.isLong(index)
                ? call.getLong(index)
                : Conversions.toLong(call.get(index), index);
    }

    private static double doubleAt(Call call, int index) {
        return call.isDouble(index)
                ? call.getDouble(index)
                : Conversions.toDouble(call.get(index), index);
    }
}
