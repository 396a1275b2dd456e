#include "counting_heap.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

#define LARGEST ((size_t)1 << 32) /* no heap of a test is asked for more in earnest */

static block *new_block(counting_heap *heap, size_t size) {
  block *b = malloc(sizeof(block) + size);
  CHECK(b != NULL);
  b->size = size;
  b->previous = NULL;
  b->next = heap->blocks;
  if (b->next != NULL) b->next->previous = b;
  heap->blocks = b;
  heap->live_bytes += (int64_t)size;
  memset(b + 1, 0xa5, size);
  return b;
}

static void free_block(counting_heap *heap, block *b) {
  if (b->next != NULL) b->next->previous = b->previous;
  *(b->previous != NULL ? &b->previous->next : &heap->blocks) = b->next;
  heap->live_bytes -= (int64_t)b->size;
  memset(b, 0x5a, sizeof(block) + b->size);
  free(b);
}

static int refuses(counting_heap *heap) {
  heap->requests++;
  return heap->first_refused <= heap->requests && heap->requests < heap->end_refused;
}

void *counting_heap_allocate(void *ud, void *pointer, size_t old_size, size_t new_size) {
  counting_heap *heap = ud;
  block *old = pointer != NULL ? (block *)pointer - 1 : NULL;
  if (old != NULL) CHECK_EQUAL(old->size, old_size);
  size_t kept = old != NULL ? old->size : 0;

  block *fresh = NULL;
  if (new_size > 0) {
    if (new_size > kept && (refuses(heap) || new_size > LARGEST)) return NULL;
    fresh = new_block(heap, new_size);
  }
  if (old != NULL) {
    if (fresh != NULL) memcpy(fresh + 1, old + 1, kept < new_size ? kept : new_size);
    free_block(heap, old);
  }
  return fresh != NULL ? fresh + 1 : NULL;
}

void counting_heap_refuse(counting_heap *heap, int64_t after, int64_t count) {
  heap->first_refused = heap->requests + after + 1;
  int64_t most = INT64_MAX - heap->first_refused;
  heap->end_refused = heap->first_refused + (count < most ? count : most);
}

void counting_heap_serve(counting_heap *heap) { heap->first_refused = heap->end_refused = 0; }

void counting_heap_clear(counting_heap *heap) {
  while (heap->blocks != NULL) free_block(heap, heap->blocks);
}
