package dev.moonpool.lua;

import static java.util.Objects.requireNonNull;

import java.lang.invoke.MethodHandles;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.ObjDoubleConsumer;
import java.util.function.ObjLongConsumer;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What Lua may do with Java objects of a class: the methods, properties and metamethods that are
 * granted, and nothing else. Nothing of the JVM is in reach of a script unless it is here.
 *
 * {@snippet :
 * LuaType<Account> type = LuaType.builder(Account.class)
 *         .longMethod("deposit", Account::deposit)
 *         .longProperty("balance", Account::balance)
 *         .build();
 * lua.register(type);
 * lua.eval("local account = ...; account:deposit(5); return account.balance", account);
 * }
 *
 * <p>{@link Lua#register} makes all objects of the class go to Lua with their type; {@link
 * Lua#wrap} gives out a single one. Lua has them as userdata. They come back to Java as the same
 * object, and the same object, with the same type, is the same userdata in Lua as long as Lua has
 * it.
 *
 * <p>Methods are called as {@code object:method(...)}, properties are fields. To read a name that
 * was not granted gives nil, as with a table; to assign to one raises an error. Arguments must be
 * what the Java parameters are, in number and type:
 *
 * <table class="striped">
 * <caption>What Lua passes for a parameter</caption>
 * <tr><th scope="col">Java</th><th scope="col">Lua</th></tr>
 * <tr><td>{@code long}, {@code int}, {@code short}, {@code byte}</td><td>an integer in its range, or
 *     a float that is one</td></tr>
 * <tr><td>{@code double}, {@code float}</td><td>a number</td></tr>
 * <tr><td>{@code boolean}</td><td>a boolean</td></tr>
 * <tr><td>{@code String}, {@code byte[]}, {@code char}</td><td>a string</td></tr>
 * <tr><td>an enum</td><td>a constant's name</td></tr>
 * <tr><td>{@link LuaTable}, {@link LuaFunction}, ...</td><td>such an object</td></tr>
 * <tr><td>an interface</td><td>a Java object that has it; a table, or if it is a functional
 *     interface a function, which {@linkplain Lua#implement implements} it then</td></tr>
 * <tr><td>{@code Object}</td><td>anything, as in {@link LuaValues}</td></tr>
 * <tr><td>other classes</td><td>a Java object of the class</td></tr>
 * </table>
 *
 * <p>Nil is null where the parameter is no primitive. Results go back as values do everywhere, enum
 * constants as their names; a result that was not granted is an error in the script. Whatever a
 * method throws is raised in Lua as in {@link JavaFunction}. A method called on anything but an
 * object that was given out with this very type raises an error, too.
 *
 * <p>Exceptions are objects like others. All that a script can do with one that {@code pcall} gives
 * it is {@code tostring}, unless its class has a type: {@code LuaType.builder(Throwable.class)
 * .property("message", Throwable::getMessage)}, registered, lets scripts read {@code e.message} of
 * all of them.
 *
 * <p>Types are immutable; any number of states, on any threads, can use one. A call of a method is
 * one lookup in a table and one call from C into Java.
 *
 * @param <T> the class of the objects
 */
public final class LuaType<T> {
    private static final Set<String> METAMETHODS =
            Set.of(
                    "__add",
                    "__sub",
                    "__mul",
                    "__div",
                    "__mod",
                    "__pow",
                    "__unm",
                    "__idiv",
                    "__band",
                    "__bor",
                    "__bxor",
                    "__bnot",
                    "__shl",
                    "__shr",
                    "__concat",
                    "__len",
                    "__eq",
                    "__lt",
                    "__le",
                    "__call",
                    "__tostring",
                    "__pairs",
                    "__index",
                    "__newindex");

    private final Class<T> javaClass;
    private final String name;
    private final Map<String, Member<T>> methods;
    private final Map<String, Member<T>> getters;
    private final Map<String, Member<T>> setters;
    private final Map<String, Member<T>> metamethods;

    private LuaType(Builder<T> builder) {
        javaClass = builder.javaClass;
        name = builder.name;
        methods = Map.copyOf(builder.methods);
        getters = Map.copyOf(builder.getters);
        setters = Map.copyOf(builder.setters);
        metamethods = Map.copyOf(builder.metamethods);
    }

    /**
     * {@return a type that grants the methods of an interface} Default methods and those of the
     * interfaces above it are among them; whatever else the classes have that implement it is not.
     * If it is an {@link AutoCloseable}, a variable in Lua that is {@code <close>} closes it.
     *
     * @param type the interface; it is public, in a package that its module exports
     * @param <T> the interface
     * @throws IllegalArgumentException if it is no such interface, or has two methods of one name
     *     with the same number of parameters
     */
    public static <T> LuaType<T> of(Class<T> type) {
        return of(MethodHandles.publicLookup(), type);
    }

    /**
     * {@return a type as {@link #of(Class)} makes it}
     *
     * @param lookup has access to the interface
     * @param type the interface
     * @param <T> the interface
     * @throws IllegalArgumentException as in {@link #of(Class)}
     */
    public static <T> LuaType<T> of(MethodHandles.Lookup lookup, Class<T> type) {
        requireNonNull(lookup, "lookup");
        requireNonNull(type, "type");
        if (!type.isInterface()) {
            throw new IllegalArgumentException("type is no interface: type=" + type.getName());
        }
        Builder<T> builder = builder(type);
        Scan.anInterface(lookup, type, builder);
        return builder.build();
    }

    /**
     * {@return a type that grants the members of a class, and of those above it, that are
     * annotated}
     *
     * @param lookup has access to the members: {@code MethodHandles.lookup()} in the class itself,
     *     if they are private
     * @param type the class
     * @param <T> the class
     * @throws IllegalArgumentException if a member cannot be accessed, or is static; if two members
     *     have the same name and the number of arguments does not tell them apart
     * @see LuaExport
     */
    public static <T> LuaType<T> ofAnnotated(MethodHandles.Lookup lookup, Class<T> type) {
        requireNonNull(lookup, "lookup");
        Builder<T> builder = builder(type);
        Scan.annotations(lookup, type, builder);
        return builder.build();
    }

    /**
     * {@return a builder of a type that grants nothing}
     *
     * @param type the class of the objects
     * @param <T> that class
     */
    public static <T> Builder<T> builder(Class<T> type) {
        return new Builder<>(requireNonNull(type, "type"));
    }

    /** {@return the class of the objects} */
    public Class<T> javaClass() {
        return javaClass;
    }

    /** {@return what Lua's messages call the type} */
    public String name() {
        return name;
    }

    @Override
    public String toString() {
        return "LuaType[name=%s, javaClass=%s]".formatted(name, javaClass.getName());
    }

    Map<String, Member<T>> methods() {
        return methods;
    }

    Map<String, Member<T>> getters() {
        return getters;
    }

    Map<String, Member<T>> setters() {
        return setters;
    }

    Map<String, Member<T>> metamethods() {
        return metamethods;
    }

    /**
     * Says what a type grants. Each name can be given once, as a method or as a property; more
     * throws {@link IllegalArgumentException}. For one thread.
     *
     * @param <T> the class of the objects
     */
    public static final class Builder<T> {
        private final Class<T> javaClass;
        private String name;
        private final Map<String, Member<T>> methods = new LinkedHashMap<>();
        private final Map<String, Member<T>> getters = new LinkedHashMap<>();
        private final Map<String, Member<T>> setters = new LinkedHashMap<>();
        private final Map<String, Member<T>> metamethods = new LinkedHashMap<>();

        private Builder(Class<T> javaClass) {
            if (javaClass.isPrimitive() || javaClass.isArray()) {
                throw new IllegalArgumentException(
                        "values of this class are no objects of their own: class="
                                + javaClass.getName());
            }
            this.javaClass = javaClass;
            this.name = javaClass.getSimpleName();
        }

        /**
         * Sets what Lua's messages call the type.
         *
         * @param name the name; that of the class, without its package, unless set
         * @return this builder
         */
        public Builder<T> name(String name) {
            this.name = requireNonNull(name, "name");
            return this;
        }

        /**
         * Grants a method.
         *
         * @param name its name
         * @param method the method
         * @return this builder
         */
        public Builder<T> method(String name, LuaMethod<? super T> method) {
            return method(name, Member.method(name, requireNonNull(method, "method")));
        }

        /**
         * Grants a method that takes and returns an integer. Calling it makes no objects.
         *
         * @param name its name
         * @param method the method
         * @return this builder
         */
        public Builder<T> longMethod(String name, LuaMethod.OfLong<? super T> method) {
            return method(name, Member.longMethod(name, requireNonNull(method, "method")));
        }

        /**
         * Grants a method that takes and returns a float. Calling it makes no objects.
         *
         * @param name its name
         * @param method the method
         * @return this builder
         */
        public Builder<T> doubleMethod(String name, LuaMethod.OfDouble<? super T> method) {
            return method(name, Member.doubleMethod(name, requireNonNull(method, "method")));
        }

        /**
         * Grants a property that can be read.
         *
         * @param name its name
         * @param getter reads it; null is nil
         * @return this builder
         */
        public Builder<T> property(
                String name, Function<? super T, ? extends @Nullable Object> getter) {
            return getter(name, Member.getter(name, requireNonNull(getter, "getter")));
        }

        /**
         * Grants a property that can be read and written.
         *
         * @param name its name
         * @param valueType what it is written with, as the type of a parameter
         * @param getter reads it
         * @param setter writes it
         * @param <V> its type
         * @return this builder
         */
        public <V> Builder<T> property(
                String name,
                Class<V> valueType,
                Function<? super T, ? extends V> getter,
                BiConsumer<? super T, ? super V> setter) {
            requireNonNull(valueType, "valueType");
            requireNonNull(setter, "setter");
            return property(name, getter).setter(name, Member.setter(name, valueType, setter));
        }

        /**
         * Grants a property that is an integer, and can be read. Reading it makes no objects.
         *
         * @param name its name
         * @param getter reads it
         * @return this builder
         */
        public Builder<T> longProperty(String name, ToLongFunction<? super T> getter) {
            return getter(name, Member.longGetter(name, requireNonNull(getter, "getter")));
        }

        /**
         * Grants a property that is an integer, and can be read and written.
         *
         * @param name its name
         * @param getter reads it
         * @param setter writes it
         * @return this builder
         */
        public Builder<T> longProperty(
                String name, ToLongFunction<? super T> getter, ObjLongConsumer<? super T> setter) {
            requireNonNull(setter, "setter");
            return longProperty(name, getter).setter(name, Member.longSetter(name, setter));
        }

        /**
         * Grants a property that is a float, and can be read. Reading it makes no objects.
         *
         * @param name its name
         * @param getter reads it
         * @return this builder
         */
        public Builder<T> doubleProperty(String name, ToDoubleFunction<? super T> getter) {
            return getter(name, Member.doubleGetter(name, requireNonNull(getter, "getter")));
        }

        /**
         * Grants a property that is a float, and can be read and written.
         *
         * @param name its name
         * @param getter reads it
         * @param setter writes it
         * @return this builder
         */
        public Builder<T> doubleProperty(
                String name,
                ToDoubleFunction<? super T> getter,
                ObjDoubleConsumer<? super T> setter) {
            requireNonNull(setter, "setter");
            return doubleProperty(name, getter).setter(name, Member.doubleSetter(name, setter));
        }

        /**
         * Grants a metamethod whose first operand is the object: {@code __len}, {@code __call},
         * {@code __tostring} and the like. {@code __index} and {@code __newindex} are asked for
         * names that were not granted.
         *
         * @param name its name, one of Lua's; those that collect, hide or close objects are not
         *     among them
         * @param method gets the object and the other operands; an operator's other operand may be
         *     the object instead, which raises an error; {@code __eq} gets two objects of this type
         *     alone, and anything else is not equal
         * @return this builder
         */
        public Builder<T> metamethod(String name, LuaMethod<? super T> method) {
            Member<T> metamethod = Member.method(name, requireNonNull(method, "method"));
            return meta(name, "__eq".equals(name) ? Member.equality(metamethod) : metamethod);
        }

        /**
         * Grants a metamethod of any operands: either one of {@code __add}, {@code __concat},
         * {@code __lt} and so on may be the object. For {@code __eq} the other one may be any
         * userdata.
         *
         * @param name its name, one of Lua's
         * @param function gets the operands, and looks which they are
         * @return this builder
         */
        public Builder<T> metamethod(String name, JavaFunction function) {
            return meta(name, Member.function(name, requireNonNull(function, "function")));
        }

        /**
         * Grants that Lua ends the use of an object: a variable that is {@code <close>} does when
         * it goes out of scope.
         *
         * @param closer ends it
         * @return this builder
         */
        public Builder<T> close(LuaMethod.Closer<? super T> closer) {
            return put("__close", Member.closer(requireNonNull(closer, "closer")));
        }

        /** {@return the type} */
        public LuaType<T> build() {
            return new LuaType<>(this);
        }

        Builder<T> method(String name, Member<T> method) {
            requireNonNull(name, "name");
            if (getters.containsKey(name) || methods.putIfAbsent(name, method) != null) {
                throw duplicate(name);
            }
            return this;
        }

        Builder<T> getter(String name, Member<T> getter) {
            requireNonNull(name, "name");
            if (methods.containsKey(name) || getters.putIfAbsent(name, getter) != null) {
                throw duplicate(name);
            }
            return this;
        }

        Builder<T> setter(String name, Member<T> setter) {
            requireNonNull(name, "name");
            if (methods.containsKey(name) || setters.putIfAbsent(name, setter) != null) {
                throw duplicate(name);
            }
            return this;
        }

        private Builder<T> meta(String name, Member<T> metamethod) {
            requireNonNull(name, "name");
            if (!METAMETHODS.contains(name)) {
                throw new IllegalArgumentException(
                        "no metamethod that a type can have: name=" + name);
            }
            return put(name, metamethod);
        }

        private Builder<T> put(String name, Member<T> metamethod) {
            if (metamethods.putIfAbsent(name, metamethod) != null) {
                throw duplicate(name);
            }
            return this;
        }

        static IllegalArgumentException duplicate(String name) {
            return new IllegalArgumentException("name was granted already: name=" + name);
        }
    }
}
