package dev.moonpool.lua;

import dev.moonpool.lua.internal.State;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The calls of a state that can go on: any thread posts one, and the thread that owns the state
 * runs them. If there is an executor, a task there does so while no thread owns the state. A task
 * is due when
 *
 * <ol>
 *   <li>a call is ready,
 *   <li>no thread owns the state, and
 *   <li>no other task is scheduled.
 * </ol>
 *
 * <p>What makes one of these true calls {@link #schedule()} after it, which looks at all three; so
 * the last to become true finds the others true, and no call is forgotten. If a thread owns the
 * state, that is the case when it gives the state up; until then it can run the calls itself.
 *
 * <p>A task owns the state for a moment that nobody can foresee: so who wants to own it meanwhile
 * waits for its end instead of being turned down. A task itself does not wait for another one, so
 * nobody waits for ever.
 */
final class Mailbox {
    /** The tasks, of any states, that a thread is in. */
    private static final ThreadLocal<@Nullable Mailbox> TASK = new ThreadLocal<>();

    private final State state;
    private final @Nullable Executor executor;
    private final Queue<AsyncCall> ready = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private volatile CountDownLatch latest = new CountDownLatch(0); // the end of the latest task
    private final AtomicReference<@Nullable Thread> waiting = new AtomicReference<>();
    private final Set<AsyncCall> unfinished = new HashSet<>(); // the owner's
    private volatile boolean closed;

    Mailbox(State state, @Nullable Executor executor) {
        this.state = state;
        this.executor = executor;
    }

    void add(AsyncCall call) {
        unfinished.add(call);
    }

    void remove(AsyncCall call) {
        unfinished.remove(call);
    }

    /** A call can go on. For any thread. */
    void post(AsyncCall call) {
        if (!closed) {
            ready.add(call);
            LockSupport.unpark(waiting.get());
            schedule();
        }
    }

    // ------------------------------------------------------------------------------ by the owner

    /**
     * Lets the calls go on that are ready now, once each; the owner's. {@return how many did}
     *
     * @throws IllegalStateException if the state is closed, or cannot be entered
     * @throws WrongThreadException if another thread owns it
     */
    int run() {
        state.requireEnterable();
        int count = 0;
        for (int left = ready.size(); left > 0 && mayRun(); left--) {
            AsyncCall call = ready.poll();
            if (call == null) {
                break; // run further in, by what one of these calls has called
            }
            if (call.goOn()) {
                count++;
            }
        }
        return count;
    }

    /** Who has waited for a future may have closed the state, or given it up. */
    private boolean mayRun() {
        return state.isOwned() && !closed;
    }

    /** Runs calls until a stage is complete. */
    <T extends @Nullable Object> T await(CompletionStage<T> stage) throws InterruptedException {
        state.requireEnterable();
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread current = Thread.currentThread();
        Thread outer = waiting.getAndSet(current);
        try {
            var _ =
                    stage.whenComplete(
                            (value, thrown) -> {
                                if (thrown == null) {
                                    result.complete(value);
                                } else {
                                    result.completeExceptionally(thrown);
                                }
                                LockSupport.unpark(current);
                            });
            while (!result.isDone()) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                if (run() == 0 && ready.isEmpty() && !result.isDone()) {
                    LockSupport.park(this);
                }
            }
        } finally {
            if (outer != current) {
                waiting.compareAndSet(current, null);
            }
        }
        return result.join();
    }

    // -------------------------------------------------------------------------- by the executor

    private void schedule() {
        Executor tasks = executor;
        if (tasks != null
                && !ready.isEmpty()
                && state.isFree()
                && scheduled.compareAndSet(false, true)) {
            try {
                tasks.execute(this::task);
            } catch (RuntimeException | Error e) {
                scheduled.set(false); // the calls stay for whoever owns the state next
            }
        }
    }

    private void task() {
        Mailbox outer = TASK.get();
        CountDownLatch end = new CountDownLatch(1);
        TASK.set(this);
        latest = end;
        try {
            if (!state.isOwned() && state.tryAttach()) {
                try {
                    run();
                } finally {
                    if (mayRun()) {
                        state.detach();
                    }
                }
            }
        } finally {
            TASK.set(outer);
            end.countDown();
            scheduled.set(false);
            schedule();
        }
    }

    /**
     * Does what takes a state that another thread does not own, when no task owns it. A task that
     * stood in the way had not ended before, or has begun since: where neither is so, it was
     * another thread.
     */
    private void betweenTasks(Runnable action) {
        while (true) {
            CountDownLatch before = latest;
            boolean ended = before.getCount() == 0;
            try {
                action.run();
                return;
            } catch (WrongThreadException e) {
                CountDownLatch task = latest;
                if ((ended && task == before) || TASK.get() != null) {
                    throw e;
                }
                await(task);
            }
        }
    }

    private static void await(CountDownLatch end) {
        boolean interrupted = false;
        while (true) {
            try {
                end.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    // -------------------------------------------------------------------- giving up and taking
    // over

    void attach() {
        betweenTasks(state::attach);
    }

    void detach() {
        state.detach();
        schedule();
    }

    /** Closes the state, and completes the futures of the calls that had not ended. */
    void close() {
        try {
            betweenTasks(state::close);
        } finally {
            abandonCalls();
        }
    }

    private void abandonCalls() {
        List<AsyncCall> left = List.of();
        synchronized (unfinished) {
            if (state.isClosed() && !closed) {
                closed = true;
                left = List.copyOf(unfinished);
                unfinished.clear();
                ready.clear();
            }
        }
        left.forEach(AsyncCall::abandon);
    }
}
