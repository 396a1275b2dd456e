/*
 * The walk over a lua_Alloc. What Lua relies on and C does not: a block can always be made
 * smaller, and the old size is told. What it does not need: more than 8 bytes of alignment.
 */
#include "heap_client_blocks.h"

enum { ALIGNMENT = 8, KINDS = 11 /* osize of a new block: 0 to 10, the kind of object */ };

typedef struct lua_heap {
  heap_client_lua_alloc allocate;
  void *ud;
} lua_heap;

static int allocate(const lua_heap *heap, walk *w, walk_block *b) {
  size_t kind = (size_t)walk_random(w) % KINDS;
  int too_large = walk_one_in(w, 64);
  size_t size = too_large ? SIZE_MAX - walk_random(w) % 64 : walk_size(w) + 1;
  void *address = heap->allocate(heap->ud, NULL, kind, size);
  if (address == NULL) {
    w->refused += !too_large;
    return 0;
  }
  if (too_large) return HEAP_CLIENT_IMPOSSIBLE;
  if (!walk_aligned(address, ALIGNMENT)) return HEAP_CLIENT_UNALIGNED;
  return walk_enter(w, b, address, size);
}

static int resize(const lua_heap *heap, walk *w, walk_block *b) {
  int too_large = walk_one_in(w, 64);
  size_t size = too_large ? SIZE_MAX - walk_random(w) % 64 : walk_size(w) + 1;
  void *address = heap->allocate(heap->ud, b->address, b->size, size);
  if (address == NULL) {
    w->refused += !too_large;
    if (size <= b->size) return HEAP_CLIENT_SHRINK_REFUSED;
    return walk_intact(b, b->address, b->size) ? 0 : HEAP_CLIENT_NOT_COPIED;
  }
  if (too_large) return HEAP_CLIENT_IMPOSSIBLE;
  if (!walk_aligned(address, ALIGNMENT)) return HEAP_CLIENT_UNALIGNED;
  size_t kept = size < b->size ? size : b->size;
  if (!walk_intact(b, address, kept)) return HEAP_CLIENT_NOT_COPIED;
  return walk_enter(w, b, address, size);
}

static int release(const lua_heap *heap, walk_block *b) {
  size_t size = b->address != NULL ? b->size : 0;
  if (!walk_intact(b, b->address, size)) return HEAP_CLIENT_OVERWRITTEN;
  void *result = heap->allocate(heap->ud, b->address, size, 0); /* as Lua may: NULL too */
  b->address = NULL;
  return result == NULL ? 0 : HEAP_CLIENT_FREE_RETURNED;
}

static int take_step(const lua_heap *heap, walk *w) {
  walk_block *b = &w->blocks[walk_random(w) % WALK_BLOCKS];
  if (b->address == NULL) return allocate(heap, w, b);
  if (!walk_intact(b, b->address, b->size)) return HEAP_CLIENT_OVERWRITTEN;
  return walk_one_in(w, 2) ? resize(heap, w, b) : release(heap, b);
}

int64_t heap_client_lua_walk(heap_client_lua_alloc fn, void *ud, uint64_t seed, int64_t steps) {
  lua_heap heap = {fn, ud};
  walk w = {.random = seed};
  int code = 0;
  int64_t step = 0;
  for (; step < steps && code == 0; step++) code = take_step(&heap, &w);
  for (int i = 0; i < WALK_BLOCKS && code == 0; i++) code = release(&heap, &w.blocks[i]);
  return walk_result(&w, step, code);
}
