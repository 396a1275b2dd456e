/* The walk over C's functions. */
#include "heap_client_blocks.h"

enum { ALIGNMENT = 16 };

/* Requests that cannot be met: sizes that overflow as they are rounded up, products that wrap. */
static int impossible(const heap_client_functions *f, walk *w) {
  switch (walk_random(w) % 6) {
    case 0: return f->malloc(SIZE_MAX) != NULL;
    case 1: return f->malloc(SIZE_MAX - walk_random(w) % 64) != NULL;
    case 2: return f->malloc((size_t)PTRDIFF_MAX + 1) != NULL;
    case 3: return f->calloc(SIZE_MAX / 2 + 1, 2) != NULL;   /* wraps to 0 */
    case 4: return f->calloc(16, SIZE_MAX / 16 + 2) != NULL; /* wraps to 16 */
    default: return f->aligned_alloc(64, SIZE_MAX - 63) != NULL;
  }
}

static int all_zero(const unsigned char *bytes, size_t size) {
  for (size_t i = 0; i < size; i++) {
    if (bytes[i] != 0) return 0;
  }
  return 1;
}

static int allocate(const heap_client_functions *f, walk *w, walk_block *b) {
  size_t size = walk_size(w);
  size_t alignment = ALIGNMENT;
  int zeroed = 0;
  void *address;
  switch (walk_random(w) % 8) {
    case 0: {
      size_t count = 1 + (size_t)walk_random(w) % 8;
      address = f->calloc(count, size / count);
      size = size / count * count;
      zeroed = 1;
      break;
    }
    case 1:
      alignment = (size_t)ALIGNMENT << walk_random(w) % 9;
      size = (size / alignment + 1) * alignment;
      address = f->aligned_alloc(alignment, size);
      break;
    case 2:
      address = f->realloc(NULL, size);
      break;
    default:
      address = f->malloc(size);
      break;
  }
  if (address == NULL) {
    w->refused += size > 0;
    return 0;
  }
  if (!walk_aligned(address, alignment)) return HEAP_CLIENT_UNALIGNED;
  if (zeroed && !all_zero(address, size)) return HEAP_CLIENT_NOT_ZERO;
  return walk_enter(w, b, address, size);
}

static int resize(const heap_client_functions *f, walk *w, walk_block *b) {
  size_t size = walk_one_in(w, 32) ? SIZE_MAX - walk_random(w) % 64 : walk_size(w);
  int too_large = size > PTRDIFF_MAX;
  void *address = f->realloc(b->address, size);
  if (address == NULL && size == 0) {
    b->address = NULL;
    return 0;
  }
  if (address == NULL) {
    w->refused += !too_large;
    return walk_intact(b, b->address, b->size) ? 0 : HEAP_CLIENT_NOT_COPIED;
  }
  if (too_large) return HEAP_CLIENT_IMPOSSIBLE;
  if (!walk_aligned(address, ALIGNMENT)) return HEAP_CLIENT_UNALIGNED;
  size_t kept = size < b->size ? size : b->size;
  if (!walk_intact(b, address, kept)) return HEAP_CLIENT_NOT_COPIED;
  return walk_enter(w, b, address, size);
}

static int release(const heap_client_functions *f, walk_block *b) {
  int intact = b->address == NULL || walk_intact(b, b->address, b->size);
  if (!intact) return HEAP_CLIENT_OVERWRITTEN;
  f->free(b->address); /* NULL too, which does nothing */
  b->address = NULL;
  return 0;
}

static int take_step(const heap_client_functions *f, walk *w) {
  if (walk_one_in(w, 64) && impossible(f, w)) return HEAP_CLIENT_IMPOSSIBLE;
  walk_block *b = &w->blocks[walk_random(w) % WALK_BLOCKS];
  if (b->address == NULL) return allocate(f, w, b);
  if (!walk_intact(b, b->address, b->size)) return HEAP_CLIENT_OVERWRITTEN;
  return walk_one_in(w, 2) ? resize(f, w, b) : release(f, b);
}

int64_t heap_client_walk(const heap_client_functions *f, uint64_t seed, int64_t steps) {
  walk w = {.random = seed};
  int code = 0;
  int64_t step = 0;
  for (; step < steps && code == 0; step++) code = take_step(f, &w);
  for (int i = 0; i < WALK_BLOCKS && code == 0; i++) code = release(f, &w.blocks[i]);
  return walk_result(&w, step, code);
}
