package dev.moonpool.lua;

import dev.moonpool.lua.internal.LuaError;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes one stack trace of Lua's and Java's.
 *
 * <p>Both are in parts, since the two languages call each other: a part of Lua's ends where a Java
 * function is called, a part of Java's where it enters C. So the parts are taken in turn, the
 * innermost first.
 */
final class StackTraces {
    /** What Lua's frames have for a class. */
    private static final String LUA = "lua";

    private static final String INTERNAL = "dev.moonpool.lua.internal.";
    private static final String CALLED_BY_LUA = INTERNAL + "Callbacks";

    /**
     * A line of debug.traceback: source, line if known, and what is there. The source is the
     * script's to name, so a number in it may be any; one with more digits is no line.
     */
    private static final Pattern LEVEL =
            Pattern.compile("\\t(?<source>.*?):(?:(?<line>\\d{1,9}):)? in (?<what>.*)");

    /** The host library's own function, below a chunk. */
    private static final StackTraceElement HOST = new StackTraceElement(LUA, "?", null, -2);

    private StackTraces() {}

    /**
     * {@return the frames of an error in Lua}
     *
     * @param java those of the call into Lua that ran into it
     * @param error the error
     * @param thrown what a Java function threw to raise it, or null
     */
    static StackTraceElement[] merged(
            StackTraceElement[] java, LuaError error, @Nullable Throwable thrown) {
        List<List<StackTraceElement>> luaParts = luaParts(error);
        List<StackTraceElement> merged = new ArrayList<>();
        int part = 0;
        boolean inside = true; // of what lies between the languages, which is nobody's concern
        for (StackTraceElement frame : java) {
            boolean internal = isInternal(frame);
            if (inside && !internal && part < luaParts.size()) {
                merged.addAll(luaParts.get(part++));
            }
            if (!internal) {
                merged.add(frame);
            }
            inside = internal;
        }
        if (thrown != null) {
            merged.addAll(0, withoutTail(untilLua(framesOf(thrown)), merged));
        }
        return merged.toArray(StackTraceElement[]::new);
    }

    /** {@return whether a Java function raised the error, and not Lua} */
    static boolean startsInJava(LuaError error) {
        byte[] levels = error.levels();
        return levels.length > 0 && levels[0] != 0;
    }

    private static boolean isInternal(StackTraceElement frame) {
        return frame.getClassName().startsWith(INTERNAL)
                || frame.getClassName().equals(Values.class.getName());
    }

    /** What an exception's own class has made of them may be anything; then it has none. */
    private static List<StackTraceElement> framesOf(Throwable thrown) {
        try {
            return List.of(thrown.getStackTrace());
        } catch (Throwable e) {
            return List.of();
        }
    }

    /** The frames of a Java function that Lua called, and of what it called. */
    private static List<StackTraceElement> untilLua(List<StackTraceElement> java) {
        List<StackTraceElement> frames = new ArrayList<>();
        for (StackTraceElement frame : java) {
            if (frame.getClassName().equals(CALLED_BY_LUA)) {
                break;
            }
            if (!isInternal(frame)) {
                frames.add(frame);
            }
        }
        return frames;
    }

    /** What {@code frames} has before its end becomes the same as that of {@code other}. */
    private static List<StackTraceElement> withoutTail(
            List<StackTraceElement> frames, List<StackTraceElement> other) {
        int end = frames.size();
        int otherEnd = other.size();
        while (end > 0 && otherEnd > 0 && frames.get(end - 1).equals(other.get(otherEnd - 1))) {
            end--;
            otherEnd--;
        }
        return frames.subList(0, end);
    }

    /** Lua's levels, cut where a Java function is. */
    private static List<List<StackTraceElement>> luaParts(LuaError error) {
        List<List<StackTraceElement>> parts = new ArrayList<>();
        List<StackTraceElement> part = new ArrayList<>();
        byte[] levels = error.levels();
        String traceback = error.traceback();
        int level = 0;
        for (String line : traceback == null ? List.<String>of() : traceback.lines().toList()) {
            StackTraceElement frame = frame(line);
            if (frame == null) {
                continue; // the heading, a tail call, levels left out
            }
            boolean isJava = level < levels.length && levels[level] != 0;
            level++;
            if (frame.equals(HOST)) {
                continue;
            }
            if (!isJava) {
                part.add(frame);
            } else if (level > 1) {
                parts.add(part);
                part = new ArrayList<>();
            }
        }
        parts.add(part);
        return parts;
    }

    private static @Nullable StackTraceElement frame(String line) {
        Matcher matcher = LEVEL.matcher(line);
        if (!matcher.matches()) {
            return null;
        }
        String source = matcher.group("source");
        String number = matcher.group("line");
        int lineNumber =
                number == null ? (source.equals("[C]") ? -2 : -1) : Integer.parseInt(number);
        return new StackTraceElement(
                LUA, matcher.group("what"), source.equals("[C]") ? null : source, lineNumber);
    }
}
