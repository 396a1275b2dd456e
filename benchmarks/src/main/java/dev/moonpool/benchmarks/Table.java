package dev.moonpool.benchmarks;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** How the report shows a class of benchmarks. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@interface Table {
    /** {@return what one operation is} */
    String value();

    /** {@return the method that the others are compared with} */
    String baseline();
}
