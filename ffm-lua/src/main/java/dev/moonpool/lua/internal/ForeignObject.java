package dev.moonpool.lua.internal;

import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/**
 * A Java object that Lua knows, as an object of one class. Lua keeps it alive, unless it was given
 * out weakly: then it can be collected in Java while Lua still has its userdata.
 */
final class ForeignObject {
    private final ForeignClass type;
    private @Nullable Object strong;
    private @Nullable Weak weak;
    private long id;

    ForeignObject(ForeignClass type, Object object) {
        this.type = type;
        this.strong = object;
    }

    ForeignClass type() {
        return type;
    }

    /** {@return its id, 0 if Lua does not know it (any more)} */
    long id() {
        return id;
    }

    void setId(long id) {
        this.id = id;
    }

    /** {@return the object, null if it was collected} */
    @Nullable Object get() {
        return weak == null ? strong : weak.get();
    }

    /**
     * {@return the object as it looks above: what was collected is a reference that was cleared}
     */
    Object above() {
        Weak reference = weak;
        Object object = get();
        if (object != null) {
            return object;
        }
        if (reference == null) {
            throw new AssertionError("neither held nor referred to");
        }
        return reference;
    }

    @Nullable Weak weak() {
        return weak;
    }

    void strengthen(Object object) {
        strong = object;
        weak = null;
    }

    Weak weaken(Object object) {
        Weak reference = new Weak(object, this);
        strong = null;
        weak = reference;
        return reference;
    }

    /** Refers to an object without keeping it; equal to another one to the same object. */
    static final class Weak extends WeakReference<Object> {
        private final int hash;
        private final @Nullable ForeignObject of;

        Weak(Object object, @Nullable ForeignObject of) {
            super(object);
            this.hash = System.identityHashCode(object);
            this.of = of;
        }

        @Nullable ForeignObject of() {
            return of;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            if (this == other) {
                return true;
            }
            Object object = get();
            return object != null && other instanceof Weak that && that.refersTo(object);
        }

        @Override
        public int hashCode() {
            return hash;
        }

        @Override
        public String toString() {
            return of == null ? "object" : of.type.name() + " that was collected";
        }
    }
}
