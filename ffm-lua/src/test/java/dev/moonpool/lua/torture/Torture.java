package dev.moonpool.lua.torture;

import dev.moonpool.lua.Lua;
import dev.moonpool.lua.LuaException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Random public calls from several threads, in rounds: each has new states, and a seed of its own.
 * A program by itself, since what it looks for would end the process.
 *
 * <pre>
 *     Torture &lt;seed&gt; &lt;most calls&gt; &lt;most seconds&gt;
 * </pre>
 *
 * Status 0 when nothing came to light, 1 for an exception that is not documented, 3 for a round
 * that did not end. With several threads the same seed makes the same calls, not the same run.
 */
public final class Torture {
    private static final int CALLS_IN_A_ROUND = 1200; // of a thread's, those from within apart
    private static final long PATIENCE_MILLIS = 120_000;

    private Torture() {}

    public static void main(String[] arguments) throws InterruptedException {
        long seed = Long.parseLong(arguments[0]);
        long mostCalls = Long.parseLong(arguments[1]);
        long end = System.nanoTime() + Long.parseLong(arguments[2]) * 1_000_000_000L;
        Report report = new Report();
        warmUp();
        int rounds = 0;
        while (report.calls() < mostCalls && System.nanoTime() < end && report.isClean()) {
            System.out.println("seed=" + (seed + rounds)); // to be seen when there is nothing more
            System.out.flush();
            round(seed + rounds++, report);
        }
        System.out.println("rounds=" + rounds + ", calls=" + report.calls());
        if (!report.isClean()) {
            System.out.println(report.failure());
            System.exit(1);
        }
        System.exit(0);
    }

    /** A class whose initializer runs off the stack is lost for the process. */
    private static void warmUp() {
        try (Lua lua = Lua.create()) {
            lua.eval("error({})");
        } catch (LuaException e) {
            System.out.printf("%s, %d, %.1f%n", e.getMessage(), e.getStackTrace().length, 0.5);
        }
    }

    private static void round(long seed, Report report) throws InterruptedException {
        SplittableRandom random = new SplittableRandom(seed);
        World world = new World();
        List<Worker> workers = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        int count = random.nextInt(1, 5);
        for (int i = 0; i < count; i++) {
            Worker worker = new Worker(world, random.nextLong(), report);
            workers.add(worker);
            threads.add(thread(random, () -> worker.run(CALLS_IN_A_ROUND)));
        }
        threads.forEach(Thread::start);
        long end = System.currentTimeMillis() + PATIENCE_MILLIS;
        for (Thread thread : threads) {
            thread.join(Math.max(1, end - System.currentTimeMillis()));
            if (thread.isAlive()) {
                stuck(seed, workers);
            }
        }
        closeAll(world, report);
    }

    private static Thread thread(SplittableRandom random, Runnable task) {
        return switch (random.nextInt(4)) {
            case 0 -> Thread.ofVirtual().unstarted(task);
            case 1 -> new Thread(null, task, "small", 900 << 10);
            case 2 -> new Thread(null, task, "large", 8 << 20);
            default -> new Thread(task);
        };
    }

    /** All that had the states are gone: they can be closed, and none is in use. */
    private static void closeAll(World world, Report report) {
        for (Lua lua : world.states()) {
            try {
                lua.close();
            } catch (Throwable thrown) {
                report.failure("close at the end of a round", thrown);
            }
        }
    }

    private static void stuck(long seed, List<Worker> workers) {
        System.out.println("round does not end: seed=" + seed);
        workers.forEach(worker -> System.out.println("in " + worker.latest()));
        for (Map.Entry<Thread, StackTraceElement[]> thread :
                Thread.getAllStackTraces().entrySet()) {
            System.out.println(thread.getKey());
            for (StackTraceElement frame : thread.getValue()) {
                System.out.println("    " + frame);
            }
        }
        System.out.flush();
        Runtime.getRuntime().halt(3);
    }
}
