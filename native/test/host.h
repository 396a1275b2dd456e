/* Shorthands for the tests: states on a counting heap, and frames. */
#ifndef MOONPOOL_TEST_HOST_H
#define MOONPOOL_TEST_HOST_H

#include "check.h"
#include "counting_heap.h"
#include "moonpool.h"

#define ALL_LIBRARIES ((uint32_t)(1 << 10) - 1)
#define FRAME_BYTES 1024 /* large enough for what most tests get back */
#define IDLE_TOP 1       /* what the main thread's stack has between calls: the host itself */

/* What an error leaves in a frame. */
enum { ERROR_VALUE, ERROR_MESSAGE, ERROR_TRACEBACK, ERROR_LEVELS, ERROR_VALUES };

/* A configuration on `heap`: all libraries, no hook, no flags, nothing foreign. */
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
mp_slot slot_text(const char *text);
mp_slot slot_bare(uint64_t tag);
mp_slot slot_handle(int32_t handle);
mp_slot slot_callable(int64_t id);
mp_slot slot_foreign(int64_t id, int32_t class_handle);

/* Begins a frame anew, with these values. */
void frame_set(mp_frame *frame, int count, const mp_slot *slots);

/* Runs source text without arguments. */
int host_run(lua_State *L, const char *chunk, mp_frame *results, size_t byte_size);

/* Runs source text in a frame of FRAME_BYTES and checks the status; free() the results. */
mp_frame *host_results(lua_State *L, int status, const char *chunk);

/* As host_results, for what has no results: `return` or assert. */
void host_does(lua_State *L, const char *chunk);

/* What the chunk returns, as a handle. */
int32_t host_handle(lua_State *L, const char *chunk);

/* Makes what a handle stands for a global of Lua's. */
void host_global(lua_State *L, const char *name, int32_t handle);

void host_forget(lua_State *L, int32_t handle);

/* Serves each request for memory again; nothing may be held, and the state must work on. */
void host_works_on(lua_State *L);

/*
 * Runs `operation` in states on which `prepare` was run, while all requests for memory from the
 * n-th on are refused, n = 1, 2, ..., until it succeeds, which is to end with `status`; and once
 * more with the n-th alone. Each time it succeeds or says that there is no memory, and the state
 * works on and leaves nothing.
 */
void host_runs_out_of_memory(const mp_config *config, void (*prepare)(lua_State *L),
                             int (*operation)(lua_State *L, mp_frame *frame), int status);

uint64_t result_tag(const mp_frame *results, int index);
size_t result_length(const mp_frame *results, int index);
int64_t result_integer(const mp_frame *results, int index);
int32_t result_handle(const mp_frame *results, int index);

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
