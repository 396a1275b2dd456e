/**
 * Carries the native library under META-INF/native/&lt;os&gt;-&lt;arch&gt;/. It has no code of
 * Java's; it is a module so that others can require it, and find the library at run time.
 */
module dev.moonpool.natives {}
