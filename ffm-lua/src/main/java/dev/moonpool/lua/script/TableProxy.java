package dev.moonpool.lua.script;

import dev.moonpool.lua.LuaTable;
import dev.moonpool.lua.internal.Interfaces;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/**
 * An interface whose methods are functions in Lua, a table's or global ones, for any thread: each
 * call is a turn with what {@link dev.moonpool.lua.Lua#implement} makes. Default methods that Lua
 * does not have run outside of it, so that other threads need not wait for them.
 */
final class TableProxy implements InvocationHandler {
    private final LuaScriptEngine engine;
    private final Class<?> type;
    private final @Nullable LuaTable table;
    private @Nullable Methods known; // for a turn

    /** How a table's methods are called; the variables' functions if it is they. */
    private record Methods(LuaTable holder, InvocationHandler handler) {}

    private TableProxy(LuaScriptEngine engine, Class<?> type, @Nullable LuaTable table) {
        this.engine = engine;
        this.type = type;
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
                Interfaces.abstractNames(type).stream()
                        .allMatch(name -> engine.hasFunction(table, name));
        return complete
                ? type.cast(
                        Proxy.newProxyInstance(
                                type.getClassLoader(),
                                new Class<?>[] {type},
                                new TableProxy(engine, type, table)))
                : null;
    }

    @Override
    public @Nullable Object invoke(
            Object proxy, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
        if (method.getDeclaringClass() == Object.class) {
            return switch (method.getName()) {
                case "equals" -> arguments != null && proxy == arguments[0];
                case "hashCode" -> System.identityHashCode(proxy);
                default -> "%s in Lua".formatted(table == null ? "functions" : table);
            };
        }
        if (method.isDefault() && !engine.hasFunction(table, method.getName())) {
            return Interfaces.invokeDefault(proxy, method, arguments);
        }
        return engine.inFunctions(
                table,
                holder -> methods(holder).handler().invoke(proxy, method, engine.toLua(arguments)));
    }

    /** Those of a table; or of the variables, which may be others with each call. */
    private Methods methods(LuaTable holder) {
        Methods last = known;
        if (last != null && last.holder().equals(holder)) {
            return last;
        }
        LuaTable methods = table == null ? engine.methods(holder) : holder;
        Methods made =
                new Methods(
                        holder, Proxy.getInvocationHandler(holder.lua().implement(type, methods)));
        known = made;
        return made;
    }
}
