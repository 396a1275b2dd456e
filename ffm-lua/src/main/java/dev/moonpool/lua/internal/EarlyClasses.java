package dev.moonpool.lua.internal;

import dev.moonpool.lua.internal.ffi.LuaNative;
import java.util.List;

/**
 * Initialises classes before they are needed. Where Java's stack ends, an initialiser may run out
 * of it, and its class cannot be used any more while the process lives: so a call that comes there
 * should find the classes that it needs initialised.
 *
 * <p>A thread of its own does so, as each function of C's that is linked takes some milliseconds; a
 * tenth of a second in all. Whoever needs a class meanwhile initialises it as ever, or waits until
 * the thread has.
 */
public final class EarlyClasses {
    /** In the order in which they are likely to be needed. */
    private static final List<Class<?>> OWN =
            List.of(
                    Frame.class,
                    Exchange.class,
                    LuaError.class,
                    Chunks.class,
                    Handle.class,
                    HandleTable.class,
                    Foreign.class,
                    TextCache.class,
                    Slots.class,
                    Functions.class,
                    Tables.class,
                    TableWriter.class,
                    Coroutines.class,
                    ForeignClass.class,
                    LuaNative.class);

    private static boolean begun;

    private EarlyClasses() {}

    /**
     * Begins to initialise classes, with all that are nested in them: those of the caller, then
     * those that this package needs. Doing it again does nothing. For any thread, when a state is
     * open: the functions of C's are looked up in the library.
     *
     * @param classes those of the caller
     */
    public static synchronized void begin(List<Class<?>> classes) {
        if (!begun) {
            Thread.ofPlatform()
                    .daemon()
                    .name("moonpool-classes")
                    .inheritInheritableThreadLocals(false)
                    .start(
                            () -> {
                                classes.forEach(EarlyClasses::initialize);
                                OWN.forEach(EarlyClasses::initialize);
                                formatNumbers();
                            });
            begun = true;
        }
    }

    /** As messages do. A class of JDK's that is lost where the stack ends is lost for all. */
    private static void formatNumbers() {
        String ignored = "%d 0x%x".formatted(1L, 1L);
    }

    private static void initialize(Class<?> host) {
        for (Class<?> type : host.getNestMembers()) {
            try {
                Class.forName(type.getName(), true, type.getClassLoader());
            } catch (ClassNotFoundException | LinkageError | OutOfMemoryError e) {
                // Whoever needs the class is told; the others are there then.
            }
        }
    }
}
