package dev.moonpool.lua.internal;

import dev.moonpool.lua.internal.ffi.LuaNative;
import java.lang.foreign.MemorySegment;
import java.lang.ref.PhantomReference;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What a state has outside of Java's heap. It does not know the state, so that a state that was
 * forgotten instead of closed is found out: whoever opens the next one closes it.
 */
final class Resources {
    private static final GcSentinel COLLECTION = new GcSentinel();
    private static final Set<Watch> WATCHED = ConcurrentHashMap.newKeySet();

    /** Whether one or more of those that are watched may be abandoned. */
    private static volatile boolean mayHaveAbandoned;

    /** What ends with the state, the latest first. */
    private final Deque<Runnable> release = new ArrayDeque<>();

    private @Nullable MemorySegment lua;
    private @Nullable Watch watch;

    @SuppressWarnings({"unused", "FieldCanBeLocal"}) // reachable
    private @Nullable Requests requests;

    private static final class Watch extends PhantomReference<State> {
        private final Resources resources;
        private volatile boolean taken; // by a thread that closes it, or has

        private Watch(State state, Resources resources) {
            super(state, null);
            this.resources = resources;
        }

        /** {@return whether it is done, or another thread is at it} */
        private boolean close() {
            synchronized (this) {
                if (taken) {
                    return true;
                }
                taken = true;
            }
            boolean done = false;
            try {
                done = resources.closeLua() == LuaNative.LUA_OK(); // else there is too little stack
                if (done) {
                    resources.releaseAll();
                }
            } catch (RuntimeException kept) {
                // Somebody holds on to the region; it is gone when he lets go of it.
                WATCHED.remove(this);
            } finally {
                taken = done; // no call: the stack may have come to its end
            }
            return done;
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
        }
        return status;
    }

    /**
     * Does what is left to do; what fails stays, and is tried again with the next call. The state
     * has to be reachable meanwhile.
     */
    void releaseAll() {
        while (!release.isEmpty()) {
            release.peek().run(); // and once more, if the stack ends before the next line
            release.pop();
        }
        if (watch != null) {
            WATCHED.remove(watch);
            watch.clear();
        }
    }

    /** Closes the states that nobody can reach any more. */
    static void closeAbandoned() {
        if (COLLECTION.isDue()) {
            mayHaveAbandoned = true;
        }
        COLLECTION.reset();
        if (mayHaveAbandoned) {
            mayHaveAbandoned = false; // what is abandoned from here on is looked for again
            boolean done = false;
            try {
                done = closeWatched();
            } finally {
                mayHaveAbandoned |= !done; // then somebody with more stack will come
            }
        }
    }

    private static boolean closeWatched() {
        boolean done = true;
        for (Watch watch : WATCHED) {
            if (watch.refersTo(null)) {
                done &= watch.close();
            }
        }
        return done;
    }
}
