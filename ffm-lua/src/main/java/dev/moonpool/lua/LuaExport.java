package dev.moonpool.lua;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Grants a method or a field to Lua, through {@link LuaType#ofAnnotated}. What overrides an
 * annotated method is granted with it.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.FIELD})
public @interface LuaExport {
    /** {@return its name in Lua; the Java name unless set} */
    String value() default "";

    /**
     * {@return whether a method is a property} One without parameters is how it is read, one with a
     * single parameter how it is written. Their names lose {@code get}, {@code is} and {@code set}:
     * {@code getBalance()} is {@code account.balance}. A field is a property anyway.
     */
    boolean property() default false;

    /** {@return whether Lua may assign to a field} */
    boolean writable() default false;
}
