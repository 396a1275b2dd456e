package dev.moonpool.lua.internal;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
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
     * @throws UnsupportedOperationException if its interface can be accessed neither by all nor by
     *     this module
     * @throws Throwable what the method throws
     */
    public static @Nullable Object invokeDefault(
            Object proxy, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
        Class<?> type = method.getDeclaringClass();
        if (isPublic(type)) {
            return InvocationHandler.invokeDefault(proxy, method, arguments);
        }
        if (!isOpen(type)) {
            throw new UnsupportedOperationException(
                    "default method cannot be called; make its interface public and export its package, or open that to %s: method=%s"
                            .formatted(ours(), method));
        }
        MethodHandle bound = special(method).bindTo(proxy);
        return arguments == null
                ? bound.invokeWithArguments()
                : bound.invokeWithArguments(arguments);
    }

    private static Module ours() {
        return Interfaces.class.getModule();
    }

    private static boolean isPublic(Class<?> type) {
        return Modifier.isPublic(type.getModifiers())
                && type.getModule().isExported(type.getPackageName(), ours());
    }

    private static boolean isOpen(Class<?> type) {
        return type.getModule().isOpen(type.getPackageName(), ours());
    }

    private static MethodHandle special(Method method) throws IllegalAccessException {
        Class<?> type = method.getDeclaringClass();
        ours().addReads(type.getModule()); // reflection does so by itself, a lookup does not
        return MethodHandles.privateLookupIn(type, MethodHandles.lookup())
                .unreflectSpecial(method, type);
    }
}
