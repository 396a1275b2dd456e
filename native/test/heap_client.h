/*
 * A C program's view of a heap: random walks that allocate only through the functions they are
 * given, and check all that C or Lua relies on.
 *
 * Both walks return 0, or `step << 8 | code`: what was found broken, and at which step. The same
 * seed walks the same way as long as the same requests are refused. A walk that returns 0 has
 * freed all it got; one that found a fault frees nothing, since the heap is not to be trusted.
 *
 * A request may be refused (NULL) at any time; the old block must then be as it was. How many
 * were is counted. Requests that no heap can serve must be refused, and are not counted.
 */
#ifndef MOONPOOL_TEST_HEAP_CLIENT_H
#define MOONPOOL_TEST_HEAP_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define HEAP_CLIENT_API __declspec(dllexport)
#else
#define HEAP_CLIENT_API extern __attribute__((visibility("default")))
#endif

enum heap_client_code {
  HEAP_CLIENT_UNALIGNED = 1,     /* C: not to 16, or as asked for; Lua: not to 8 */
  HEAP_CLIENT_OVERWRITTEN = 2,   /* a block's content changed between two steps */
  HEAP_CLIENT_NOT_COPIED = 3,    /* a block's content changed as it was resized, or refused to be */
  HEAP_CLIENT_NOT_ZERO = 4,      /* calloc returned bytes that are not 0 */
  HEAP_CLIENT_IMPOSSIBLE = 5,    /* a size beyond all memory, or an overflow, was not refused */
  HEAP_CLIENT_SHARED = 6,        /* two blocks begin at the same address */
  HEAP_CLIENT_SHRINK_REFUSED = 7, /* Lua: a block could not be made smaller */
  HEAP_CLIENT_FREE_RETURNED = 8  /* Lua: freeing did not return NULL */
};

/*
 * C's functions by their contracts. Where C leaves it open: malloc(0) and calloc(0, n) return
 * NULL or a block of their own; realloc(p, 0) frees p and returns NULL, or returns such a block.
 * aligned_alloc gets powers of two from 16 to 4096, and sizes that are a multiple of them.
 */
typedef struct heap_client_functions {
  void *(*malloc)(size_t size);
  void *(*calloc)(size_t count, size_t size);
  void *(*realloc)(void *pointer, size_t size);
  void (*free)(void *pointer);
  void *(*aligned_alloc)(size_t alignment, size_t size);
} heap_client_functions;

/* lua_Alloc, without Lua. */
typedef void *(*heap_client_lua_alloc)(void *ud, void *pointer, size_t osize, size_t nsize);

HEAP_CLIENT_API int64_t heap_client_walk(const heap_client_functions *f, uint64_t seed,
                                         int64_t steps);

HEAP_CLIENT_API int64_t heap_client_lua_walk(heap_client_lua_alloc allocate, void *ud,
                                             uint64_t seed, int64_t steps);

/* How many requests the last walk of this thread was refused. */
HEAP_CLIENT_API int64_t heap_client_refused(void);

#endif
