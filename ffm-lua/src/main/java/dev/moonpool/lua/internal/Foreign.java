package dev.moonpool.lua.internal;

/**
 * A Java object on its way to Lua.
 *
 * @param object the object
 * @param type its class there
 * @param hold whether Lua is to keep it alive
 */
public record Foreign(Object object, ForeignClass type, Hold hold) {

    /** Whether Lua keeps an object alive. */
    public enum Hold {
        /** As long as it has a use for it. */
        STRONG,
        /** No. */
        WEAK,
        /** As was said before about this object and class; yes unless something was. */
        AS_BEFORE
    }

    /** An object that Lua keeps alive unless something else was said. */
    public Foreign(Object object, ForeignClass type) {
        this(object, type, Hold.AS_BEFORE);
    }
}
