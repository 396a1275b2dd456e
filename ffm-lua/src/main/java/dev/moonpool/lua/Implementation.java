package dev.moonpool.lua;

import dev.moonpool.lua.internal.Conversions;
import dev.moonpool.lua.internal.Interfaces;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The methods of an interface, which a table or a function in Lua implements. */
final class Implementation implements InvocationHandler {
    private final Class<?> type;
    private final LuaReference reference;
    private final Map<Method, Converter> results = new HashMap<>();

    private Implementation(Class<?> type, LuaReference reference) {
        this.type = type;
        this.reference = reference;
        for (Method method : type.getMethods()) {
            results.put(method, Converter.of(method.getReturnType()));
        }
    }

    static Object of(Lua lua, Class<?> type, LuaReference reference) {
        if (reference.lua() != lua) {
            throw new IllegalArgumentException("value is another state's: " + reference);
        }
        if (!type.isInterface()) {
            throw new IllegalArgumentException("type is no interface: type=" + type.getName());
        }
        if (reference instanceof LuaFunction && !isFunctional(type)) {
            throw new IllegalArgumentException(
                    "type has not just one abstract method: type=" + type.getName());
        }
        return Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, new Implementation(type, reference));
    }

    /** {@return whether an interface has a single method that a function can be} */
    static boolean isFunctional(Class<?> type) {
        return Interfaces.abstractNames(type).size() == 1;
    }

    LuaReference reference() {
        return reference;
    }

    @Override
    public @Nullable Object invoke(
            Object proxy, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
        if (method.getDeclaringClass() == Object.class) {
            return ofObject(method, arguments);
        }
        return switch (reference) {
            case LuaFunction own when !method.isDefault() ->
                    call(own, method, passed(null, method, arguments));
            case LuaTable table -> {
                try (LuaFunction function = find(table, method)) {
                    yield function == null
                            ? byDefault(proxy, method, arguments)
                            : call(function, method, passed(table, method, arguments));
                }
            }
            default -> byDefault(proxy, method, arguments);
        };
    }

    private @Nullable LuaFunction find(LuaTable table, Method method) {
        Object found = table.get(method.getName());
        if (found instanceof LuaFunction function) {
            return function;
        }
        if (found != null) {
            throw new ClassCastException(
                    "%s is no function: value=%s"
                            .formatted(label(method), Conversions.shown(found)));
        }
        return null;
    }

    private String label(Method method) {
        return "%s.%s in Lua".formatted(type.getSimpleName(), method.getName());
    }

    private @Nullable Object byDefault(
            Object proxy, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
        if (Interfaces.isObjects(method)) {
            return ofObject(method, arguments);
        }
        if (!method.isDefault()) {
            throw new UnsupportedOperationException("no function: " + label(method));
        }
        return Interfaces.invokeDefault(proxy, method, arguments);
    }

    /** {@return what Lua gets: the table, if it is one, and the arguments} */
    private @Nullable Object[] passed(
            @Nullable LuaTable self, Method method, @Nullable Object @Nullable [] arguments) {
        List<@Nullable Object> passed = new ArrayList<>();
        if (self != null) {
            passed.add(self);
        }
        int count = arguments == null ? 0 : arguments.length;
        for (int i = 0; i < count && arguments != null; i++) {
            Object argument = arguments[i];
            if (method.isVarArgs() && i == count - 1 && argument instanceof Object[] several) {
                for (Object each : several) {
                    passed.add(toLua(each));
                }
            } else {
                passed.add(toLua(argument));
            }
        }
        return passed.toArray();
    }

    private @Nullable Object toLua(@Nullable Object argument) {
        return argument instanceof Enum<?> constant
                ? reference.lua().grants().named(constant)
                : argument;
    }

    private @Nullable Object call(LuaFunction function, Method method, @Nullable Object[] arguments)
            throws Throwable {
        LuaValues values;
        try {
            values = function.call(arguments);
        } catch (LuaException e) {
            throw declared(e, method);
        }
        Class<?> result = method.getReturnType();
        if (result == void.class) {
            return null;
        } else if (result == LuaValues.class) {
            return values;
        }
        Object value = values.isEmpty() ? null : values.get(0);
        Converter converter = results.get(method);
        if (converter == null) {
            throw new AssertionError(method);
        }
        try {
            return converter.convert(reference.lua(), value, 0);
        } catch (Mismatch e) {
            throw new ClassCastException( // without the mismatch: a caller could throw that at us
                    "%s returned what is no %s: type=%s, value=%s"
                            .formatted(
                                    label(method),
                                    e.expected(),
                                    reference.lua().grants().describe(value, e.expected()),
                                    Conversions.shown(value)));
        }
    }

    /** {@return the exception that a method declares, if that is what ended it} */
    private static Throwable declared(LuaException e, Method method) {
        Throwable cause = e.getCause();
        if (cause != null && cause == e.value()) {
            for (Class<?> type : method.getExceptionTypes()) {
                if (type.isInstance(cause)) {
                    return cause;
                }
            }
        }
        return e;
    }

    private Object ofObject(Method method, @Nullable Object @Nullable [] arguments) {
        return switch (method.getName()) {
            case "equals" -> arguments != null && isEqual(arguments[0]);
            case "hashCode" -> reference.hashCode();
            case "toString" -> "%s in Lua, %s".formatted(type.getSimpleName(), reference);
            default -> throw new UnsupportedOperationException(method.toString());
        };
    }

    private boolean isEqual(@Nullable Object other) {
        return other != null
                && Proxy.isProxyClass(other.getClass())
                && Proxy.getInvocationHandler(other) instanceof Implementation that
                && type == that.type
                && reference.equals(that.reference);
    }
}
