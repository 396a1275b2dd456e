package dev.moonpool.lua.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import org.jspecify.annotations.Nullable;

/** Text between Java's strings and UTF-8, without loss. */
public final class Text {
    private static final char REPLACEMENT = '\uFFFD';

    private Text() {}

    /** {@return whether all characters are below 128, so that they are their own UTF-8} */
    static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }

    /**
     * {@return the UTF-8 of a text}
     *
     * @throws IllegalArgumentException if half of a surrogate pair is missing: there is no UTF-8
     *     for it
     */
    public static byte[] encode(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        // Only where there is a question mark can something have been replaced.
        if (contains(bytes, (byte) '?') && !text.equals(new String(bytes, UTF_8))) {
            throw new IllegalArgumentException(
                    "text has half of a surrogate pair, which UTF-8 cannot say: length="
                            + text.length());
        }
        return bytes;
    }

    private static boolean contains(byte[] bytes, byte wanted) {
        for (byte b : bytes) {
            if (b == wanted) {
                return true;
            }
        }
        return false;
    }

    /** {@return the text, or null if the bytes are no UTF-8} */
    public static @Nullable String decode(byte[] bytes, int from, int length) {
        String text = new String(bytes, from, length, UTF_8);
        // Only where there is a replacement character can something have been replaced.
        return text.indexOf(REPLACEMENT) < 0 || isUtf8(bytes, from, length) ? text : null;
    }

    private static boolean isUtf8(byte[] bytes, int from, int length) {
        try {
            CharBuffer ignored = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, length));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
