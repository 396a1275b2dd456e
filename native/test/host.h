/* Shorthands for the tests: states on a counting heap, and frames. */
#ifndef MOONPOOL_TEST_HOST_H
#define MOONPOOL_TEST_HOST_H

#include "check.h"
#include "counting_heap.h"
#include "moonpool.h"

#define ALL_LIBRARIES ((uint32_t)(1 << 10) - 1)
#define FRAME_BYTES 1024 /* large enough for what most tests get back */

/* A configuration on `heap`: all libraries, no hook, no flags. */
mp_config host_config(counting_heap *heap);

/* Opens a state; it must succeed. */
lua_State *host_open(const mp_config *config);

/* Closes a state; nothing may be left on its heap. */
void host_close(lua_State *L);

/* A frame of exactly this size, so that a sanitizer sees what is written behind it. free() it. */
mp_frame *frame_new(size_t byte_size);

/* A frame that holds the slots; free() it. */
mp_frame *frame_of(int count, const mp_slot *slots);

mp_slot slot_integer(int64_t value);
mp_slot slot_number(double value);
mp_slot slot_string(const char *bytes, size_t length);
mp_slot slot_bare(uint64_t tag);

/* Runs source text without arguments. */
int host_run(lua_State *L, const char *chunk, mp_frame *results, size_t byte_size);

/* Runs source text in a frame of FRAME_BYTES and checks the status; free() the results. */
mp_frame *host_results(lua_State *L, int status, const char *chunk);

/* As host_results, for what has no results: `return` or assert. */
void host_does(lua_State *L, const char *chunk);

uint64_t result_tag(const mp_frame *results, int index);
size_t result_length(const mp_frame *results, int index);

/* The string at `index`, with a NUL behind it; free() it. */
char *result_text(const mp_frame *results, int index);

/* Checks that slot `index` is a string that contains `part`. */
#define CHECK_TEXT(part, results, index)         \
  do {                                           \
    char *text_ = result_text((results), (index)); \
    CHECK_CONTAINS((part), text_);               \
    free(text_);                                 \
  } while (0)

#endif
