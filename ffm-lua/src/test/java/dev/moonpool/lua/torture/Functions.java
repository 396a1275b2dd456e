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
    private Functions() {}

    /** An Error that nobody expects. */
    static final class Unexpected extends Error {
        private static final long serialVersionUID = 1;

        Unexpected(String message) {
            super(message);
        }
    }

    static JavaFunction any(RandomGenerator random) {
        return random.nextInt(4) == 0 ? arguments -> arguments : Functions::call;
    }

    private static @Nullable Object call(LuaValues arguments) throws Exception {
        Worker worker = Worker.current();
        if (worker == null) {
            return arguments; // a finalizer, of a state that was abandoned
        }
        RandomGenerator random = worker.random();
        if (!arguments.isEmpty() && random.nextInt(4) == 0) {
            worker.world().keep(arguments.get(random.nextInt(arguments.size())), random);
        }
        if (random.nextInt(3) == 0) {
            worker.within(random.nextInt(1, 4));
        }
        return switch (random.nextInt(28)) {
            case 0 -> throw new IllegalStateException("from a function");
            case 1 -> throw new IOException("from a function");
            case 2 -> throw LuaException.of(Values.any(worker));
            case 3 -> throw new AssertionError("from a function");
            case 4 -> throw new OutOfMemoryError("from a function");
            case 5 -> throw new Unexpected("from a function");
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
