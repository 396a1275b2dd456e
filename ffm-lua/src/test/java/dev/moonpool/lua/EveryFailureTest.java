package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.moonpool.lua.LuaException.Kind;
import dev.moonpool.memory.PoolAllocator;
import dev.moonpool.memory.Region;
import dev.moonpool.memory.RegionLayout;
import dev.moonpool.memory.debug.CheckedAllocator;
import dev.moonpool.memory.debug.FaultInjectingAllocator;
import dev.moonpool.memory.debug.FaultInjectingAllocator.Plan;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whichever request for memory fails, the script ends in a clean exception or overcomes it, and the
 * state leaves nothing behind and damages nothing: request 1 fails, then 2, and so on until there
 * are fewer. The pool is the test's own, so that it can be looked at when the state is closed.
 */
class EveryFailureTest {
    private static final RegionLayout LAYOUT = RegionLayout.REFERENCE;

    /** Which requests fail, in terms of the first of them. */
    enum Failing {
        /** Lua collects its garbage and asks again, as a rule with success. */
        ONCE {
            @Override
            Plan from(long n) {
                return Plan.failing(n);
            }
        },
        /** So that Lua has to give up, and finds memory again when it cleans up. */
        TWICE {
            @Override
            Plan from(long n) {
                return (request, liveBytes) -> request == n || request == n + 1;
            }
        },
        FROM_THEN_ON {
            @Override
            Plan from(long n) {
                return (request, liveBytes) -> request >= n;
            }
        };

        abstract Plan from(long n);
    }

    /** What programs do, each with the result that it has when nothing fails. */
    enum Script {
        TABLES_AND_STRINGS(
                """
                local t = {}
                for i = 1, 40 do t[i] = 'value ' .. i end
                for i = 1, 40 do t['key' .. i] = {t[i], i} end
                for i = 1, 40, 2 do t[i], t['key' .. i] = nil, nil end
                local sum = 0
                for k, v in pairs(t) do sum = sum + (type(v) == 'table' and v[2] or #v) end
                return sum
                """,
                576L),
        CLOSURES_AND_UPVALUES(
                """
                local function counter()
                  local n = 0
                  return function() n = n + 1 return n end, function() return n end
                end
                local all = {}
                for i = 1, 20 do
                  local add, get = counter()
                  for _ = 1, i do add() end
                  all[i] = get
                end
                local function compose(f, g) return function(...) return f(g(...)) end end
                local f = function(x) return x end
                for i = 1, 20 do f = compose(f, function(x) return x + all[i]() end) end
                return f(0)
                """,
                210L),
        COROUTINES(
                """
                local function walk(tree)
                  if tree then
                    walk(tree.left)
                    coroutine.yield(tree.value)
                    walk(tree.right)
                  end
                end
                local function insert(tree, value)
                  if not tree then return {value = value} end
                  local side = value < tree.value and 'left' or 'right'
                  tree[side] = insert(tree[side], value)
                  return tree
                end
                local tree
                for i = 1, 20 do tree = insert(tree, i * 7 % 23) end
                local sum, before = 0, 0
                for value in coroutine.wrap(function() walk(tree) end) do
                  assert(before < value)
                  sum, before = sum + value, value
                end
                for i = 1, 5 do -- left in the middle
                  local co <close> = setmetatable({coroutine.create(walk)},
                      {__close = function(self) assert(coroutine.close(self[1])) end})
                  assert(coroutine.resume(co[1], tree))
                end
                return sum
                """,
                228L),
        FINALIZERS_AND_CLOSING(
                """
                local log = {}
                local Account = {}
                Account.__index = Account
                Account.__add = function(a, b) return Account.new(a.n + b.n) end
                Account.__gc = function(self) self.note = 'closed ' .. self.n end
                Account.__close = function(self) log[#log + 1] = 'left ' .. self.n end
                function Account.new(n) return setmetatable({n = n}, Account) end
                local sum = Account.new(0)
                for i = 1, 15 do
                  local account <close> = Account.new(i)
                  sum = sum + account
                end
                collectgarbage()
                return sum.n + #log
                """,
                135L),
        BUFFERS(
                """
                local words = {}
                for i = 1, 12 do
                  words[i] = ('%5d|%-8s|%q|%.3f'):format(i, 'w' .. i, 'a\\nb', i / 3)
                end
                local text = table.concat(words, '; ')
                local upper, count = text:gsub('w(%d+)', function(d) return '<' .. d:rep(20) .. '>' end)
                local long = upper:rep(8, ','):reverse():upper()
                local packed = string.pack('z s4 i8', text, long, count)
                return #long - 8 * #upper + count + select('#', string.unpack('z s4 i8', packed))
                """,
                23L),
        COMPILING(
                """
                local lines = {'local M = {}'}
                for i = 1, 8 do
                  lines[#lines + 1] = ([[
                  function M.f%d(a, b, ...)
                    local t = {a, b, ...; name = 'f%d', %d.5}
                    for k, v in pairs(t) do if k ~= v then goto continue end ::continue:: end
                    return function(c) return a + b + (c or #t) end
                  end]]):format(i, i, i)
                end
                lines[#lines + 1] = 'return M'
                local source = table.concat(lines, '\\n')
                local M = assert(load(source, '=generated', 't'))()
                local again = assert(load(string.dump(assert(load(source))), '=binary', 'b'))()
                local broken, message = load('local x = = 1')
                -- a message that there is no memory for is another one
                if not message:find('unexpected symbol') then error(message, 0) end
                return M.f3(1, 2)(3) + again.f8(1, 2, 3)()
                """,
                13L),
        ERRORS_AND_TRACEBACKS(
                """
                local function deep(n) if n == 0 then error({code = 7}) end deep(n - 1) end
                local function raise(n) if n == 0 then error('deep') end raise(n - 1) return n end
                local function check(ok, e)
                  if e == 'not enough memory' then error(e, 0) end
                  return e
                end
                local sum = 0
                for i = 1, 5 do sum = sum + check(pcall(deep, i)).code end
                local trace = check(xpcall(raise, debug.traceback, 5))
                assert(trace:find('deep', 1, true), trace)
                local nested = check(xpcall(raise, function(m)
                  return {message = m, trace = debug.traceback(m, 2)}
                end, 3))
                assert(nested.message:find('deep', 1, true))
                return sum + select('#', pcall(error, nil))
                """,
                37L),
        SORTING(
                """
                local t = {}
                for i = 1, 60 do t[i] = {key = i * 37 % 61, name = ('n%02d'):format(i)} end
                table.sort(t, function(a, b) return a.name .. a.key > b.name .. b.key end)
                table.sort(t, function(a, b) return a.key < b.key end)
                for i = 1, 60 do assert(t[i].key == i) end
                return #table.move(t, 1, 60, 2, {t[1]})
                """,
                61L);

        private final String source;
        private final long result;

        Script(String source, long result) {
            this.source = source;
            this.result = result;
        }

        /** {@return whether it came to its result; otherwise there was no memory} */
        boolean succeeds(Lua lua) {
            return EveryFailureTest.succeeds(lua, source, result);
        }
    }

    private static boolean succeeds(Lua lua, String source, long result) {
        try {
            assertEquals(List.of(result), lua.eval(source));
            return true;
        } catch (LuaException e) {
            assertIsOfMemory(e);
            return false;
        }
    }

    private static void assertIsOfMemory(LuaException e) {
        boolean rethrown = e.getMessage().endsWith(": not enough memory"); // by a script's assert
        assertEquals(
                rethrown ? Kind.RUNTIME : Kind.MEMORY,
                e.kind(),
                () -> e.getMessage() + e.traceback().orElse(""));
    }

    /** A pool of its own whose requests are refused by plan while it is armed. */
    private static final class Bench implements AutoCloseable {
        private final Region region = Region.reserve(LAYOUT);
        private final PoolAllocator pool = new PoolAllocator(region);
        private final CheckedAllocator checked = new CheckedAllocator(pool);
        private final FaultInjectingAllocator faulty =
                new FaultInjectingAllocator(checked, this::refuses);
        private @Nullable Plan plan;
        private long before;

        private boolean refuses(long request, long liveBytes) {
            return plan != null && plan.refuses(request - before, liveBytes);
        }

        /** The next request is number 1 to the plan. */
        void arm(Plan armed) {
            before = faulty.requests();
            plan = armed;
        }

        void disarm() {
            plan = null;
        }

        Lua open() {
            return Lua.builder().allocator(stateRegion -> faulty).trusted(true).build();
        }

        boolean hasRefused() {
            return faulty.refusals() > 0;
        }

        /** Nothing is left and nothing was damaged, now that there is no state. */
        void assertIsAsItWas() {
            checked.check();
            assertEquals(List.of(), checked.liveBlocks());
            checked.emptyQuarantine();
            pool.check();
            assertEquals(0, pool.statistics().liveBytes());
        }

        @Override
        public void close() {
            region.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void ofAStateThatOpensLeavesNothing(Failing failing) {
        long n = 1;
        while (!opens(failing.from(n))) {
            n++;
        }
        assertTrue(n > 200, "too few requests to have tried much: n=" + n);
    }

    /** {@return whether the state opened without a request that failed} */
    private static boolean opens(Plan plan) {
        try (Bench bench = new Bench()) {
            bench.arm(plan);
            try (Lua lua = bench.open()) {
                bench.disarm();
                Raised.assertWorks(lua);
            } catch (LuaException e) {
                assertEquals(Kind.MEMORY, e.kind());
                assertTrue(bench.hasRefused());
            }
            bench.assertIsAsItWas();
            return !bench.hasRefused();
        }
    }

    @ParameterizedTest
    @EnumSource
    void ofAScriptOnceIsOvercomeOrAnException(Script script) {
        assertEveryFailure(script, Failing.ONCE);
    }

    @ParameterizedTest
    @EnumSource
    void ofAScriptTwiceIsAnException(Script script) {
        assertTrue(assertEveryFailure(script, Failing.TWICE) > 50);
    }

    @ParameterizedTest
    @EnumSource
    void ofAScriptFromThenOnIsAnException(Script script) {
        assertTrue(assertEveryFailure(script, Failing.FROM_THEN_ON) > 50);
    }

    /** {@return how many of the runs ended in an exception} */
    private static int assertEveryFailure(Script script, Failing failing) {
        int exceptions = 0;
        for (long n = 1; ; n++) {
            try (Bench bench = new Bench()) {
                Result result = run(bench, script, failing.from(n));
                bench.assertIsAsItWas();
                exceptions += result.succeeded ? 0 : 1;
                if (!result.refused) {
                    assertTrue(result.succeeded, "n=" + n);
                    return exceptions;
                }
            }
        }
    }

    private record Result(boolean succeeded, boolean refused) {}

    private static Result run(Bench bench, Script script, Plan plan) {
        try (Lua lua = bench.open()) {
            bench.arm(plan);
            boolean succeeded = script.succeeds(lua);
            Result result = new Result(succeeded, bench.hasRefused());
            bench.checked.check();
            boolean works = succeeds(lua, "return 1 + 1", 2); // the plan may go on
            assertTrue(works || bench.hasRefused());
            bench.disarm();
            Raised.assertWorks(lua);
            bench.arm(Plan.failingAbove(0)); // closing must do without memory
            return result;
        }
    }
}
