package dev.moonpool.lua;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A stage that a Java function answered with, as the coroutine that waits for it yields it. It is
 * complete as soon as whoever waits for it is told so; the stage itself may tell others first.
 */
final class LuaPending extends CompletableFuture<@Nullable Object> {
    private LuaPending() {}

    /** {@return what is complete when the stage is} */
    static LuaPending of(CompletionStage<?> stage) {
        LuaPending pending = new LuaPending();
        var _ = stage.whenComplete(pending::settle);
        return pending;
    }

    private void settle(@Nullable Object value, @Nullable Throwable thrown) {
        if (thrown == null) {
            complete(value);
        } else {
            completeExceptionally(thrown);
        }
    }

    /**
     * {@return the result; null if it is not complete}
     *
     * @throws Throwable what the stage failed with, the very object
     */
    @Nullable Object result() throws Throwable {
        Throwable thrown =
                this.<@Nullable Throwable>handle((value, failure) -> failure).getNow(null);
        Throwable cause = thrown instanceof CompletionException ? thrown.getCause() : null;
        if (cause != null) {
            throw cause;
        } else if (thrown != null) {
            throw thrown;
        }
        return getNow(null);
    }
}
