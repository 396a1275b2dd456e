package dev.moonpool.lua.torture;

import dev.moonpool.lua.JavaFunction;
import dev.moonpool.lua.LuaException;
import dev.moonpool.lua.LuaReference;
import dev.moonpool.lua.LuaValues;
import dev.moonpool.lua.LuaYield;
import java.io.IOException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Java functions for Lua: each call of one does something else. */
final class Functions {
    private static final String OWN = "from a function";

    private Functions() {}

    /** An Error that nobody expects. */
    static final class Unexpected extends Error {
        private static final long serialVersionUID = 1;

        Unexpected(String message) {
            super(message);
        }
    }

    static JavaFunction any(RandomGenerator random) {
        return random.nextInt(4) == 0 ? Functions::echo : Functions::call;
    }

    private static LuaValues echo(LuaValues arguments) {
        Worker worker = Worker.current();
        if (worker != null) {
            spend(worker);
        }
        return arguments;
    }

    /** Where strings can be called, {@code for x in 'text'} has no end of its own. */
    private static void spend(Worker worker) {
        if (!worker.spend()) {
            throw new Unexpected(OWN);
        }
    }

    static JavaFunction hostile() {
        return Functions::call;
    }

    /** {@return whether one of these functions threw it} */
    static boolean isOwn(Throwable thrown) {
        return thrown instanceof Unexpected || OWN.equals(thrown.getMessage());
    }

    private static @Nullable Object call(LuaValues arguments) throws Exception {
        Worker worker = Worker.current();
        if (worker == null) {
            return arguments; // a finalizer, of a state that was abandoned
        }
        spend(worker);
        RandomGenerator random = worker.random();
        if (!arguments.isEmpty() && random.nextInt(4) == 0) {
            worker.world().keep(arguments.get(random.nextInt(arguments.size())), random);
        }
        if (random.nextInt(3) == 0) {
            worker.within(random.nextInt(1, 4));
        }
        return switch (random.nextInt(31)) {
            case 0 -> throw new IllegalStateException(OWN);
            case 1 -> throw new IOException(OWN);
            case 2 -> throw LuaException.of(Values.any(worker));
            case 3 -> throw new AssertionError(OWN);
            case 4 -> throw new OutOfMemoryError(OWN);
            case 5 -> throw new Unexpected(OWN);
            case 6 -> random.nextInt(20) == 0 ? overflow() : null;
            case 7 -> {
                if (random.nextInt(60) == 0) {
                    System.gc();
                }
                yield arguments;
            }
            case 8 -> {
                arguments.stream()
                        .filter(LuaReference.class::isInstance)
                        .forEach(reference -> ((LuaReference) reference).close());
                yield arguments; // which are closed now
            }
            case 9 -> LuaYield.of(arguments.toArray());
            case 10 -> LuaYield.of(Values.any(worker), Values.any(worker)).then(any(random));
            case 11 -> LuaYield.of().then(Functions::call).then(Functions::call);
            case 12 -> LuaValues.of(new Object[random.nextInt(1, 5000)]);
            case 13 -> random.nextInt(50) == 0 ? LuaValues.of(new Object[1_000_001]) : null;
            case 14 -> random.nextInt(20) == 0 ? new byte[random.nextInt(1 << 20)] : "";
            case 15, 16, 17 -> Values.any(worker);
            case 18 -> LuaValues.of(Values.any(worker), Values.any(worker), arguments.size());
            case 19 -> random.nextBoolean();
            case 20 -> null;
            case 21 -> any(random);
            case 22, 23 -> ObjectCalls.stage(random);
            case 24 -> ObjectCalls.object(random);
            default -> arguments;
        };
    }

    /** Runs off the stack. */
    static Object overflow() {
        return deeper(0).toString();
    }

    @SuppressWarnings("InfiniteRecursion")
    private static Object deeper(int depth) {
        return deeper(depth + 1);
    }
}
