package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.moonpool.lua.LuaException.Kind;
import dev.moonpool.memory.Region;
import dev.moonpool.memory.SystemAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An allocator that fails at any one request, in any way, or from any one on. */
class LuaFaultsTest {
    private static final long FEWEST_REQUESTS = 250;

    /** Something of everything: strings, tables, closures, coroutines, errors, finalizers. */
    private static final String SCRIPT =
            """
            local parts = {}
            for i = 1, 20 do parts[#parts + 1] = ('%d:%s'):format(i, ('x'):rep(i)) end
            local function counter() local n = 0 return function() n = n + 1 return n end end
            local count = counter()
            local threads = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(count()) end end)
            setmetatable({}, {__gc = function() return ('g'):rep(99) end})
            local ok, message = pcall(error, {code = threads()})
            local f = assert(load('local a = ... return a * 2'))
            collectgarbage()
            return f(21), #table.concat(parts, ','):gsub('x', 'yy'), ok, message.code
            """;

    private static final List<Object> RESULTS = List.of(42L, 490L, false, 1L);

    /** How a request fails. */
    enum Fault {
        REFUSES {
            @Override
            boolean happen() {
                return true;
            }
        },
        THROWS_AN_EXCEPTION {
            @Override
            boolean happen() {
                throw new IllegalStateException("fault");
            }
        },
        THROWS_AN_ERROR {
            @Override
            boolean happen() {
                throw new AssertionError("fault");
            }
        },
        OVERFLOWS_THE_STACK {
            @Override
            boolean happen() {
                return recurse(1) > 0;
            }

            @SuppressWarnings("InfiniteRecursion") // as it says
            private static long recurse(long depth) {
                return 1 + recurse(depth + 1);
            }
        };

        abstract boolean happen();
    }

    @ParameterizedTest
    @EnumSource
    void atOneRequestIsAnExceptionOrOvercome(Fault fault) {
        int exceptions = 0;
        long n = 1;
        for (boolean reached = true; reached; n++) {
            long failing = n;
            State state = new State(fault, request -> request == failing);
            exceptions += state.run() ? 0 : 1;
            reached = state.faults > 0;
        }
        assertTrue(n > FEWEST_REQUESTS, "too few requests to have tried much: n=" + n);
        assertTrue(exceptions > 0);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OVERFLOWS_THE_STACK") // slow: each is deep
    void fromOneRequestOnIsAnExceptionUntilItEnds(Fault fault) {
        for (long n = 1; ; n++) {
            long first = n;
            State state = new State(fault, request -> request >= first);
            boolean succeeded = state.run();
            assertEquals(state.faults == 0, succeeded, "n=" + n);
            if (succeeded) {
                assertTrue(n > FEWEST_REQUESTS, "too few requests to have tried much: n=" + n);
                return;
            }
        }
    }

    /** Opens a state, runs the script and closes it, with faults; and looks for what is left. */
    private static final class State {
        private final Fault fault;
        private final LongPredicate when;
        private final List<FaultyAllocator> allocators = new ArrayList<>();
        private boolean healed;
        private int faults;

        State(Fault fault, LongPredicate when) {
            this.fault = fault;
            this.when = when;
        }

        /** {@return whether all went well, faults or not} */
        boolean run() {
            boolean succeeded = false;
            try (Lua lua = Lua.builder().allocator(region -> faulty(region)).build()) {
                succeeded = run(lua);
                healed = true;
                assertTrue(run(lua), "with the faults over");
            } catch (LuaException e) {
                assertMemory(e);
            }
            assertEquals(1, allocators.size());
            assertEquals(0, allocators.getFirst().live());
            return succeeded;
        }

        private FaultyAllocator faulty(Region region) {
            var allocator =
                    new FaultyAllocator(
                            new SystemAllocator(region),
                            request -> {
                                if (healed || !when.test(request)) {
                                    return false;
                                }
                                faults++;
                                return fault.happen();
                            });
            allocators.add(allocator);
            return allocator;
        }

        private static boolean run(Lua lua) {
            try {
                assertEquals(RESULTS, lua.eval(SCRIPT));
                return true;
            } catch (LuaException e) {
                assertMemory(e);
                return false;
            }
        }

        private static void assertMemory(LuaException e) {
            if (e.kind() != Kind.MEMORY) {
                fail("no fault of memory: " + e.kind(), e);
            }
        }
    }
}
