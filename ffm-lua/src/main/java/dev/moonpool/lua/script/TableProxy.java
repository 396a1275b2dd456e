package dev.moonpool.lua.script;

import dev.moonpool.lua.LuaTable;
import dev.moonpool.lua.LuaValues;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** An interface whose methods are functions in Lua: a table's, or global ones. */
final class TableProxy implements InvocationHandler {
    private final LuaScriptEngine engine;
    private final @Nullable LuaTable table;

    private TableProxy(LuaScriptEngine engine, @Nullable LuaTable table) {
        this.engine = engine;
        this.table = table;
    }

    /**
     * {@return an implementation of an interface, or null if there is no function for one of its
     * abstract methods}
     *
     * @param table the table; null for global functions
     * @throws IllegalArgumentException if {@code type} is no interface
     */
    static <T> @Nullable T create(
            LuaScriptEngine engine, @Nullable LuaTable table, @Nullable Class<T> type) {
        if (type == null || !type.isInterface() || type.isSealed()) {
            throw new IllegalArgumentException("class is no interface to implement: class=" + type);
        }
        boolean complete =
                Arrays.stream(type.getMethods())
                        .filter(method -> Modifier.isAbstract(method.getModifiers()))
                        .filter(method -> !isOfObject(method))
                        .allMatch(method -> engine.hasFunction(table, method.getName()));
        return complete
                ? type.cast(
                        Proxy.newProxyInstance(
                                type.getClassLoader(),
                                new Class<?>[] {type},
                                new TableProxy(engine, table)))
                : null;
    }

    /** Such as equals in Comparator: whatever implements an interface has it. */
    private static boolean isOfObject(Method method) {
        try {
            return Object.class.getMethod(method.getName(), method.getParameterTypes()) != null;
        } catch (NoSuchMethodException e) {
            return false;
        }
    }

    @Override
    public @Nullable Object invoke(
            Object proxy, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
        if (isOfObject(method)) {
            return switch (method.getName()) {
                case "equals" -> arguments != null && proxy == arguments[0];
                case "hashCode" -> System.identityHashCode(proxy);
                default -> "%s in Lua".formatted(table == null ? "functions" : table);
            };
        }
        if (method.isDefault() && !engine.hasFunction(table, method.getName())) {
            return InvocationHandler.invokeDefault(proxy, method, arguments);
        }
        try {
            return convert(engine.call(table, method.getName(), arguments), method);
        } catch (NoSuchMethodException e) {
            throw new UnsupportedOperationException(e.getMessage(), e);
        }
    }

    /** The first result as what a method returns. */
    private static @Nullable Object convert(LuaValues results, Method method) {
        Class<?> type = MethodType.methodType(method.getReturnType()).wrap().returnType();
        if (type == Void.class) {
            return null;
        }
        Object value = results.isEmpty() ? null : results.getFirst();
        if (value == null && !method.getReturnType().isPrimitive()) {
            return null;
        }
        LuaValues first = LuaValues.of(value);
        if (type == Long.class) {
            return first.asLong();
        } else if (type == Integer.class) {
            return Math.toIntExact(first.asLong());
        } else if (type == Double.class) {
            return first.asDouble();
        } else if (type == Float.class) {
            return (float) first.asDouble();
        } else if (type == byte[].class) {
            return first.asBytes();
        } else {
            return first.as(type, 0);
        }
    }
}
