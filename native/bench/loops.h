/* What the benchmarks call in moonpool-loops. No block is checked for NULL: memory is at hand. */
#ifndef MOONPOOL_LOOPS_H
#define MOONPOOL_LOOPS_H

#include <stddef.h>
#include <stdint.h>

#include "moonpool.h"

typedef void *(*loop_malloc)(size_t size);
typedef void *(*loop_realloc)(void *block, size_t size);
typedef void (*loop_free)(void *block);

/* A block of a window; NULL if there is none yet. */
typedef struct loop_block {
  void *address;
  size_t size; /* 0 if there is none */
} loop_block;

/* Allocate a block of `size` bytes and free it, `count` times. */
MP_API void loop_one_malloc(loop_malloc allocate, loop_free release, size_t size, int32_t count);
MP_API void loop_one_alloc(lua_Alloc allocate, void *ud, size_t size, int32_t count);

/* Free the block in window[slots[i]] and allocate one of sizes[i] bytes in its place, for each i. */
MP_API void loop_window_malloc(loop_malloc allocate, loop_free release, loop_block *window,
                               const int32_t *slots, const int32_t *sizes, int32_t count);
MP_API void loop_window_alloc(lua_Alloc allocate, void *ud, loop_block *window,
                              const int32_t *slots, const int32_t *sizes, int32_t count);

/* The lua_Alloc of Lua's manual, on libc's realloc and free. */
MP_API void *loop_libc_alloc(void *ud, void *block, size_t old_size, size_t new_size);

/* The same on another library's functions: `ud` is a loop_heap. */
typedef struct loop_heap {
  loop_realloc reallocate;
  loop_free release;
} loop_heap;

MP_API void *loop_heap_alloc(void *ud, void *block, size_t old_size, size_t new_size);

#endif
