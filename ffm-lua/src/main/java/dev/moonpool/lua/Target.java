package dev.moonpool.lua;

import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.HashMap;
import java.util.Map;

/**
 * What a value is to become.
 *
 * @param type a class, a class with arguments, or an array of such
 * @param bindings what the variables within are
 */
record Target(Type type, Map<TypeVariable<?>, Target> bindings) {
    static final Target OBJECT = of(Object.class);

    static Target of(Class<?> type) {
        return new Target(type, Map.of());
    }

    private static Target of(Type type, Map<TypeVariable<?>, Target> bindings) {
        return switch (type) {
            case Class<?> plain -> of(plain);
            case WildcardType wildcard -> of(wildcard.getUpperBounds()[0], bindings);
            case TypeVariable<?> variable -> {
                Target bound = bindings.get(variable);
                yield bound != null ? bound : of(variable.getBounds()[0], Map.of());
            }
            default -> new Target(type, bindings);
        };
    }

    /** {@return the class} */
    Class<?> raw() {
        return switch (type) {
            case Class<?> plain -> plain;
            case ParameterizedType generic -> (Class<?>) generic.getRawType();
            default -> component().raw().arrayType();
        };
    }

    /** {@return the class's argument} */
    Target argument(int index) {
        return type instanceof ParameterizedType generic
                ? of(generic.getActualTypeArguments()[index], bindings)
                : OBJECT;
    }

    /** {@return what an array's elements are} */
    Target component() {
        return type instanceof GenericArrayType array
                ? of(array.getGenericComponentType(), bindings)
                : of(raw().componentType());
    }

    /** {@return a type that is written in the class} */
    Target within(Type written) {
        TypeVariable<?>[] variables = raw().getTypeParameters();
        if (!(type instanceof ParameterizedType) || variables.length == 0) {
            return of(written, Map.of());
        }
        Map<TypeVariable<?>, Target> inner = new HashMap<>();
        for (int i = 0; i < variables.length; i++) {
            inner.put(variables[i], argument(i));
        }
        return of(written, inner);
    }
}
