package dev.moonpool.lua.torture;

import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Values for Lua: of all kinds, those included that have no counterpart there. */
final class Values {
    private Values() {}

    static @Nullable Object any(Worker worker) {
        RandomGenerator random = worker.random();
        return switch (random.nextInt(22)) {
            case 0 -> null;
            case 1 -> random.nextBoolean();
            case 2 -> random.nextInt(10);
            case 3 -> random.nextLong();
            case 4 -> Long.MIN_VALUE;
            case 5 -> random.nextDouble();
            case 6 -> Double.NaN;
            case 7 -> (float) random.nextInt(5);
            case 8, 9 -> text(random);
            case 10 -> bytes(random);
            case 11, 12 -> Functions.any(random);
            case 13 -> new IllegalArgumentException("as a value");
            case 14 -> 'c';
            case 15 -> random.nextInt(8) == 0 ? List.of(1, 2) : (byte) 1;
            case 16 -> random.nextInt(8) == 0 ? new Object() : (short) 2;
            default -> worker.world().anyThing(random);
        };
    }

    static @Nullable Object[] many(Worker worker) {
        RandomGenerator random = worker.random();
        int count =
                switch (random.nextInt(200)) {
                    case 0 -> random.nextInt(20_000);
                    case 1 -> random.nextInt(10) == 0 ? 1_000_001 : 70;
                    case 2, 3, 4 -> random.nextInt(200);
                    default -> random.nextInt(5);
                };
        @Nullable Object[] values = new @Nullable Object[count];
        for (int i = 0; i < count; i++) {
            values[i] = i < 100 ? any(worker) : i;
        }
        return values;
    }

    static String text(RandomGenerator random) {
        return switch (random.nextInt(12)) {
            case 0 -> "";
            case 1 -> "\uD83C\uDF19 moon \0 pool";
            case 2 -> random.nextInt(6) == 0 ? "\uD83C" : "__index";
            case 3 -> "x".repeat(random.nextInt(2000));
            case 4 -> "y".repeat(random.nextInt(60) == 0 ? random.nextInt(4 << 20) : 41);
            case 5 -> "\u00e9".repeat(random.nextInt(600));
            default -> "k" + random.nextInt(600);
        };
    }

    private static byte[] bytes(RandomGenerator random) {
        byte[] bytes = new byte[random.nextInt(1000)];
        random.nextBytes(bytes);
        return bytes;
    }
}
