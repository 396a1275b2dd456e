/* The heap client passes C's own heap, and finds each fault of a heap that is made faulty. */
#include "heap_client.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "counting_heap.h"

/* A heap that only grows, each block behind a header with its size. Faults are switched on. */
static struct {
  _Alignas(4096) unsigned char bytes[1 << 20];
  size_t used;
} pool;

static enum {
  NONE,
  MISALIGNS,
  OVERLAPS,
  DOES_NOT_COPY,
  DOES_NOT_ZERO,
  IGNORES_OVERFLOW,
  SHARES_EMPTY_BLOCKS,
  REFUSES_TO_SHRINK,
  RETURNS_WHAT_IT_FREES
} fault;

static size_t size_of(const void *pointer) {
  size_t size;
  memcpy(&size, (const char *)pointer - 16, sizeof size);
  return size;
}

static void *faulty_aligned_alloc(size_t alignment, size_t size) {
  size_t start = (pool.used + 16 + alignment - 1) / alignment * alignment;
  if (start > sizeof pool.bytes || size > sizeof pool.bytes - start) return NULL;
  if (fault == MISALIGNS && size > 64) start += 4;
  memcpy(pool.bytes + start - 16, &size, sizeof size);
  pool.used = start + size + 16;
  if (fault == OVERLAPS && size > 256) pool.used -= 256;
  if (fault == SHARES_EMPTY_BLOCKS && size == 0) return pool.bytes;
  return pool.bytes + start;
}

static void *faulty_malloc(size_t size) { return faulty_aligned_alloc(16, size); }

static void *faulty_calloc(size_t count, size_t size) {
  if (fault != IGNORES_OVERFLOW && size != 0 && count > SIZE_MAX / size) return NULL;
  void *pointer = faulty_malloc(count * size);
  if (pointer != NULL) memset(pointer, fault == DOES_NOT_ZERO, count * size);
  return pointer;
}

static void *faulty_realloc(void *pointer, size_t size) {
  void *moved = faulty_malloc(size);
  if (moved == NULL || pointer == NULL) return moved;
  size_t kept = size_of(pointer) < size ? size_of(pointer) : size;
  if (fault != DOES_NOT_COPY) memmove(moved, pointer, kept);
  return moved;
}

static void faulty_free(void *pointer) { (void)pointer; }

static void *faulty_lua_alloc(void *ud, void *pointer, size_t osize, size_t nsize) {
  (void)ud;
  if (nsize == 0) return fault == RETURNS_WHAT_IT_FREES ? pointer : NULL;
  if (pointer != NULL && nsize <= osize) return fault == REFUSES_TO_SHRINK ? NULL : pointer;
  return faulty_realloc(pointer, nsize);
}

static const heap_client_functions faulty = {faulty_malloc, faulty_calloc, faulty_realloc,
                                             faulty_free, faulty_aligned_alloc};

static void findsInC(int code, int switched_on) {
  fault = switched_on;
  pool.used = 0;
  CHECK_EQUAL(code, heap_client_walk(&faulty, 1, 5000) & 0xff);
}

static void findsInLua(int code, int switched_on) {
  fault = switched_on;
  pool.used = 0;
  CHECK_EQUAL(code, heap_client_lua_walk(faulty_lua_alloc, NULL, 1, 5000) & 0xff);
}

static void theHeapOfCPasses(void) {
  const heap_client_functions c = {malloc, calloc, realloc, free, aligned_alloc};
  for (uint64_t seed = 0; seed < 5; seed++) {
    CHECK_EQUAL(0, heap_client_walk(&c, seed, 20000));
    CHECK_EQUAL(0, heap_client_refused());
  }
}

static void theCountingHeapPasses(void) {
  counting_heap heap;
  memset(&heap, 0, sizeof heap);
  for (uint64_t seed = 0; seed < 5; seed++) {
    counting_heap_refuse(&heap, 1000, 500);
    CHECK_EQUAL(0, heap_client_lua_walk(counting_heap_allocate, &heap, seed, 20000));
    CHECK(heap_client_refused() > 0);
    CHECK_EQUAL(0, heap.live_bytes);
  }
}

static void exhaustionIsCountedNotAFault(void) {
  findsInC(0, NONE);
  CHECK(heap_client_refused() > 0);
  findsInLua(0, NONE);
  CHECK(heap_client_refused() > 0);
}

static void faultsAreFound(void) {
  findsInC(HEAP_CLIENT_UNALIGNED, MISALIGNS);
  findsInC(HEAP_CLIENT_NOT_COPIED, DOES_NOT_COPY);
  findsInC(HEAP_CLIENT_NOT_ZERO, DOES_NOT_ZERO);
  findsInC(HEAP_CLIENT_IMPOSSIBLE, IGNORES_OVERFLOW);
  findsInC(HEAP_CLIENT_SHARED, SHARES_EMPTY_BLOCKS);
  findsInLua(HEAP_CLIENT_UNALIGNED, MISALIGNS);
  findsInLua(HEAP_CLIENT_NOT_COPIED, DOES_NOT_COPY);
  findsInLua(HEAP_CLIENT_SHRINK_REFUSED, REFUSES_TO_SHRINK);
  findsInLua(HEAP_CLIENT_FREE_RETURNED, RETURNS_WHAT_IT_FREES);
}

/* It depends on the blocks whether that shows at a resize or before. */
static void overlapIsFound(void) {
  fault = OVERLAPS;
  pool.used = 0;
  CHECK(heap_client_walk(&faulty, 1, 5000) != 0);
  pool.used = 0;
  CHECK(heap_client_lua_walk(faulty_lua_alloc, NULL, 1, 5000) != 0);
}

int main(void) {
  RUN(theHeapOfCPasses);
  RUN(theCountingHeapPasses);
  RUN(exhaustionIsCountedNotAFault);
  RUN(faultsAreFound);
  RUN(overlapIsFound);
  return 0;
}
