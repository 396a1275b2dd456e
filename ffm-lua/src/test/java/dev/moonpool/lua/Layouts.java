package dev.moonpool.lua;

import dev.moonpool.memory.RegionLayout;

/** The reference layout with one part of another size. */
final class Layouts {
    private static final RegionLayout BASE = RegionLayout.REFERENCE;

    /** The smallest io part that a state takes. */
    static final long SMALLEST_IO = 1024;

    private Layouts() {}

    static RegionLayout withIo(long byteSize) {
        return new RegionLayout(
                BASE.codeByteSize(), BASE.dataByteSize(), BASE.poolByteSize(), byteSize);
    }

    static RegionLayout withCode(long byteSize) {
        return new RegionLayout(
                byteSize, BASE.dataByteSize(), BASE.poolByteSize(), BASE.ioByteSize());
    }

    static RegionLayout withPool(long byteSize) {
        return BASE.withPoolByteSize(byteSize).withGrowthByteSize(0);
    }
}
