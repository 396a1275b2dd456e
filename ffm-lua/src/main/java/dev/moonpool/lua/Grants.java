package dev.moonpool.lua;

import dev.moonpool.lua.internal.Callable;
import dev.moonpool.lua.internal.Foreign;
import dev.moonpool.lua.internal.ForeignClass;
import dev.moonpool.lua.internal.Functions;
import dev.moonpool.lua.internal.Handle;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The types of Java objects in a state.
 *
 * <p>Each has a metatable. Its {@code __index} is the table of the methods, which are functions of
 * Java's, so that Lua finds a method without asking anybody. Where there are properties too, it is
 * a function in Lua that looks there first. Each function makes sure that it is called on an object
 * of its own type: a script that moves functions and metatables about gets errors.
 *
 * <p>What makes something in Lua may set off finalizers, and these may ask for the same thing. So
 * whoever has made one looks again: the first to be known stays the only one.
 */
final class Grants {
    private static final String INDEX =
            """
            local methods, getters, otherwise = ...
            return function(object, name)
              local method = methods[name]
              if method ~= nil then return method end
              local getter = getters[name]
              if getter ~= nil then return getter(object) end
              if otherwise ~= nil then return otherwise(object, name) end
            end
            """;

    private static final String NEWINDEX =
            """
            local setters, otherwise = ...
            return function(object, name, value)
              local setter = setters[name]
              if setter ~= nil then return setter(object, value) end
              return otherwise(object, name, value)
            end
            """;

    private static final Set<Class<?>> VALUES =
            Set.of(
                    String.class,
                    Boolean.class,
                    Character.class,
                    Long.class,
                    Integer.class,
                    Short.class,
                    Byte.class,
                    Double.class,
                    Float.class);

    private final Lua lua;
    private final Map<LuaType<?>, Granted<?>> types = new HashMap<>();
    private final Map<Class<?>, Granted<?>> registered = new HashMap<>();
    private final Map<Class<?>, Optional<Granted<?>>> found = new HashMap<>();
    private @Nullable ForeignClass opaque;
    private @Nullable LuaFunction discard;

    Grants(Lua lua) {
        this.lua = lua;
    }

    // ------------------------------------------------------------------------- which type it is

    void register(LuaType<?> type) {
        lua.state().requireOpen(); // a type that is known needs nothing of Lua
        Class<?> javaClass = type.javaClass();
        requireNoCounterpart(javaClass);
        Granted<?> granted = granted(type);
        Granted<?> known = registered.putIfAbsent(javaClass, granted);
        if (known != null && known != granted) {
            throw new IllegalStateException(
                    "class has another type in this state: class=" + javaClass.getName());
        }
        found.clear();
    }

    private static void requireNoCounterpart(Class<?> type) {
        if (isValue(type) || JavaFunction.class.isAssignableFrom(type)) {
            throw new IllegalArgumentException(
                    "values of this class are something else in Lua already: class="
                            + type.getName());
        }
    }

    /** {@return whether what is of a class is no object of the user's, but a value of Lua's} */
    static boolean isValue(Class<?> type) {
        return VALUES.contains(type) || LuaReference.class.isAssignableFrom(type);
    }

    /** {@return the type that objects of a class have by themselves, null if none} */
    private @Nullable Granted<?> find(Class<?> type) {
        if (registered.isEmpty()) {
            return null;
        }
        Optional<Granted<?>> known = found.get(type);
        if (known == null) {
            known = Optional.ofNullable(search(type));
            found.put(type, known);
        }
        return known.orElse(null);
    }

    /** The class itself, then its interfaces, then the same for what is above it. */
    private @Nullable Granted<?> search(Class<?> type) {
        for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            Granted<?> own = registered.get(c);
            if (own == null) {
                own = searchInterfaces(c);
            }
            if (own != null) {
                return own;
            }
        }
        return null;
    }

    private @Nullable Granted<?> searchInterfaces(Class<?> type) {
        for (Class<?> c : type.getInterfaces()) {
            Granted<?> own = registered.get(c);
            if (own == null) {
                own = searchInterfaces(c);
            }
            if (own != null) {
                return own;
            }
        }
        return null;
    }

    /** {@return whether objects of a class go to Lua by a type, wherever values do} */
    boolean isRegistered(Class<?> type) {
        return find(type) != null;
    }

    /** {@return an object as it looks below, null if it has no counterpart} Asks nothing of Lua. */
    @Nullable Object toLua(Object value) {
        if (Proxy.isProxyClass(value.getClass())
                && Proxy.getInvocationHandler(value) instanceof Implementation implementation
                && implementation.reference().lua() == lua) {
            return implementation.reference().handle;
        }
        Granted<?> type = find(value.getClass());
        return type == null ? null : new Foreign(value, type.foreign());
    }

    /** {@return an enum constant, or its name if that is all that Lua may have of it} */
    Object named(Enum<?> constant) {
        lua.state().requireOpen(); // any thread may call what a function in Lua implements
        return find(constant.getDeclaringClass()) == null ? constant.name() : constant;
    }

    /** {@return an object that Lua can only hand around} */
    Foreign opaque(Object object) {
        ForeignClass known = opaque;
        if (known == null) {
            LuaTable created = newClass("java");
            created.set("__tostring", arguments -> String.valueOf(arguments.get(0)));
            known = opaque;
            if (known == null) {
                known = new ForeignClass(created.handle, "java");
                opaque = known;
            }
        }
        return new Foreign(object, known);
    }

    // ------------------------------------------------------------------------ giving out, taking

    LuaUserdata wrap(Object object, LuaType<?> type, Foreign.Hold hold) {
        lua.state().requireOpen(); // before the types are looked at
        requireNoCounterpart(object.getClass());
        if (!type.javaClass().isInstance(object)) {
            throw new IllegalArgumentException(
                    "object is of another class than the type's: class=%s, type=%s"
                            .formatted(object.getClass().getName(), type));
        }
        return userdata(object, granted(type).foreign(), hold);
    }

    /** {@return the userdata of an object} */
    LuaUserdata userdata(Object object, ForeignClass type, Foreign.Hold hold) {
        Object below = ForeignClass.isCollected(object) ? object : new Foreign(object, type, hold);
        Handle handle = Functions.hold(lua.state(), below, Handle.Type.USERDATA);
        return new LuaUserdata(lua, handle, type);
    }

    boolean revoke(Object object) {
        lua.state().requireOpen();
        boolean revoked = false;
        for (Granted<?> type : List.copyOf(types.values())) { // a finalizer may add one
            if (type.foreign().knows(object)) {
                revoke((Object) new Foreign(object, type.foreign()), discard);
                revoked = true;
            }
        }
        return revoked;
    }

    void revoke(LuaUserdata userdata) {
        userdata.handle.state().requireOpen();
        revoke(userdata, discard);
    }

    /** What Lua does to an object that it has no more use for, it can do earlier. */
    private static void revoke(Object userdata, @Nullable LuaFunction discard) {
        if (discard != null) { // or nothing of Java's was ever given out
            LuaValues nothing = discard.call(userdata);
            assert nothing.isEmpty();
        }
    }

    /** {@return what messages call a value that is not what was wanted, though it may sound so} */
    String describe(@Nullable Object value, String expected) {
        String name = describe(value);
        return value != null && name.equals(expected)
                ? "a %s of another class: class=%s".formatted(name, value.getClass().getName())
                : name;
    }

    /**
     * {@return what messages call an object that was given out with another type than is wanted}
     */
    String describe(ForeignClass type, String expected) {
        String name = type.name();
        if (name.equals(expected)) {
            for (Granted<?> granted : types.values()) {
                if (granted.foreign() == type) {
                    return "a %s of another LuaType: class=%s"
                            .formatted(name, granted.type().javaClass().getName());
                }
            }
        }
        return name;
    }

    private String describe(@Nullable Object value) {
        return switch (value) {
            case null -> "nil";
            case Boolean b -> "boolean";
            case Number n -> "number";
            case String s -> "string";
            case byte[] bytes -> "string";
            case LuaUserdata userdata -> describeUserdata(userdata);
            case LuaReference reference -> reference.typeName();
            case Object collected when ForeignClass.isCollected(collected) -> collected.toString();
            default -> {
                Granted<?> type = find(value.getClass());
                yield type == null ? value.getClass().getSimpleName() : type.type().name();
            }
        };
    }

    private String describeUserdata(LuaUserdata userdata) {
        try (LuaTable metatable = userdata.metatable()) {
            for (Granted<?> type : types.values()) {
                if (metatable != null
                        && metatable.handle.identity() == type.foreign().metatable().identity()) {
                    return "a %s that was revoked".formatted(type.type().name());
                }
            }
        }
        return userdata.typeName();
    }

    // ------------------------------------------------------------------------------- metatables

    private Granted<?> granted(LuaType<?> type) {
        Granted<?> known = types.get(type);
        if (known == null) {
            Granted<?> installed = install(type);
            known = types.putIfAbsent(type, installed);
            return known == null ? installed : known;
        }
        return known;
    }

    private LuaTable newClass(String name) {
        LuaTable created = (LuaTable) Functions.newClass(lua.state(), name);
        if (discard == null) {
            discard = (LuaFunction) created.rawGet("__gc");
        }
        return created;
    }

    private <T> Granted<T> install(LuaType<T> type) {
        LuaTable metatable = newClass(type.name());
        Granted<T> granted =
                new Granted<>(lua, type, new ForeignClass(metatable.handle, type.name()));
        type.metamethods().forEach((name, member) -> metatable.rawSet(name, member.in(granted)));
        if (Throwable.class.isAssignableFrom(type.javaClass())
                && !type.metamethods().containsKey("__tostring")) {
            Member<T> text = Member.method("__tostring", (self, arguments) -> self.toString());
            metatable.rawSet("__tostring", text.in(granted));
        }
        setIndex(metatable, granted);
        setNewIndex(metatable, granted);
        return granted;
    }

    private <T> void setIndex(LuaTable metatable, Granted<T> granted) {
        LuaType<T> type = granted.type();
        Member<T> otherwise = type.metamethods().get("__index");
        try (LuaTable methods = functions(type.methods(), granted);
                LuaTable getters = functions(type.getters(), granted)) {
            if (type.getters().isEmpty() && otherwise == null) {
                metatable.rawSet("__index", methods);
            } else {
                metatable.rawSet(
                        "__index",
                        closure(
                                INDEX,
                                methods,
                                getters,
                                otherwise == null ? null : otherwise.in(granted)));
            }
        }
    }

    private <T> void setNewIndex(LuaTable metatable, Granted<T> granted) {
        LuaType<T> type = granted.type();
        Member<T> otherwise = type.metamethods().getOrDefault("__newindex", Grants::refusal);
        try (LuaTable setters = functions(type.setters(), granted)) {
            metatable.rawSet("__newindex", closure(NEWINDEX, setters, otherwise.in(granted)));
        }
    }

    private static Callable refusal(Granted<?> granted) {
        return call -> {
            LuaType<?> type = granted.type();
            List<@Nullable Object> arguments = call.arguments();
            String name = arguments.size() > 1 ? String.valueOf(arguments.get(1)) : "?";
            String message =
                    type.getters().containsKey(name)
                            ? "property '%s' of %s is read-only"
                            : "no property '%s' in %s";
            throw Granted.raise(arguments, message.formatted(name, type.name()));
        };
    }

    private <T> LuaTable functions(Map<String, Member<T>> members, Granted<T> granted) {
        LuaTable table = lua.newTable(0, members.size());
        members.forEach((name, member) -> table.rawSet(name, member.in(granted)));
        return table;
    }

    private Object closure(String source, @Nullable Object... upvalues) {
        try (LuaFunction factory = lua.load(LuaChunk.of(source).named("LuaType"))) {
            return Objects.requireNonNull(factory.call(upvalues).get(0));
        }
    }
}
