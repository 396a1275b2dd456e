package dev.moonpool.lua.internal;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toMap;

import dev.moonpool.lua.internal.ffi.LuaNative;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** What jextract's output holds, in the notation of the {@link AbiReport}. */
final class Bindings {
    private static final String PACKAGE = LuaNative.class.getPackageName();
    private static final String DESCRIPTOR = "$descriptor";

    private Bindings() {}

    /** A constant is a method without parameters by its C name, which is in capitals. */
    static Map<String, String> constants() {
        return accessors()
                .filter(method -> method.getName().matches("[A-Z][A-Z0-9_]*"))
                .filter(method -> Set.of(int.class, long.class).contains(method.getReturnType()))
                .collect(toMap(Method::getName, method -> get(method).toString()));
    }

    static Map<String, String> functions() {
        return accessors()
                .filter(method -> method.getName().endsWith(DESCRIPTOR))
                .collect(
                        toMap(
                                method -> method.getName().replace(DESCRIPTOR, ""),
                                method -> signature((FunctionDescriptor) get(method))));
    }

    /** {@return the signature of a function pointer type} */
    static String functionPointer(String name) {
        return signature((FunctionDescriptor) get(classOf(name), "descriptor"));
    }

    static String struct(String name) {
        GroupLayout layout = layout(name);
        return layout.byteSize() + " " + layout.byteAlignment();
    }

    static Map<String, String> fields(String struct) {
        GroupLayout layout = layout(struct);
        return layout.memberLayouts().stream()
                .map(member -> member.name().orElseThrow())
                .collect(toMap(name -> name, name -> extent(layout, name)));
    }

    private static String extent(GroupLayout layout, String field) {
        PathElement path = PathElement.groupElement(field);
        return layout.byteOffset(path) + " " + layout.select(path).byteSize();
    }

    private static GroupLayout layout(String struct) {
        return (GroupLayout) get(classOf(struct), "layout");
    }

    private static String signature(FunctionDescriptor descriptor) {
        return descriptor.returnLayout().map(Bindings::letter).orElse("v")
                + descriptor.argumentLayouts().stream()
                        .map(Bindings::letter)
                        .collect(joining("", "(", ")"));
    }

    private static String letter(MemoryLayout type) {
        return switch (type) {
            case ValueLayout.OfInt _ -> "i";
            case ValueLayout.OfLong _ -> "j";
            case ValueLayout.OfDouble _ -> "d";
            case AddressLayout _ -> "p";
            default -> "?";
        };
    }

    private static Stream<Method> accessors() {
        return Arrays.stream(LuaNative.class.getMethods())
                .filter(method -> method.getParameterCount() == 0)
                .filter(method -> Modifier.isStatic(method.getModifiers()));
    }

    private static Class<?> classOf(String name) {
        try {
            return Class.forName(PACKAGE + "." + name);
        } catch (ClassNotFoundException e) {
            throw new AssertionError("the bindings have no " + name, e);
        }
    }

    private static Object get(Class<?> type, String method) {
        try {
            return get(type.getMethod(method));
        } catch (NoSuchMethodException e) {
            throw new AssertionError(e);
        }
    }

    private static Object get(Method method) {
        try {
            return method.invoke(null);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(method.getName(), e);
        }
    }
}
