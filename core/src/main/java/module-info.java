/** Regions of off-heap memory and the allocators that live in them. */
module dev.moonpool.memory {
    requires static jdk.jfr; // where it is there, see Events
    requires static transitive org.jspecify;

    exports dev.moonpool.memory;
    exports dev.moonpool.memory.debug;
}
