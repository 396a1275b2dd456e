package dev.moonpool.lua;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Finalizers run in the middle of anything, and may do the very thing that set them off. */
class FinalizersTest extends StateTestCase {
    private @Nullable Runnable once;

    /** Makes each allocation a whole cycle of the collector, with a finalizer in it. */
    @BeforeEach
    void runOneWithEachAllocation() {
        lua.globals()
                .set(
                        "finalize",
                        arguments -> {
                            Runnable action = once;
                            once = null;
                            if (action != null) {
                                action.run();
                            }
                            return null;
                        });
        lua.eval(
                """
                collectgarbage('incremental', 1, 1000, 30)
                local again = {}
                again.__gc = function(o) finalize() setmetatable(o, again) end
                setmetatable({}, again)
                collectgarbage()
                """);
    }

    private void assertRan() {
        assertNull(once);
    }

    private static final class Secret {
        private final long value = 42;
    }

    private static final LuaType<Secret> SECRET =
            LuaType.builder(Secret.class).longProperty("value", s -> s.value).build();

    private static final LuaType<Secret> OTHER = LuaType.builder(Secret.class).build();

    @Test
    void whatOneGaveOutIsRevokedThoughItsTypeWasAboutToBeKnown() {
        Secret secret = new Secret();
        once = () -> lua.globals().set("secret", lua.wrap(secret, SECRET));
        LuaUserdata other = lua.wrap(new Secret(), SECRET);
        assertRan();
        assertEquals(84, lua.eval("return secret.value + (...).value", other).asLong());
        assertTrue(lua.revoke(secret));
        assertThrows(LuaException.class, () -> lua.eval("return secret.value"));
        assertFalse(lua.revoke(secret));
    }

    @Test
    void whatOneRegisteredStaysTheTypeOfTheClass() {
        once = () -> lua.register(SECRET);
        assertThrows(IllegalStateException.class, () -> lua.register(OTHER));
        assertRan();
        assertEquals(42, lua.eval("return (...).value", new Secret()).asLong());
    }

    @Test
    void anExceptionIsOneObjectThoughItWasTheFirstTwice() {
        RuntimeException exception = new RuntimeException();
        once = () -> lua.globals().set("a", (Object) exception);
        lua.globals().set("b", (Object) exception);
        assertRan();
        assertTrue(lua.eval("return a == b").asBoolean());
    }

    @Test
    void weakReferencesThatOneMadeAreGoodThoughTheyAreTheFirst() {
        List<LuaTable> tables = new ArrayList<>();
        List<LuaWeakReference<LuaTable>> references = new ArrayList<>();
        Runnable makeOne =
                () -> {
                    LuaTable table = lua.newTable();
                    tables.add(table);
                    references.add(table.weak());
                };
        LuaTable table = lua.newTable();
        once = makeOne;
        LuaWeakReference<LuaTable> reference = table.weak();
        assertRan();
        makeOne.run();
        assertEquals(table, reference.get().orElseThrow());
        for (int i = 0; i < tables.size(); i++) {
            assertEquals(tables.get(i), references.get(i).get().orElseThrow());
        }
    }

    @Test
    void anArgumentThatOneClosesIsRefusedAndTheOthersLeaveNothing() {
        LuaFunction function = lua.load("");
        LuaTable table = lua.newTable();
        JavaFunction other = arguments -> 1;
        RuntimeException first = new RuntimeException(); // needs a class to be made in Lua
        int before = lua.state().foreignCount();
        once = table::close;
        assertThrows(IllegalStateException.class, () -> function.call(other, table, first));
        assertRan();
        lua.collectGarbage();
        lua.collectGarbage();
        assertEquals(before + 1, lua.state().foreignCount()); // how the class shows its objects
    }
}
