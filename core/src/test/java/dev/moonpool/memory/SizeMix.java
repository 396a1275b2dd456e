package dev.moonpool.memory;

import java.util.random.RandomGenerator;

/** What sizes a program asks for, in bytes; at most 2 KiB. */
enum SizeMix {
    /** Small ones as Lua's, and a tenth up to 2 KiB. */
    LUA {
        @Override
        int draw(RandomGenerator random) {
            int percent = random.nextInt(100);
            if (percent < 75) {
                return random.nextInt(16, 65);
            }
            return percent < 90 ? random.nextInt(64, 257) : random.nextInt(1, 2049);
        }
    },

    /** Any from 1 byte to 2 KiB, all alike. */
    UNIFORM {
        @Override
        int draw(RandomGenerator random) {
            return random.nextInt(1, 2049);
        }
    },

    /** Half small, half large: what is freed of the one is of no use to the other. */
    SMALL_AND_LARGE {
        @Override
        int draw(RandomGenerator random) {
            return random.nextBoolean() ? random.nextInt(16, 65) : random.nextInt(512, 2049);
        }
    },

    /** Up to 256 bytes. */
    SMALL {
        @Override
        int draw(RandomGenerator random) {
            return random.nextInt(8, 257);
        }
    },

    /** Strings of a few hundred bytes. */
    MEDIUM {
        @Override
        int draw(RandomGenerator random) {
            return random.nextInt(200, 700);
        }
    },

    /** Nodes of two sizes, with tables that double. */
    POWERS {
        @Override
        int draw(RandomGenerator random) {
            int percent = random.nextInt(100);
            if (percent < 80) {
                return percent < 60 ? 24 : 40;
            }
            return 16 << random.nextInt(8);
        }
    };

    abstract int draw(RandomGenerator random);
}
