package dev.moonpool.lua.internal;

import dev.moonpool.lua.internal.ffi.LuaNative;
import java.lang.foreign.MemorySegment;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * What a state has outside of Java's heap. It does not know the state, so that a state that was
 * forgotten instead of closed is found out: whoever opens the next one closes it.
 */
final class Resources {
    private static final ReferenceQueue<State> ABANDONED = new ReferenceQueue<>();
    private static final Queue<Resources> DUE = new ConcurrentLinkedQueue<>();
    private static final Set<Watch> WATCHED = ConcurrentHashMap.newKeySet();

    /** What ends with the state, the latest first. */
    private final Deque<Runnable> release = new ArrayDeque<>();

    private @Nullable MemorySegment lua;
    private @Nullable Watch watch;

    @SuppressWarnings({"unused", "FieldCanBeLocal"}) // reachable
    private @Nullable Requests requests;

    private static final class Watch extends PhantomReference<State> {
        private final Resources resources;

        private Watch(State state, Resources resources) {
            super(state, ABANDONED);
            this.resources = resources;
        }
    }

    /** Says what is to be done when the state is closed. */
    void onRelease(Runnable action) {
        release.push(action);
    }

    /** Keeps what C has the address of reachable. */
    void keep(Requests requests) {
        this.requests = requests;
    }

    /** The state is open: from here on it can be abandoned. */
    void opened(State state, MemorySegment lua) {
        this.lua = lua;
        watch = new Watch(state, this);
        WATCHED.add(watch);
    }

    /** Closes Lua, unless it was; the status. */
    int closeLua() {
        MemorySegment open = lua;
        int status = open == null ? LuaNative.LUA_OK() : LuaNative.mp_close(open);
        if (status == LuaNative.LUA_OK()) {
            lua = null;
            if (watch != null) {
                WATCHED.remove(watch);
                watch.clear();
            }
        }
        return status;
    }

    /** Does what is left to do; what fails stays, and is tried again with the next call. */
    void releaseAll() {
        while (!release.isEmpty()) {
            release.peek().run();
            release.pop();
        }
    }

    /** Closes the states that nobody can reach any more. */
    static void closeAbandoned() {
        while (ABANDONED.poll() instanceof Watch found) {
            DUE.add(found.resources);
        }
        Resources next;
        while ((next = DUE.poll()) != null) {
            if (next.closeLua() != LuaNative.LUA_OK()) {
                DUE.add(next); // somebody with more stack will come
                return;
            }
            try {
                next.releaseAll();
            } catch (RuntimeException kept) {
                // Somebody holds on to the region; it is gone when he lets go of it.
            }
        }
    }
}
