/*
 * A lua_Alloc that checks its caller and can refuse.
 *
 *   - The old size that Lua hands over is compared with the true one.
 *   - A block that changes size always moves, and a freed one is overwritten, so that whoever
 *     keeps an old pointer finds rubbish.
 *   - Requests for a new or a larger block are counted from 1. Those numbered
 *     first_refused <= n < end_refused get NULL. Shrinking and freeing never fail.
 */
#ifndef MOONPOOL_TEST_COUNTING_HEAP_H
#define MOONPOOL_TEST_COUNTING_HEAP_H

#include <stddef.h>
#include <stdint.h>

typedef struct block {
  struct block *previous, *next;
  size_t size;
  size_t padding; /* what follows is 16-byte aligned */
} block;

typedef struct counting_heap {
  block *blocks;
  int64_t live_bytes;
  int64_t requests;
  int64_t first_refused, end_refused;
} counting_heap;

/* A lua_Alloc; `ud` is the counting_heap. */
void *counting_heap_allocate(void *ud, void *pointer, size_t old_size, size_t new_size);

/* Refuses the next `count` requests, after `after` more that succeed. */
void counting_heap_refuse(counting_heap *heap, int64_t after, int64_t count);

/* Serves every request again. */
void counting_heap_serve(counting_heap *heap);

/* Frees what a state left that no lua_close can reach any more. */
void counting_heap_clear(counting_heap *heap);

#endif
