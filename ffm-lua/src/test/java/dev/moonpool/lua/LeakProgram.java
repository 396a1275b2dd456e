package dev.moonpool.lua;

import dev.moonpool.memory.AllocatorStatistics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Does one thing over and over, and tells what the process, the state and Java's tables hold after
 * some cycles and after many more.
 *
 * <pre>
 *     LeakProgram &lt;row&gt; &lt;cycles before the first look&gt; &lt;cycles in all&gt;
 * </pre>
 */
public final class LeakProgram {
    private LeakProgram() {}

    private static final LuaType<StringBuilder> TYPE =
            LuaType.builder(StringBuilder.class)
                    .longProperty("length", StringBuilder::length)
                    .close(self -> self.setLength(0))
                    .build();

    /** What is done over and over. */
    enum Row {
        HANDLE {
            @Override
            void cycle(Lua lua, int n) {
                LuaTable table = lua.newTable();
                table.set("n", n);
                if (n % 16 != 0) {
                    table.close(); // the others are left to the collector
                }
            }
        },
        FUNCTION {
            @Override
            void cycle(Lua lua, int n) {
                LuaFunction sum = lua.globals().getFunction("sum");
                long direct = sum.callLong(n, 1);
                assert sum.call(n, 1).asLong() == direct;
                if (n % 16 == 0) {
                    long again = lua.load("local a = ... return a + 1").callLong(n);
                    assert again == direct;
                }
            }
        },
        JAVA_FUNCTION {
            @Override
            void cycle(Lua lua, int n) {
                LuaFunction call = lua.globals().getFunction("call");
                LuaValues values = call.call((JavaFunction) arguments -> arguments.get(0), n);
                assert values.asLong() == n;
                lua.function(arguments -> n).close();
            }
        },
        USERDATA {
            @Override
            void cycle(Lua lua, int n) {
                StringBuilder object = new StringBuilder("x");
                LuaUserdata userdata = lua.wrap(object, TYPE);
                long length =
                        lua.globals()
                                .getFunction("length")
                                .call(n % 3 == 0 ? userdata : object)
                                .asLong();
                assert length == 1;
                if (n % 4 == 0) {
                    userdata.revoke();
                }
                if (n % 16 != 0) {
                    userdata.close();
                }
            }

            @Override
            void begin(Lua lua) {
                lua.register(TYPE);
            }
        },
        EXCEPTION {
            @Override
            void cycle(Lua lua, int n) {
                IllegalStateException thrown = new IllegalStateException("thrown");
                JavaFunction thrower =
                        _ -> {
                            throw thrown;
                        };
                assert lua.globals().getFunction("catch").call(thrower).get(1) == thrown;
            }
        },
        COROUTINE {
            @Override
            void cycle(Lua lua, int n) {
                JavaFunction yields = arguments -> LuaYield.of(arguments.get(0)).then(rest -> rest);
                LuaCoroutine coroutine = lua.newCoroutine(lua.globals().getFunction("call"));
                assert coroutine.resume(yields, n).asLong() == n;
                if (n % 3 == 0) {
                    coroutine.cancel();
                } else if (n % 3 == 1) {
                    assert coroutine.resume(n).asLong() == n;
                } // else it is left as it is
            }
        },
        STRING {
            @Override
            void cycle(Lua lua, int n) {
                String text = "text " + n + " \u00e9";
                assert lua.globals().getFunction("same").callString(text).equals(text);
                lua.globals().set("k" + n % 1000, text);
                if (n % 1000 == 0) {
                    String large = "x".repeat(100_000 + n % 7);
                    assert lua.globals().getFunction("same").callString(large).equals(large);
                }
            }
        },
        ERROR {
            @Override
            void cycle(Lua lua, int n) {
                try {
                    var ignored = lua.globals().getFunction("fail").call(n);
                    throw new AssertionError("no error");
                } catch (LuaException e) {
                    assert e.value() instanceof LuaTable;
                }
                if (n % 16 == 0) {
                    try {
                        var ignored = lua.load("return return");
                        throw new AssertionError("no error");
                    } catch (LuaException e) {
                        assert e.kind() == LuaException.Kind.SYNTAX;
                    }
                }
            }
        },
        WEAK {
            @Override
            void cycle(Lua lua, int n) {
                try (LuaTable table = lua.newTable()) {
                    Optional<LuaTable> again = table.weak().get();
                    again.orElseThrow().close();
                }
            }
        },
        FUTURE {
            @Override
            void cycle(Lua lua, int n) {
                CompletableFuture<Object> stage = new CompletableFuture<>();
                CompletableFuture<LuaValues> future =
                        lua.globals().getFunction("call").callAsync((JavaFunction) _ -> stage);
                if (n % 4 == 0) {
                    future.cancel(true);
                } else {
                    stage.complete((long) n);
                }
                int ran = lua.runPending();
                assert ran == 1 && future.isDone();
            }
        },
        STATE {
            @Override
            void cycle(Lua lua, int n) {
                Lua other = Lua.create();
                other.eval("local f = ... f(setmetatable({}, {__gc = f}))", (JavaFunction) _ -> n);
                if (n % 8 != 0) {
                    other.close(); // the others are closed when it is found that nobody has them
                }
            }
        };

        abstract void cycle(Lua lua, int n);

        void begin(Lua lua) {}
    }

    public static void main(String[] arguments) throws IOException {
        Row row = Row.valueOf(arguments[0]);
        int first = Integer.parseInt(arguments[1]);
        int all = Integer.parseInt(arguments[2]);
        try (Lua lua = Lua.create()) {
            lua.eval(
                    """
                    function sum(a, b) return a + b end
                    function call(f, ...) return f(...) end
                    function length(o) return o.length end
                    function catch(f) return pcall(f) end
                    function same(s) return s end
                    function fail(n) error({n}) end
                    """);
            row.begin(lua);
            int n = 0;
            for (; n < first; n++) {
                row.cycle(lua, n);
            }
            String before = look(lua);
            for (; n < all; n++) {
                row.cycle(lua, n);
            }
            System.out.println(before + " " + look(lua));
        }
    }

    /** Resident KiB, the state's live bytes and blocks, and how much of Java's Lua knows. */
    private static String look(Lua lua) throws IOException {
        String found = "";
        for (int same = 0; same < 5; ) { // until all collectors have done what they can
            System.gc();
            lua.collectGarbage();
            AllocatorStatistics now = lua.statistics();
            String next = now.liveBytes() + " " + now.blocks() + " " + lua.state().foreignCount();
            same = next.equals(found) ? same + 1 : 0;
            found = next;
        }
        return residentKib() + " " + found;
    }

    private static long residentKib() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
