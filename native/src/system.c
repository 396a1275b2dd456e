/* libc's allocator for Lua, with the counters that every allocator has. */
#include <stdlib.h>

#include "counters.h"
#include "moonpool.h"

static void *allocate(mp_control *c, size_t kind, size_t size) {
  void *block = malloc(size);
  if (block != NULL) {
    count_allocated(c, size, (int64_t)size, kind);
  } else {
    c->failures++;
  }
  return block;
}

static void *resize(mp_control *c, void *block, size_t old_size, size_t new_size) {
  void *moved = realloc(block, new_size);
  if (new_size <= old_size) {
    update_peaks(c);
    count_less(c, old_size - new_size, (int64_t)(old_size - new_size));
    c->shrunk++;
    return moved == NULL ? block : moved; /* a shrink never fails */
  }
  if (moved == NULL) {
    c->failures++;
    return NULL;
  }
  count_more(c, new_size - old_size, (int64_t)(new_size - old_size));
  if (moved == block) {
    c->grown_in_place++;
  } else {
    c->moved++;
  }
  return moved;
}

void *mp_system_allocate(void *ud, void *block, size_t old_size, size_t new_size) {
  mp_control *c = ud;
  if (new_size != 0)
    return block == NULL ? allocate(c, old_size, new_size) : resize(c, block, old_size, new_size);
  if (block != NULL) {
    update_peaks(c);
    count_less(c, old_size, (int64_t)old_size);
    c->frees++;
    free(block);
  }
  return NULL;
}
