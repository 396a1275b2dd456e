package dev.moonpool.lua;

import java.lang.invoke.MethodHandles;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds what an interface, or the annotations in a class, grant; makes members of it. */
final class Scan<T> {
    private static final List<String> PREFIXES = List.of("get", "is", "set");

    private final MethodHandles.Lookup lookup;
    private final LuaType.Builder<T> builder;

    private Scan(MethodHandles.Lookup lookup, LuaType.Builder<T> builder) {
        this.lookup = lookup;
        this.builder = builder;
    }

    // ------------------------------------------------------------------------------- interfaces

    static <T> void anInterface(
            MethodHandles.Lookup lookup, Class<T> type, LuaType.Builder<T> builder) {
        Map<String, Method> bySignature = new LinkedHashMap<>();
        for (Method method : sorted(type.getMethods())) {
            if (!Modifier.isStatic(method.getModifiers()) && !method.isBridge()) {
                bySignature.merge(signature(method), method, Scan::narrower);
            }
        }
        Map<String, List<Method>> byName = new LinkedHashMap<>();
        for (Method method : bySignature.values()) {
            if (bySignature.values().stream().noneMatch(below -> restates(below, method))) {
                byName.computeIfAbsent(method.getName(), name -> new ArrayList<>()).add(method);
            }
        }
        new Scan<>(lookup, builder).methods(byName, AutoCloseable.class.isAssignableFrom(type));
    }

    private static String signature(Method method) {
        return method.getName() + Arrays.toString(method.getParameterTypes());
    }

    private static Method narrower(Method a, Method b) {
        return a.getReturnType().isAssignableFrom(b.getReturnType()) ? b : a;
    }

    /** Whether an interface below another one has a method of that one's for a type argument. */
    private static boolean restates(Method below, Method above) {
        Class<?>[] mine = below.getParameterTypes();
        Class<?>[] its = above.getParameterTypes();
        if (below.getDeclaringClass() == above.getDeclaringClass()
                || !above.getDeclaringClass().isAssignableFrom(below.getDeclaringClass())
                || !below.getName().equals(above.getName())
                || mine.length != its.length) {
            return false;
        }
        Type[] generic = above.getGenericParameterTypes();
        for (int i = 0; i < mine.length; i++) {
            boolean fits =
                    generic[i] instanceof TypeVariable<?>
                            ? its[i].isAssignableFrom(mine[i])
                            : its[i] == mine[i];
            if (!fits) {
                return false;
            }
        }
        return true;
    }

    // ------------------------------------------------------------------------------- annotations

    static <T> void annotations(
            MethodHandles.Lookup lookup, Class<T> type, LuaType.Builder<T> builder) {
        Scan<T> scan = new Scan<>(lookup, builder);
        Map<String, List<Method>> methods = new LinkedHashMap<>();
        Map<String, Overload> getters = new LinkedHashMap<>();
        Map<String, Overload> setters = new LinkedHashMap<>();
        Set<String> seen = new HashSet<>();
        for (Class<?> declaring : ancestry(type)) {
            for (Field field : declaring.getDeclaredFields()) {
                LuaExport export = field.getAnnotation(LuaExport.class);
                if (export != null) {
                    scan.field(field, export);
                }
            }
            for (Method method : sorted(declaring.getDeclaredMethods())) {
                LuaExport export = method.getAnnotation(LuaExport.class);
                if (export == null || method.isBridge()) {
                    continue;
                }
                requireInstance(method, method.getModifiers());
                if (!seen.add(signature(method))) {
                    continue; // overridden by one that is annotated too
                }
                if (export.property()) {
                    scan.property(method, export, getters, setters);
                } else {
                    methods.computeIfAbsent(
                                    nameOf(export, method.getName()), name -> new ArrayList<>())
                            .add(method);
                }
            }
        }
        scan.methods(methods, AutoCloseable.class.isAssignableFrom(type));
        getters.forEach((name, getter) -> builder.getter(name, member(name, getter)));
        setters.forEach((name, setter) -> builder.setter(name, member(name, setter)));
    }

    /** The class, what is above it, and all their interfaces. */
    private static Set<Class<?>> ancestry(Class<?> type) {
        Set<Class<?>> all = new LinkedHashSet<>();
        for (Class<?> c = type; c != null && c != Object.class; c = c.getSuperclass()) {
            all.add(c);
        }
        for (Class<?> c : List.copyOf(all)) {
            addInterfaces(c, all);
        }
        return all;
    }

    private static void addInterfaces(Class<?> type, Set<Class<?>> all) {
        for (Class<?> c : type.getInterfaces()) {
            if (all.add(c)) {
                addInterfaces(c, all);
            }
        }
    }

    private static List<Method> sorted(Method[] methods) {
        return Arrays.stream(methods)
                .sorted(Comparator.comparing(Method::toGenericString))
                .toList();
    }

    private static String nameOf(LuaExport export, String javaName) {
        return export.value().isEmpty() ? javaName : export.value();
    }

    private static String propertyName(String javaName) {
        for (String prefix : PREFIXES) {
            int length = prefix.length();
            if (javaName.startsWith(prefix)
                    && javaName.length() > length
                    && Character.isUpperCase(javaName.charAt(length))) {
                return Character.toLowerCase(javaName.charAt(length))
                        + javaName.substring(length + 1);
            }
        }
        return javaName;
    }

    private void field(Field field, LuaExport export) {
        requireInstance(field, field.getModifiers());
        String name = nameOf(export, field.getName());
        try {
            Overload getter = new Overload(lookup.unreflectGetter(field), false);
            builder.getter(name, member(name, getter));
            if (export.writable()) {
                Overload setter = new Overload(lookup.unreflectSetter(field), false);
                builder.setter(name, member(name, setter));
            }
        } catch (IllegalAccessException e) {
            throw inaccessible(field, e);
        }
    }

    private void property(
            Method method,
            LuaExport export,
            Map<String, Overload> getters,
            Map<String, Overload> setters) {
        String name = nameOf(export, propertyName(method.getName()));
        Map<String, Overload> target =
                switch (method.getParameterCount()) {
                    case 0 -> getters;
                    case 1 -> setters;
                    default ->
                            throw new IllegalArgumentException(
                                    "a property is read without, and written with one parameter: method="
                                            + method);
                };
        if (target.put(name, overload(method, false)) != null) {
            throw LuaType.Builder.duplicate(name);
        }
    }

    // ------------------------------------------------------------------------------------ common

    private void methods(Map<String, List<Method>> byName, boolean closeable) {
        byName.forEach(
                (name, methods) ->
                        builder.method(
                                name,
                                new Invoker<>(
                                        name,
                                        methods.stream()
                                                .map(m -> overload(m, m.isVarArgs()))
                                                .toList())));
        if (closeable) {
            boolean granted =
                    byName.values().stream()
                            .flatMap(List::stream)
                            .anyMatch(
                                    m -> m.getName().equals("close") && m.getParameterCount() == 0);
            if (granted) {
                builder.close(self -> ((AutoCloseable) self).close());
            }
        }
    }

    private static <T> Member<T> member(String name, Overload overload) {
        return new Invoker<>(name, List.of(overload));
    }

    private Overload overload(Method method, boolean isVarargs) {
        try {
            return new Overload(lookup.unreflect(method), isVarargs);
        } catch (IllegalAccessException e) {
            throw inaccessible(method, e);
        }
    }

    private static void requireInstance(Object member, int modifiers) {
        if (Modifier.isStatic(modifiers)) {
            throw new IllegalArgumentException("a static member is no object's: member=" + member);
        }
    }

    private static IllegalArgumentException inaccessible(Object member, IllegalAccessException e) {
        return new IllegalArgumentException(
                "member cannot be accessed: make it and its class public and export its package, or pass a lookup of that class: member="
                        + member,
                e);
    }
}
