package dev.moonpool.lua.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.moonpool.lua.internal.HandleTable.Registration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A table of handles beside a list of numbers, as C has one: each is given again when it ended. */
class HandleTableTest {
    private double memoryInUse;
    private final HandleTable table = new HandleTable(more -> memoryInUse);

    /** Handles that are in use. */
    private final List<Object> handles = new ArrayList<>();

    /** By number: what was registered, while it is in use; and whether it may end. */
    private final List<@Nullable Registration> registered = new ArrayList<>();

    private final List<Boolean> mayEnd = new ArrayList<>();
    private final Deque<Integer> free = new ArrayDeque<>();

    HandleTableTest() {
        registered.add(null); // 0 is no number
        mayEnd.add(false);
    }

    private Registration add(Object handle) {
        if (free.isEmpty()) {
            free.push(registered.size());
            registered.add(null);
            mayEnd.add(false);
        }
        int number = free.pop();
        Registration added = table.prepare(handle, number);
        table.add(added);
        registered.set(number, added);
        mayEnd.set(number, false);
        return added;
    }

    private void mayEnd(Registration registration) {
        mayEnd.set(registration.number(), true);
    }

    /** Ends those that are due. {@return how many} */
    private int end() {
        int ended = 0;
        for (int number = table.peek(); number != 0; number = table.peek()) {
            assertTrue(mayEnd.get(number), "in use, or ended before: number=" + number);
            mayEnd.set(number, false);
            registered.set(number, null);
            free.push(number);
            table.take();
            ended++;
        }
        return ended;
    }

    @Test
    void endsWhatIsClosedOnce() {
        for (int i = 0; i < 100; i++) {
            Object handle = new Object();
            handles.add(handle);
            Registration added = add(handle);
            if (i % 3 == 0) {
                mayEnd(added);
                table.close(added);
                table.close(added);
                assertTrue(added.isClosed());
            }
        }
        assertEquals(34, end());
        assertEquals(0, end());
        handles.clear();
        registered.forEach(left -> mayEnd.set(left == null ? 0 : left.number(), left != null));
        System.gc();
        assertEquals(66, end());
        System.gc();
        assertEquals(0, end());
    }

    @Test
    void searchesManyNotBeforeAsManyEntries() {
        int many = 5000;
        List<Registration> all = addMany(many);
        System.gc();
        assertEquals(0, end()); // from now on it knows how many there are
        handles.clear();
        all.forEach(this::mayEnd);
        System.gc();
        assertEquals(0, end());
        int entries = 1;
        while (end() == 0) {
            entries++;
        }
        assertEquals(many, entries, 2);
    }

    @Test
    void searchesManyAtOnceIfItIsAskedTo() {
        List<Registration> all = addMany(5000);
        System.gc();
        assertEquals(0, end());
        handles.subList(1000, 5000).clear();
        all.subList(1000, 5000).forEach(this::mayEnd);
        System.gc();
        table.beginSearch();
        assertEquals(4000, end());
    }

    @Test
    void searchesManyAtOnceWhenThereAreNoMoreToGive() {
        addManyAndDropThem();
        table.exhausted(); // which asks for a collection
        assertEquals(5000, end());
        addManyAndDropThem();
        table.exhausted(); // which does not, again
        assertEquals(0, end());
        System.gc();
        assertEquals(0, end());
        table.exhausted();
        assertEquals(5000, end());
    }

    private void addManyAndDropThem() {
        List<Registration> all = addMany(5000);
        System.gc();
        assertEquals(0, end());
        handles.clear();
        all.forEach(this::mayEnd);
        assertEquals(0, end());
    }

    @Test
    void asksForACollectionWhenMemoryIsShort() {
        memoryInUse = 0.8;
        int ended = 0;
        for (int i = 0; i < 1000; i++) {
            mayEnd(add(new Object()));
            ended += end();
        }
        int all = ended;
        assertTrue(all >= 800, () -> "ended: " + all);
    }

    @Test
    void asksForACollectionWhenMemoryWasRefused() {
        for (int i = 0; i < 10; i++) {
            mayEnd(add(new Object()));
        }
        table.outOfMemory();
        assertEquals(10, end());
    }

    @Test
    void searchesWithoutDelayWhenThereAreTwiceAsMany() {
        addMany(5000);
        System.gc();
        assertEquals(0, end());
        addMany(4000).forEach(this::mayEnd);
        handles.subList(5000, 9000).clear();
        System.gc();
        assertEquals(0, end());
        addMany(1001);
        assertEquals(4000, end());
    }

    private List<Registration> addMany(int count) {
        List<Registration> added = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Object handle = new Object();
            handles.add(handle);
            added.add(add(handle));
        }
        return added;
    }

    /** A handle as another thread closes it, which then drops it. */
    private record Closing(Object handle, Registration registration) {}

    @Test
    void endsEachOnceThoughOthersCloseAndDropThemMeanwhile() throws InterruptedException {
        BlockingQueue<Closing> toClose = new LinkedBlockingQueue<>();
        Thread closer = Thread.ofPlatform().daemon().start(() -> close(toClose));
        Random random = new Random(7);
        int ended = 0;
        int made = 0;
        while (made < 200_000) {
            Object handle = new Object();
            Registration added = add(handle);
            made++;
            switch (random.nextInt(4)) {
                case 0 -> mayEnd(added); // it is dropped
                case 1 -> {
                    mayEnd(added);
                    toClose.add(new Closing(handle, added));
                }
                case 2 -> {
                    mayEnd(added);
                    table.close(added);
                }
                default -> {
                    if (handles.size() < 500) {
                        handles.add(handle);
                    } else {
                        mayEnd(added);
                    }
                }
            }
            if (made % 10_000 == 0) {
                System.gc();
            }
            ended += end();
        }
        closer.interrupt();
        closer.join();
        toClose.forEach(left -> table.close(left.registration));
        toClose.clear();
        for (int i = 0; i < 100 && ended < made - handles.size(); i++) {
            System.gc();
            table.beginSearch();
            ended += end();
        }
        assertEquals(made - handles.size(), ended);
    }

    private void close(BlockingQueue<Closing> toClose) {
        try {
            while (true) {
                table.close(toClose.take().registration);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
