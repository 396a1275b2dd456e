/* What both walks share: a table of blocks, each filled with a pattern of its own. */
#ifndef MOONPOOL_TEST_HEAP_CLIENT_BLOCKS_H
#define MOONPOOL_TEST_HEAP_CLIENT_BLOCKS_H

#include "heap_client.h"

#define WALK_BLOCKS 64

typedef struct walk_block {
  unsigned char *address; /* NULL: none */
  size_t size;
  uint64_t pattern;
} walk_block;

typedef struct walk {
  walk_block blocks[WALK_BLOCKS];
  uint64_t random;
  int64_t refused;
} walk;

/* A sequence that depends on the seed only. */
uint64_t walk_random(walk *w);
int walk_one_in(walk *w, unsigned chances);

/* A size as programs ask for: mostly small, sometimes 0, at most 32 KB. */
size_t walk_size(walk *w);

/* Enters a block and fills it. HEAP_CLIENT_SHARED if another block has its address, else 0. */
int walk_enter(walk *w, walk_block *b, void *address, size_t size);

/* Whether the first `length` bytes at `address` are those that the block was filled with. */
int walk_intact(const walk_block *b, const void *address, size_t length);

int walk_aligned(const void *address, size_t alignment);

/* Ends a walk: keeps the count for heap_client_refused, and composes the result. */
int64_t walk_result(const walk *w, int64_t step, int code);

#endif
