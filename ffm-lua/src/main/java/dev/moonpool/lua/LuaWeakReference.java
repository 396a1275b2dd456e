package dev.moonpool.lua;

import dev.moonpool.lua.internal.Foreign;
import dev.moonpool.lua.internal.ForeignClass;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Refers to a Lua object without keeping it alive, so that a cycle between Java and Lua can be
 * collected. {@link LuaReference#weak()} makes one. It needs no closing.
 *
 * @param <T> what the object is
 */
public final class LuaWeakReference<T extends LuaReference> {
    private final Lua lua;
    private final Class<T> kind;
    private final @Nullable ForeignClass type;
    private final long number;

    LuaWeakReference(T reference, Class<T> kind) {
        this.lua = reference.lua();
        this.kind = kind;
        this.type = reference instanceof LuaUserdata userdata ? userdata.type() : null;
        this.number = lua.weakTable().add(reference);
    }

    /** {@return the state that the object is in} */
    public Lua lua() {
        return lua;
    }

    /**
     * {@return a new reference to the object; nothing if it was collected} Lua collects what it has
     * no use for some time after that, or with {@link Lua#collectGarbage()}.
     *
     * @throws IllegalStateException if the state is closed
     * @throws WrongThreadException if another thread owns the state
     */
    public Optional<T> get() {
        Object value = lua.weakTable().get(number);
        if (value != null && type != null && !(value instanceof LuaReference)) {
            value = lua.grants().userdata(value, type, Foreign.Hold.AS_BEFORE);
        }
        return Optional.ofNullable(kind.cast(value));
    }
}
