package dev.moonpool.lua;

import dev.moonpool.lua.internal.Call;
import dev.moonpool.lua.internal.ForeignClass;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A type in a state: who may be called by its methods, and what is said to the others. */
final class Granted<T> {
    private final Lua lua;
    private final LuaType<T> type;
    private final ForeignClass foreign;

    Granted(Lua lua, LuaType<T> type, ForeignClass foreign) {
        this.lua = lua;
        this.type = type;
        this.foreign = foreign;
    }

    Lua lua() {
        return lua;
    }

    LuaType<T> type() {
        return type;
    }

    ForeignClass foreign() {
        return foreign;
    }

    /**
     * {@return the object that a method is called on}
     *
     * @throws LuaException if it is none that was granted with this very type
     */
    @SuppressWarnings("unchecked") // who gives an object out has looked at its class
    T self(Call call, String name) {
        Object self = call.object(0, foreign);
        if (self == null) {
            throw badSelf(call, name);
        }
        assert type.javaClass().isInstance(self);
        return (T) self;
    }

    private LuaException badSelf(Call call, String name) {
        ForeignClass other = call.foreignClass(0);
        List<@Nullable Object> arguments = call.arguments();
        return raise(
                arguments,
                "calling '%s' on bad self (%s expected, got %s)"
                        .formatted(
                                name,
                                type.name(),
                                other == null || other == foreign
                                        ? describe(arguments, 0, type.name())
                                        : lua.grants().describe(other, type.name())));
    }

    LuaException badArgument(String name, Mismatch mismatch, List<@Nullable Object> arguments) {
        return raise(
                arguments,
                "bad argument #%d to '%s' (%s expected, got %s)"
                        .formatted(
                                mismatch.index(),
                                name,
                                mismatch.expected(),
                                describe(arguments, mismatch.index(), mismatch.expected())));
    }

    LuaException wrongCount(String name, String expected, List<@Nullable Object> arguments) {
        return raise(
                arguments,
                "wrong number of arguments to '%s' (%s expected, got %d)"
                        .formatted(name, expected, arguments.size() - 1));
    }

    /**
     * {@return an error} Nobody else has the arguments, so that they need not wait for Java's GC.
     */
    static LuaException raise(List<@Nullable Object> arguments, String message) {
        for (Object argument : arguments) {
            if (argument instanceof LuaReference reference) {
                reference.close();
            }
        }
        return new LuaException(message);
    }

    private String describe(List<@Nullable Object> arguments, int index, String expected) {
        return index < arguments.size()
                ? lua.grants().describe(arguments.get(index), expected)
                : "no value";
    }

    /**
     * {@return the reply that has a method's result}
     *
     * @throws LuaException if the result is nothing that Lua may have
     * @throws Throwable what a stage failed with, if the result is one that has
     */
    long answer(Call call, String name, @Nullable Object result) throws Throwable {
        if (result instanceof CompletionStage<?>) {
            return Values.answer(call, result); // what it throws is the stage's
        }
        try {
            return Values.answer(
                    call, result instanceof Enum<?> e ? lua.grants().named(e) : result);
        } catch (IllegalArgumentException e) {
            throw new LuaException(
                    "'%s' of %s returned what was not granted to Lua (%s)"
                            .formatted(name, type.name(), e.getMessage()));
        }
    }
}
