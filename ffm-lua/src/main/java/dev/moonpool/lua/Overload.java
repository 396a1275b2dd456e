package dev.moonpool.lua;

import static java.lang.invoke.MethodType.methodType;

import dev.moonpool.lua.internal.Call;
import dev.moonpool.lua.internal.Conversions;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Array;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A method or field of a Java class as Lua calls it, for one number of arguments.
 *
 * <p>If all parameters are numbers, booleans or strings, there is a method handle that takes them
 * from the call, and puts the result there, without objects in between. Otherwise, or where C's
 * frame has not all arguments, they are read into a list.
 */
final class Overload {
    private static final MethodHandles.Lookup HERE = MethodHandles.lookup();

    /** For types of parameters: (int index, Call) -> the type. */
    private static final Map<Class<?>, MethodHandle> READERS =
            Map.of(
                    long.class, own("readLong", long.class),
                    int.class, own("readInt", int.class),
                    double.class, own("readDouble", double.class),
                    boolean.class, own("readBoolean", boolean.class),
                    String.class, own("readString", String.class));

    /** For types of results: (Call, the type) -> reply. */
    private static final Map<Class<?>, MethodHandle> REPLIES =
            Map.of(
                    long.class, reply(long.class),
                    int.class,
                            reply(long.class).asType(methodType(long.class, Call.class, int.class)),
                    double.class, reply(double.class),
                    boolean.class, reply(boolean.class));

    private static final MethodHandle EMPTY_REPLY = emptyReply();

    private final @Nullable Class<?> varargs; // the type of each; null if there are none
    private final Converter[] converters; // the last is for what is in the array of varargs
    private final boolean isVoid;
    private final MethodHandle general; // (Object self, Object[] arguments) -> Object
    private final @Nullable MethodHandle direct; // (Object self, Call) -> long

    /**
     * Makes one.
     *
     * @param target takes the object, and the arguments
     */
    Overload(MethodHandle target, boolean isVarargs) {
        MethodHandle method = target.asFixedArity();
        Class<?>[] parameters =
                method.type().parameterList().stream().skip(1).toArray(Class<?>[]::new);
        int last = parameters.length - 1;
        Class<?> component = isVarargs ? parameters[last].componentType() : null;
        varargs = component;
        converters = new Converter[parameters.length];
        for (int i = 0; i <= last; i++) {
            converters[i] =
                    Converter.of(component != null && i == last ? component : parameters[i]);
        }
        Class<?> result = method.type().returnType();
        isVoid = result == void.class;
        MethodHandle onObject = method.asType(method.type().changeParameterType(0, Object.class));
        general =
                onObject.asSpreader(1, Object[].class, parameters.length)
                        .asType(methodType(Object.class, Object.class, Object[].class));
        direct = isVarargs ? null : direct(onObject, parameters, result);
    }

    /** {@return how many arguments it takes at least} */
    int least() {
        return isVarargs() ? converters.length - 1 : converters.length;
    }

    boolean isVarargs() {
        return varargs != null;
    }

    /** {@return the reply} */
    long invoke(Granted<?> type, String name, Object self, Call call) throws Throwable {
        if (direct != null && call.isComplete()) {
            return invokeDirect(direct, type, name, self, call);
        }
        List<@Nullable Object> values = call.arguments();
        @Nullable Object[] arguments;
        try {
            arguments = convert(type.lua(), values);
        } catch (Mismatch e) {
            throw type.badArgument(name, e, values);
        }
        Object result = (Object) general.invokeExact(self, arguments);
        return isVoid ? call.reply() : type.answer(call, name, result);
    }

    private long invokeDirect(
            MethodHandle handle, Granted<?> type, String name, Object self, Call call)
            throws Throwable {
        try {
            return (long) handle.invokeExact(self, call);
        } catch (Mismatch e) {
            throw type.badArgument(name, e, call.arguments());
        }
    }

    private @Nullable Object[] convert(Lua lua, List<@Nullable Object> values) {
        @Nullable Object[] arguments = new @Nullable Object[converters.length];
        int single = least();
        for (int i = 0; i < single; i++) {
            arguments[i] = converters[i].convert(lua, values.get(i + 1), i + 1);
        }
        if (varargs != null) {
            int count = values.size() - 1 - single;
            Object array = Array.newInstance(varargs, count);
            for (int i = 0; i < count; i++) {
                int index = single + i + 1;
                Array.set(array, i, converters[single].convert(lua, values.get(index), index));
            }
            arguments[single] = array;
        }
        return arguments;
    }

    // ----------------------------------------------------------------------------- without objects

    private static @Nullable MethodHandle direct(
            MethodHandle method, Class<?>[] parameters, Class<?> result) {
        MethodHandle reading = method;
        for (int i = 0; i < parameters.length; i++) {
            MethodHandle reader = READERS.get(parameters[i]);
            if (reader == null) {
                return null;
            }
            reading =
                    MethodHandles.filterArguments(
                            reading, i + 1, MethodHandles.insertArguments(reader, 0, i + 1));
        }
        MethodHandle reply = result == void.class ? EMPTY_REPLY : REPLIES.get(result);
        if (reply == null) {
            return null;
        }
        int[] order = new int[parameters.length + 1]; // the object, then the call for each
        Arrays.fill(order, 1, order.length, 1);
        MethodHandle called =
                MethodHandles.permuteArguments(
                        reading, methodType(result, Object.class, Call.class), order);
        // (result, Object, Call) -> long; or (Object, Call) -> long
        MethodHandle replying =
                result == void.class
                        ? MethodHandles.dropArguments(reply, 0, Object.class)
                        : MethodHandles.permuteArguments(
                                reply,
                                methodType(long.class, result, Object.class, Call.class),
                                2,
                                0);
        return MethodHandles.foldArguments(replying, called);
    }

    private static MethodHandle own(String name, Class<?> result) {
        try {
            return HERE.findStatic(Overload.class, name, methodType(result, int.class, Call.class));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(name, e);
        }
    }

    private static MethodHandle reply(Class<?> type) {
        try {
            return HERE.findVirtual(Call.class, "reply", methodType(long.class, type));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("reply", e);
        }
    }

    private static MethodHandle emptyReply() {
        try {
            return HERE.findVirtual(Call.class, "reply", methodType(long.class));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("reply", e);
        }
    }

    @SuppressWarnings("unused")
    private static long readLong(int index, Call call) {
        return Member.toLong(index, call);
    }

    @SuppressWarnings("unused")
    private static int readInt(int index, Call call) {
        if (call.isLong(index) || call.isDouble(index)) {
            long value = Member.toLong(index, call);
            if (value == (int) value) {
                return (int) value;
            }
        }
        throw new Mismatch(index, Converter.of(int.class).expected());
    }

    @SuppressWarnings("unused")
    private static double readDouble(int index, Call call) {
        return Member.toDouble(index, call);
    }

    @SuppressWarnings("unused")
    private static boolean readBoolean(int index, Call call) {
        if (!call.isBoolean(index)) {
            throw new Mismatch(index, "boolean");
        }
        return call.getBoolean(index);
    }

    @SuppressWarnings({"unused", "NullAway"}) // nil is null
    private static String readString(int index, Call call) {
        if (call.isString(index)) {
            return Conversions.toText(call.get(index), 0);
        } else if (call.isNil(index)) {
            return null;
        }
        throw new Mismatch(index, "string");
    }
}
