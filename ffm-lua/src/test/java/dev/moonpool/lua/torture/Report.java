package dev.moonpool.lua.torture;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What has come out so far, of all threads. */
final class Report {
    private final LongAdder calls = new LongAdder();
    private final AtomicReference<@Nullable String> failure = new AtomicReference<>();

    void count() {
        calls.increment();
    }

    long calls() {
        return calls.sum();
    }

    boolean isClean() {
        return failure.get() == null;
    }

    /** {@return the first failure, null if there was none} */
    @Nullable String failure() {
        return failure.get();
    }

    /** A call threw what its documentation does not have. */
    void failure(String call, Throwable thrown) {
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        failure.compareAndSet(null, call + " threw " + text);
    }
}
