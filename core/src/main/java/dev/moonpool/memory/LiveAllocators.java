package dev.moonpool.memory;

import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.WeakHashMap;

/**
 * The allocators whose regions are open, for those that look at all of them. It keeps none of them
 * alive: what the program forgets without closing it goes away here too.
 *
 * <p>Any thread may call it. Nothing is called while its lock is held.
 */
final class LiveAllocators {
    private static final Map<Region, Reference<RegionAllocator>> BY_REGION =
            new WeakHashMap<>(); // guarded by itself

    private LiveAllocators() {}

    static void add(RegionAllocator allocator) {
        Reference<RegionAllocator> reference = new WeakReference<>(allocator);
        synchronized (BY_REGION) {
            BY_REGION.put(allocator.region(), reference);
        }
    }

    static void remove(Region region) {
        synchronized (BY_REGION) {
            BY_REGION.remove(region);
        }
    }

    static List<RegionAllocator> all() {
        synchronized (BY_REGION) {
            return BY_REGION.values().stream()
                    .map(Reference::get)
                    .filter(Objects::nonNull)
                    .toList();
        }
    }
}
