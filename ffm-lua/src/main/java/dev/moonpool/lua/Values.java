package dev.moonpool.lua;

import dev.moonpool.lua.internal.Call;
import dev.moonpool.lua.internal.Callable;
import dev.moonpool.lua.internal.Handle;
import dev.moonpool.lua.internal.LuaError;
import dev.moonpool.lua.internal.Text;
import dev.moonpool.lua.internal.ValueMapper;
import java.util.Arrays;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** How the values of a state look to its user. */
final class Values implements ValueMapper {
    private final Lua lua;

    /** What a Java function threw last, if its value is what Lua sees of it. */
    private @Nullable LuaException lastRaised;

    Values(Lua lua) {
        this.lua = lua;
    }

    @Override
    public @Nullable Object toLua(Object value) {
        return switch (value) {
            case LuaReference reference -> reference.handle;
            case JavaFunction function -> callable(function);
            case Character c -> Text.encode(c.toString());
            case LuaPending pending -> lua.grants().opaque(pending);
            default -> object(value);
        };
    }

    @Override
    public Object string(byte[] bytes, int from, int length) {
        String text = Text.decode(bytes, from, length);
        return text == null ? Arrays.copyOfRange(bytes, from, from + length) : text;
    }

    @Override
    public Object handle(Handle handle) {
        return switch (handle.type()) {
            case TABLE -> new LuaTable(lua, handle);
            case FUNCTION -> new LuaFunction(lua, handle);
            case THREAD -> new LuaCoroutine(lua, handle);
            case USERDATA, LIGHT_USERDATA -> new LuaUserdata(lua, handle);
        };
    }

    @Override
    public @Nullable Object raised(Throwable thrown) {
        if (thrown instanceof LuaException e && e.isFrom(lua)) {
            lastRaised = e;
            return e.value();
        }
        return object(thrown);
    }

    @Override
    public RuntimeException failure(LuaError error) {
        LuaException raised = lastRaised;
        lastRaised = null;
        Throwable cause = null;
        Throwable innermost = null;
        if (StackTraces.startsInJava(error)) {
            if (raised != null && isSame(raised.value(), error.value())) {
                innermost = raised; // it has been through Lua, and has the frames of that
            }
            cause = error.value() instanceof Throwable thrown ? thrown : innermost;
            innermost = innermost == null ? cause : innermost;
        }
        return new LuaException(lua, error, cause, innermost);
    }

    /** Whether a value has been through Lua. An object of the user's is asked nothing. */
    private static boolean isSame(@Nullable Object before, @Nullable Object after) {
        return before == after
                || (before != null && Grants.isValue(before.getClass()) && before.equals(after));
    }

    private @Nullable Object object(Object value) {
        Object granted = lua.grants().toLua(value);
        return granted == null && value instanceof Throwable ? lua.grants().opaque(value) : granted;
    }

    /** A user's function as C calls it. */
    static Callable callable(JavaFunction function) {
        return call -> answer(call, function.call(new LuaValues(call.arguments())));
    }

    /** Replies with what a user's function returned. */
    static long answer(Call call, @Nullable Object result) throws Throwable {
        return switch (result) {
            case null -> call.reply(new @Nullable Object[] {null});
            case LuaValues several -> call.reply(several.toArray());
            case LuaYield wish -> yielded(call, wish);
            case CompletionStage<?> stage -> awaited(call, LuaPending.of(stage));
            default -> call.reply(new @Nullable Object[] {result});
        };
    }

    private static long yielded(Call call, LuaYield wish) {
        JavaFunction continuation = wish.continuation();
        return call.replyYield(
                continuation == null ? null : callable(continuation), wish.values().toArray());
    }

    /** Answers with what a stage gives; until there is something, whoever resumes gets it again. */
    private static long awaited(Call call, LuaPending pending) throws Throwable {
        if (pending.isDone()) {
            return answer(call, pending.result());
        }
        Callable again = later -> awaited(later, pending);
        return call.replyYield(again, new Object[] {pending});
    }
}
