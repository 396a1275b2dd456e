package dev.moonpool.lua;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A call that does not wait: its coroutine, and the future of what that returns. But for the
 * future, it is for the thread that owns the state.
 *
 * <p>While the coroutine is suspended, one of these will post the call to the mailbox: the stage
 * that it waits for, or the call itself if it waits for none. Whoever else completes the future
 * posts it too; then the coroutine is closed instead of resumed.
 */
final class AsyncCall {
    private final Mailbox mailbox;
    private final LuaCoroutine coroutine;
    private final CompletableFuture<LuaValues> future = new CompletableFuture<>();
    private boolean running;
    private volatile boolean ended;

    AsyncCall(Mailbox mailbox, LuaCoroutine coroutine) {
        this.mailbox = mailbox;
        this.coroutine = coroutine;
    }

    /**
     * Runs the coroutine until it first waits.
     *
     * @throws IllegalArgumentException if an argument has no counterpart in Lua
     */
    CompletableFuture<LuaValues> begin(@Nullable Object... arguments) {
        mailbox.add(this);
        try {
            run(arguments);
        } catch (LuaException | Error e) {
            fail(e);
        } catch (RuntimeException e) { // the caller's mistake
            end();
            throw e;
        }
        if (!ended) {
            var _ = future.whenComplete((values, thrown) -> completed());
        }
        return future;
    }

    private void completed() {
        if (!ended) {
            mailbox.post(this);
        }
    }

    /** Resumes the coroutine, or closes it. {@return false if neither is due} */
    boolean goOn() {
        if (running || ended) {
            return false;
        }
        if (future.isDone()) {
            cancel();
            return true;
        }
        try {
            run();
        } catch (RuntimeException | Error e) {
            fail(e);
        }
        return true;
    }

    private void run(@Nullable Object... arguments) {
        LuaValues values;
        boolean suspended;
        running = true;
        try {
            values = coroutine.resume(arguments);
            suspended = coroutine.status() == LuaCoroutine.Status.SUSPENDED;
        } finally {
            running = false;
        }
        if (!suspended) {
            end();
            future.complete(values);
        } else if (future.isDone()) {
            cancel();
        } else {
            await(values);
        }
    }

    private void await(LuaValues yielded) {
        for (Object value : yielded) {
            if (value instanceof LuaReference unused) {
                unused.close();
            }
        }
        if (!yielded.isEmpty() && yielded.getFirst() instanceof LuaPending pending) {
            var _ = pending.whenComplete((value, thrown) -> mailbox.post(this));
        } else {
            mailbox.post(this);
        }
    }

    private void cancel() {
        running = true; // what is closed may call Java
        try {
            coroutine.cancel();
        } catch (LuaException | Error e) {
            // The future has its result already.
        } finally {
            running = false;
            end();
        }
    }

    private void fail(Throwable thrown) {
        end();
        future.completeExceptionally(thrown);
    }

    private void end() {
        ended = true;
        mailbox.remove(this);
        coroutine.close();
    }

    /** The state was closed. */
    void abandon() {
        ended = true;
        future.completeExceptionally(
                new CancellationException("state was closed before the coroutine ended"));
    }
}
