package dev.moonpool.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;

/**
 * All blocks that are live, by address, and what each must hold: random bytes that were written
 * into it. Fails when two overlap or when one holds anything else.
 */
public final class LiveBlocks {
    /** How the test gets at a block's memory. */
    @FunctionalInterface
    interface Memory {
        MemorySegment at(long address, long byteSize);
    }

    private final Memory memory;
    private final Random random;
    private final TreeMap<Long, byte[]> blocks = new TreeMap<>();

    LiveBlocks(Memory memory, Random random) {
        this.memory = memory;
        this.random = random;
    }

    /** Takes a new block in and fills it. */
    void add(long address, long byteSize) {
        put(address, new byte[0], byteSize);
    }

    /** Moves or resizes a block: what it held must be there up to the smaller size. */
    void resize(long address, long newAddress, long newByteSize) {
        byte[] before = remove(address);
        int kept = (int) Math.min(before.length, newByteSize);
        requireHolds(newAddress, before, kept);
        put(newAddress, before, newByteSize);
    }

    /** Takes a block out. {@return what it held} */
    byte[] remove(long address) {
        byte[] bytes = known(address);
        blocks.remove(address);
        return bytes;
    }

    private void put(long address, byte[] kept, long byteSize) {
        requireApart(address, byteSize);
        byte[] bytes = new byte[(int) byteSize];
        random.nextBytes(bytes);
        System.arraycopy(kept, 0, bytes, 0, Math.min(kept.length, bytes.length));
        MemorySegment.copy(bytes, 0, memory.at(address, byteSize), JAVA_BYTE, 0, bytes.length);
        blocks.put(address, bytes);
    }

    /** An empty block takes up a place too. */
    private void requireApart(long address, long byteSize) {
        Map.Entry<Long, byte[]> before = blocks.floorEntry(address);
        if (before != null) {
            requireOrder(before.getKey(), before.getValue().length, address);
        }
        Long after = blocks.higherKey(address);
        if (after != null) {
            requireOrder(address, byteSize, after);
        }
    }

    private static void requireOrder(long address, long byteSize, long next) {
        assertTrue(
                address < next && byteSize <= next - address,
                () ->
                        "blocks overlap: address=0x%x, byteSize=%d, next=0x%x"
                                .formatted(address, byteSize, next));
    }

    /** All blocks hold what was written into them. */
    public void verify() {
        blocks.forEach((address, bytes) -> requireHolds(address, bytes, bytes.length));
    }

    private void requireHolds(long address, byte[] bytes, int length) {
        long difference =
                MemorySegment.mismatch(
                        MemorySegment.ofArray(bytes),
                        0,
                        length,
                        memory.at(address, length),
                        0,
                        length);
        assertEquals(-1, difference, () -> "block at 0x%x was changed".formatted(address));
    }

    public List<Long> addresses() {
        return new ArrayList<>(blocks.keySet());
    }

    /** {@return one of the blocks} */
    public long any() {
        return addresses().get(random.nextInt(blocks.size()));
    }

    public boolean isEmpty() {
        return blocks.isEmpty();
    }

    public long sizeOf(long address) {
        return known(address).length;
    }

    private byte[] known(long address) {
        return Objects.requireNonNull(
                blocks.get(address), () -> "the test has no block at " + address);
    }

    /** {@return the end of the block that reaches furthest, or 0 if there is none} */
    long end() {
        return blocks.isEmpty() ? 0 : blocks.lastKey() + blocks.lastEntry().getValue().length;
    }
}
