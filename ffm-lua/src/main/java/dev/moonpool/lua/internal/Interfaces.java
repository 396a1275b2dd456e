package dev.moonpool.lua.internal;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What there is to know about an interface that a proxy implements. */
public final class Interfaces {
    private Interfaces() {}

    /** {@return the names of the methods that something has to implement} */
    public static Set<String> abstractNames(Class<?> type) {
        return Arrays.stream(type.getMethods())
                .filter(method -> Modifier.isAbstract(method.getModifiers()) && !isObjects(method))
                .map(Method::getName)
                .collect(Collectors.toSet());
    }

    /** {@return whether a method is one that any object has, such as equals in Comparator} */
    public static boolean isObjects(Method method) {
        try {
            return Object.class.getMethod(method.getName(), method.getParameterTypes()) != null;
        } catch (NoSuchMethodException e) {
            return false;
        }
    }

    /**
     * {@return what a default method does in Java}
     *
     * @throws UnsupportedOperationException if its interface cannot be accessed
     * @throws Throwable what the method throws
     */
    public static @Nullable Object invokeDefault(
            Object proxy, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
        try {
            return InvocationHandler.invokeDefault(proxy, method, arguments);
        } catch (IllegalAccessException e) {
            throw new UnsupportedOperationException(
                    "default method cannot be accessed; make its interface public and export its package: method="
                            + method,
                    e);
        }
    }
}
