package dev.moonpool.memory;

import java.util.ArrayList;
import java.util.List;
import jdk.jfr.FlightRecorder;

/** A program for a process of its own: makes an allocator do all that there are events of. */
final class FlightProgram {
    private FlightProgram() {}

    public static void main(String[] arguments) {
        try (Region region = Region.reserve(RegionLayout.REFERENCE.withGrowthByteSize(1 << 20))) {
            PoolAllocator allocator = new PoolAllocator(region);
            List<Long> blocks = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                blocks.add(allocator.allocate(1000));
            }
            blocks.subList(0, 900).forEach(block -> allocator.free(block, 1000));
            allocator.trim();
            long refused = allocator.allocate(1L << 40);
            allocator.check();
            System.out.println(recorder() + " " + allocator.statistics().blocks() + " " + refused);
        }
    }

    private static String recorder() {
        try {
            return FlightRecorder.isInitialized() ? "in-use" : "idle";
        } catch (NoClassDefFoundError e) {
            return "absent";
        }
    }
}
