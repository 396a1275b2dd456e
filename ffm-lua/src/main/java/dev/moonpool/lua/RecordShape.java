package dev.moonpool.lua;

import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The components of a record class, and its canonical constructor; found once for each class. */
final class RecordShape implements Iterable<RecordShape.Component> {
    private static final ClassValue<RecordShape> SHAPES =
            new ClassValue<>() {
                @Override
                protected RecordShape computeValue(Class<?> type) {
                    return new RecordShape(type);
                }
            };

    private final List<Component> components = new ArrayList<>();
    private final Constructor<?> constructor;

    private RecordShape(Class<?> type) {
        List<Class<?>> parameters = new ArrayList<>();
        for (RecordComponent component : type.getRecordComponents()) {
            Method accessor = open(component.getAccessor(), type);
            components.add(
                    new Component(component.getName(), component.getGenericType(), accessor));
            parameters.add(component.getType());
        }
        try {
            constructor =
                    open(type.getDeclaredConstructor(parameters.toArray(Class<?>[]::new)), type);
        } catch (NoSuchMethodException e) {
            throw new AssertionError("every record has a canonical constructor", e);
        }
    }

    /**
     * {@return the shape of a record class}
     *
     * @throws IllegalArgumentException if its module does not let Moonpool use it
     */
    static RecordShape of(Class<?> type) {
        return SHAPES.get(type);
    }

    private static <M extends AccessibleObject> M open(M member, Class<?> type) {
        if (!member.trySetAccessible()) {
            throw new IllegalArgumentException(
                    "record is in a package that is not open to %s: class=%s"
                            .formatted(RecordShape.class.getModule().getName(), type.getName()));
        }
        return member;
    }

    /**
     * A component.
     *
     * @param name its name
     * @param type its type
     * @param accessor reads it
     */
    record Component(String name, Type type, Method accessor) {
        @Nullable Object get(Object value) {
            try {
                return accessor.invoke(value);
            } catch (ReflectiveOperationException e) {
                throw thrown(e);
            }
        }
    }

    int size() {
        return components.size();
    }

    @Override
    public Iterator<Component> iterator() {
        return components.iterator();
    }

    /** {@return a new record} What its constructor throws is thrown on. */
    Object create(@Nullable Object[] values) {
        try {
            return constructor.newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw thrown(e);
        }
    }

    /**
     * What a record's own code threw, which is unchecked: neither kind of member can say throws.
     */
    private static RuntimeException thrown(ReflectiveOperationException e) {
        Throwable cause = e instanceof InvocationTargetException ? e.getCause() : e;
        return switch (cause) {
            case RuntimeException unchecked -> unchecked;
            case Error error -> throw error;
            case null, default -> new IllegalStateException(e);
        };
    }
}
