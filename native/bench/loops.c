/*
 * Loops of requests in C, where the allocators' own time can be told from that of a border: the
 * same loops for functions of malloc's kind and of lua_Alloc's.
 *
 * The kinds differ in their arguments only: what is recorded of a block is the same for both, as a
 * program knows its sizes whoever serves it.
 */
#include <stdlib.h>

#include "loops.h"

/* Keeps the compiler from leaving out what a block is for. */
#if defined(__GNUC__)
#define USE(pointer) __asm__ volatile("" : : "r"(pointer) : "memory")
#else
static void *volatile used;
#define USE(pointer) (used = (pointer))
#endif

void loop_one_malloc(loop_malloc allocate, loop_free release, size_t size, int32_t count) {
  for (int32_t i = 0; i < count; i++) {
    void *block = allocate(size);
    USE(block);
    release(block);
  }
}

void loop_one_alloc(lua_Alloc allocate, void *ud, size_t size, int32_t count) {
  for (int32_t i = 0; i < count; i++) {
    void *block = allocate(ud, NULL, LUA_TTABLE, size);
    USE(block);
    allocate(ud, block, size, 0);
  }
}

void loop_window_malloc(loop_malloc allocate, loop_free release, loop_block *window,
                        const int32_t *slots, const int32_t *sizes, int32_t count) {
  for (int32_t i = 0; i < count; i++) {
    loop_block *slot = &window[slots[i]];
    release(slot->address);
    slot->size = (size_t)sizes[i];
    slot->address = allocate(slot->size);
  }
}

void loop_window_alloc(lua_Alloc allocate, void *ud, loop_block *window, const int32_t *slots,
                       const int32_t *sizes, int32_t count) {
  for (int32_t i = 0; i < count; i++) {
    loop_block *slot = &window[slots[i]];
    allocate(ud, slot->address, slot->size, 0);
    slot->size = (size_t)sizes[i];
    slot->address = allocate(ud, NULL, LUA_TTABLE, slot->size);
  }
}

void *loop_libc_alloc(void *ud, void *block, size_t old_size, size_t new_size) {
  (void)ud;
  (void)old_size;
  if (new_size != 0) return realloc(block, new_size);
  free(block);
  return NULL;
}

void *loop_heap_alloc(void *ud, void *block, size_t old_size, size_t new_size) {
  const loop_heap *heap = ud;
  (void)old_size;
  if (new_size != 0) return heap->reallocate(block, new_size);
  heap->release(block);
  return NULL;
}
