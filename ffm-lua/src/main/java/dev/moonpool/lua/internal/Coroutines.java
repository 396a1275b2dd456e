package dev.moonpool.lua.internal;

import dev.moonpool.lua.internal.ffi.LuaNative;
import java.lang.ref.Reference;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Coroutines that Java makes, resumes and closes. */
public final class Coroutines {
    private Coroutines() {}

    /** {@return a new coroutine, as it looks above} */
    public static Object create(Handle function) {
        return Objects.requireNonNull(function.perform(LuaNative::mp_new_coroutine).getFirst());
    }

    /** {@return what a coroutine yields or returns} */
    public static List<@Nullable Object> resume(Handle coroutine, @Nullable Object... arguments) {
        return coroutine.perform(LuaNative::mp_resume, arguments);
    }

    /** {@return one of the constants MP_SUSPENDED, MP_RUNNING, MP_NORMAL and MP_DEAD} */
    public static int status(Handle coroutine) {
        State state = coroutine.state();
        state.enter();
        try {
            int number = coroutine.number();
            return LuaNative.mp_coroutine_status(state.lua(), number);
        } finally {
            state.crossings--;
            Reference.reachabilityFence(coroutine);
        }
    }

    /** Closes a coroutine that is suspended or dead. */
    public static void close(Handle coroutine) {
        List<@Nullable Object> nothing = coroutine.perform(LuaNative::mp_close_coroutine);
        assert nothing.isEmpty();
    }
}
