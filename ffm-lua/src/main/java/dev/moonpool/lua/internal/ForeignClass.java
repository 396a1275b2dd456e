package dev.moonpool.lua.internal;

import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A class of Java objects in a state: the metatable that they have there, and the objects that Lua
 * knows by it. Lua knows an object once by each class, however often it goes there.
 */
public final class ForeignClass {
    private final Handle metatable;
    private final String name;
    private final IdentityHashMap<Object, ForeignObject> strong = new IdentityHashMap<>();
    private final Map<ForeignObject.Weak, ForeignObject> weak = new HashMap<>();

    /**
     * Makes a class.
     *
     * @param metatable as {@link Functions#newClass} made it
     * @param name what messages call it
     */
    public ForeignClass(Handle metatable, String name) {
        this.metatable = metatable;
        this.name = name;
    }

    /** {@return the metatable} */
    public Handle metatable() {
        return metatable;
    }

    /** {@return what messages call it} */
    public String name() {
        return name;
    }

    /** {@return whether Lua knows an object by this class} */
    public boolean knows(Object object) {
        return find(object) != null;
    }

    /** {@return whether a value is what is left of an object that was collected} */
    public static boolean isCollected(Object value) {
        return value instanceof ForeignObject.Weak;
    }

    private @Nullable ForeignObject find(Object object) {
        ForeignObject known = strong.get(object);
        return known != null || weak.isEmpty()
                ? known
                : weak.get(new ForeignObject.Weak(object, null));
    }

    /** {@return an object as Lua knows it, or is about to} */
    ForeignObject intern(Foreign foreign) {
        Object object = foreign.object();
        ForeignObject known = find(object);
        if (known == null) {
            known = new ForeignObject(this, object);
            strong.put(object, known);
        }
        switch (foreign.hold()) {
            case WEAK -> {
                if (strong.remove(object) != null) {
                    weak.put(known.weaken(object), known);
                }
            }
            case STRONG -> {
                ForeignObject.Weak reference = known.weak();
                if (reference != null) {
                    weak.remove(reference);
                    known.strengthen(object);
                    strong.put(object, known);
                }
            }
            case AS_BEFORE -> {}
        }
        return known;
    }

    /** Lua does not know the object any more. */
    void forget(ForeignObject known) {
        known.setId(0);
        ForeignObject.Weak reference = known.weak();
        if (reference != null) {
            weak.remove(reference);
        } else {
            Object object = known.get();
            if (object != null) {
                strong.remove(object);
            }
        }
    }
}
