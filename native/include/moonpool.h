/*
 * moonpool.h - the host library: what a foreign runtime needs beside Lua's own API.
 *
 * A caller in a managed runtime can neither raise a Lua error nor be jumped across by one. So
 * everything here that can raise runs inside a protected call of its own, and the status comes
 * back as the function's result.
 *
 * Vocabulary
 *   frame     a caller-owned buffer that values travel in: a header and 16-byte slots
 *   slot      one Lua value: a tag and a payload
 *   held      values that a frame could not take in stay on Lua's stack until mp_release
 *   handle    a number that stands for a Lua value, and keeps it alive until mp_forget
 *   foreign   of the runtime: its functions and objects are known to Lua by an id
 *
 * Rules for every function
 *   - No Lua error leaves it.
 *   - A state belongs to one thread at a time; nothing here takes a lock.
 *   - Memory that the caller passes stays the caller's; the state is freed by mp_close.
 *   - Each may run Lua code (finalizers included) and so may call the state's lua_Alloc and its
 *     foreign functions, unless it says that it allocates nothing.
 *   - `L` is the state's main thread, as mp_open gave it. While a foreign function runs, what it
 *     calls runs in the coroutine that called it.
 *   - Handles and ids are trusted; types of values are checked.
 */
#ifndef MOONPOOL_H
#define MOONPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "lua.h"

#if defined(_WIN32)
#define MP_API extern __declspec(dllexport)
#elif defined(__GNUC__)
#define MP_API extern __attribute__((visibility("default")))
#else
#define MP_API extern
#endif

/* ---------------------------------------------------------------------- control block */

/*
 * The head of a region's data part. Offsets are bytes from the start of the region, sizes are
 * bytes, counters are counts unless their name says bytes. All fields are 8 bytes, in native
 * byte order, so that a byte copy of the data part and of the used pool is a snapshot.
 *
 *   0 <= code_offset <= data_offset <= pool_offset <= io_offset < growth_offset
 *   top <= end, and blocks lie in [pool_offset, io_offset) or [growth_offset, end)
 *   0 <= live_bytes <= used_bytes: the requested and the rounded size of the same blocks
 *   peak_bytes and high_used_bytes are brought up to date only before the bytes go down
 *   blocks now = sum of tag_requests - frees
 */
#define MP_CONTROL_MAGIC 0x4c4f4f504e4f4f4dLL /* "MOONPOOL" in a little-endian dump */
#define MP_CONTROL_VERSION 3

/* The kinds that Lua's header has no name for, in osize of a new block; the state's is ours. */
#define MP_KIND_STATE 1
#define MP_KIND_UPVALUE 9
#define MP_KIND_PROTOTYPE 10

#define MP_TAGS 16 /* kinds of blocks that are counted apart; for Lua, what osize says of a new one */

typedef struct mp_control {
  int64_t magic;
  int64_t version;
  int64_t code_offset, code_size;
  int64_t data_offset, data_size;
  int64_t pool_offset, pool_size;
  int64_t io_offset, io_size;
  int64_t growth_offset, growth_size;
  int64_t limit;           /* bytes of pool and growth area that blocks may lie in */
  int64_t allocator;       /* which allocator owns the pool; 0 while there is none */
  int64_t top;             /* offset of the first byte behind all blocks */
  int64_t end;             /* how far the top may rise without asking */
  int64_t live_bytes;      /* in blocks now, as requested */
  int64_t peak_bytes;      /* the largest live_bytes ever */
  int64_t used_bytes;      /* in blocks now, rounded */
  int64_t high_used_bytes; /* the largest used_bytes since the last trim */
  int64_t peak_used_bytes; /* the largest used_bytes before that */
  int64_t trim_below;      /* when used_bytes falls below it, pages are due to go back */
  int64_t frees;
  int64_t grown_in_place;
  int64_t moved;
  int64_t shrunk;
  int64_t failures;
  int64_t consolidations;
  int64_t merged_blocks;
  int64_t recovered_bytes;
  int64_t tag_requests[MP_TAGS]; /* blocks ever handed out */
  int64_t tag_bytes[MP_TAGS];    /* and their sizes then, as requested */
} mp_control;

/* ------------------------------------------------------------------------ pool allocator */

/*
 * The tables of PoolAllocator's free lists; they follow the control block. One list per size up to
 * MP_EXACT_BINS granules, then eight per doubling. Blocks are offsets from the start of the region
 * and lists end with the offset of these tables. A free block holds the next one's offset in its
 * first 8 bytes and, if it is too large for an exact bin, its size in the second.
 *
 *   a bin whose bit is not set has 0 as its head; one that runs empty keeps its bit until a search
 *   meets it
 */
#define MP_GRANULE 8
#define MP_EXACT_BINS 256
#define MP_BINS 576
#define MP_BIN_WORDS (MP_BINS / 64)

typedef struct mp_bins {
  int64_t freed_since; /* bytes put in since the last consolidation */
  uint64_t occupied[MP_BIN_WORDS];
  int64_t heads[MP_BINS];
} mp_bins;

/* When pages are due to go back: used_bytes fall below the most used, shifted, if that is enough. */
#define MP_TRIM_SHIFT 3
#define MP_MIN_TRIM_BELOW (128 * 1024)

/* A pool is tight when more is used, and more was freed, than the limit shifted by these. */
#define MP_TIGHT_SHIFT 1
#define MP_TIGHT_TRIGGER_SHIFT 8

/*
 * A pool in a region, as mp_pool_allocate needs it. `slow` serves and counts what the fast path
 * does not: it is asked before anything was changed but peaks that were due and marks of empty bins.
 */
typedef struct mp_pool {
  char *base;          /* the region's start */
  mp_control *control; /* in the region's data part; mp_bins follow it */
  lua_Alloc slow;
  void *ud; /* handed to `slow` */
} mp_pool;

/*
 * A lua_Alloc on PoolAllocator's state; `ud` is an mp_pool. It takes a free block of just the size
 * asked for, splits the next larger one, or takes from the top, and it puts blocks back; all else
 * (sizes beyond the exact bins, merging, growth, failure, giving pages back) is `slow`'s. Whoever
 * serves, block addresses and counters are the same. Sizes and blocks are trusted.
 */
MP_API void *mp_pool_allocate(void *ud, void *block, size_t old_size, size_t new_size);

/*
 * A lua_Alloc on libc's realloc and free, which counts in the mp_control that `ud` is: the baseline
 * for the time that allocators take.
 */
MP_API void *mp_system_allocate(void *ud, void *block, size_t old_size, size_t new_size);

/* ------------------------------------------------------------------------------ values */

#define MP_TAG_NIL 0
#define MP_TAG_FALSE 1
#define MP_TAG_TRUE 2
#define MP_TAG_INTEGER 3 /* payload.integer */
#define MP_TAG_FLOAT 4   /* payload.number */
#define MP_TAG_STRING 5  /* payload.address; the length in the head */
/*
 * From Lua only: a new handle in the head, or 0 if there was no memory for one; payload.address
 * tells objects apart, as lua_topointer does.
 */
#define MP_TAG_TABLE 6
#define MP_TAG_FUNCTION 7
#define MP_TAG_USERDATA 8
#define MP_TAG_THREAD 9
#define MP_TAG_LIGHTUSERDATA 10
/* A foreign object: payload.integer is its id. On the way to Lua, the head has its class's handle. */
#define MP_TAG_FOREIGN 11
/* To Lua only: what a handle in the head stands for; a new function, by its id in payload.integer. */
#define MP_TAG_HANDLE 12
#define MP_TAG_CALLABLE 13
/*
 * For mp_fill only: a table by its number, which is in the head. If there is none yet, it is made,
 * with room for the elements in payload.integer's low 32 bits and the fields in its high ones.
 */
#define MP_TAG_NODE 14

/* The head's low 8 bits are the tag; the others a string's length in bytes, or a handle. */
#define MP_LENGTH_SHIFT 8

typedef struct mp_slot {
  uint64_t head;
  union {
    int64_t integer;
    double number;
    const void *address;
  } payload;
} mp_slot;

/*
 * written <= count; a frame's byte size is at least that of its header. Strings are copied behind
 * the slots while they fit; one that does not is referred to where Lua keeps it, and is then valid
 * until mp_release.
 */
typedef struct mp_frame {
  int32_t count;   /* values in all */
  int32_t written; /* slots that this frame holds */
  int32_t held;    /* not 0: Lua's stack still holds the values, mp_release is due */
  int32_t outcome; /* of a foreign function */
  mp_slot slots[];
} mp_frame;

/* What a foreign function did. */
#define MP_RETURNED 0
#define MP_RAISED 1  /* slot 0 is the error value */
#define MP_YIELDED 2 /* slot 0 is nil or the callable to go on with, the others are yielded */

/* ------------------------------------------------------------------------------- states */

/* Bits of mp_config.libraries: which of Lua's libraries a state opens. */
#define MP_LIB_BASE (1 << 0)
#define MP_LIB_PACKAGE (1 << 1)
#define MP_LIB_COROUTINE (1 << 2)
#define MP_LIB_TABLE (1 << 3)
#define MP_LIB_IO (1 << 4)
#define MP_LIB_OS (1 << 5)
#define MP_LIB_STRING (1 << 6)
#define MP_LIB_MATH (1 << 7)
#define MP_LIB_UTF8 (1 << 8)
#define MP_LIB_DEBUG (1 << 9)

/* Bits of mp_config.flags. */
#define MP_IGNORE_ENVIRONMENT (1 << 0) /* LUA_PATH and the like, as `lua -E` */
#define MP_WARNINGS_ON (1 << 1)        /* as `lua -W` */
#define MP_GENERATIONAL (1 << 2)       /* the collector's mode, as `lua` sets it */
/*
 * The libraries are as `lua` has them. Otherwise what can crash the process is left out: scripts
 * load no precompiled code and no native modules, and `debug` keeps to what is of Lua. And without
 * the library for files there is neither loadfile nor dofile.
 */
#define MP_TRUSTED (1 << 3)

/*
 * Calls a foreign function. `frame` has its arguments, and is what the runtime uses for all
 * that it does with the state until it returns; arguments that did not fit are fetched with
 * mp_fetch, before anything else. The reply is a frame with the outcome and its values: `frame`,
 * or memory of mp_buffer. NULL: the runtime failed and could not even say how. It must not unwind.
 */
typedef const mp_frame *(*mp_invoke)(int64_t runtime, int64_t id, mp_frame *frame,
                                     size_t byte_size);

/*
 * Lua does not know a foreign object or function any more; it may be said again of one that is gone. It
 * must not call back, nor unwind.
 */
typedef void (*mp_discard)(int64_t runtime, int64_t id);

typedef struct mp_config {
  lua_Alloc allocate;
  void *ud; /* handed to `allocate` */
  uint32_t libraries;
  uint32_t flags;
  mp_invoke invoke;   /* NULL: there will be no foreign functions and objects */
  mp_discard discard; /* NULL likewise */
  int64_t runtime;    /* handed to both */
  mp_frame *io;       /* where foreign functions get their arguments */
  size_t io_byte_size;
} mp_config;

/*
 * What a state may need of the C stack: the deepest recursion of Lua's own libraries (nested gsub,
 * about 420 KiB at Lua's limit of 200 C calls, in an optimised build), an upcall into the runtime,
 * and what a JVM keeps free below. With less left, functions that run Lua code refuse with
 * MP_ERRSTACK, since running off the stack ends the process.
 */
#define MP_STACK_BYTES (640 * 1024)

/* What a foreign function may need; with less left, calling one raises an error. */
#define MP_FOREIGN_STACK_BYTES (160 * 1024)

/* A status beside Lua's own: there is too little C stack left. */
#define MP_ERRSTACK 64

/*
 * A new state with the libraries of `config`, in *state; LUA_OK. Otherwise *state is NULL,
 * nothing stays allocated, the status says why (LUA_ERRMEM as a rule), and `error` holds the
 * message.
 */
MP_API int mp_open(const mp_config *config, lua_State **state, mp_frame *error,
                   size_t error_byte_size);

/*
 * Closes the state with lua_close; LUA_OK. If too little of the stack is left for finalizers to run
 * on, MP_ERRSTACK, and the state stays open.
 */
MP_API int mp_close(lua_State *L);

/* ---------------------------------------------------------------------------------- calls */

/*
 * The functions from here on return LUA_OK and write their results into `frame`, or an error
 * status and up to four values:
 *   the error value
 *   its message: a string that was made of it, by its __tostring or else saying its type
 *   the traceback, a string
 *   a string with the levels of the traceback at which foreign functions are: a byte for each
 *     level, not 0 if it is one
 * Where there is none, no string stands. Those that take arguments have them in the same frame,
 * which is read before it is written.
 */

/*
 * Loads a chunk and calls it with the values of `arguments`.
 *   chunk, size   source or precompiled; read in place, needed only during the call
 *   name          the chunk's name as lua_load takes it
 *   mode          "t", "b" or "bt"
 *   results       may overlap `arguments`, which are read before it is written
 */
MP_API int mp_run(lua_State *L, const char *chunk, size_t size, const char *name,
                  const char *mode, const mp_frame *arguments, mp_frame *results,
                  size_t results_byte_size);

/* Loads a chunk as mp_run does; one result, the function. Its _ENV is `environment` unless 0. */
MP_API int mp_load(lua_State *L, const char *chunk, size_t size, const char *name,
                   const char *mode, int32_t environment, mp_frame *frame, size_t byte_size);

/* Calls what a handle stands for. */
MP_API int mp_call(lua_State *L, int32_t function, mp_frame *frame, size_t byte_size);

/* One result: the function's precompiled code, a string; without debug information if `strip`. */
MP_API int mp_dump(lua_State *L, int32_t function, int strip, mp_frame *frame, size_t byte_size);

/*
 * Calls the global `print` with the held values and lets go of them, as `lua` does with what an
 * interactive line gave.
 */
MP_API int mp_print(lua_State *L, mp_frame *frame, size_t byte_size);

/* A full collection. */
MP_API int mp_collect(lua_State *L, mp_frame *frame, size_t byte_size);

/*
 * Writes the held values from `first` on (0 is the first) into the frame, as many as it takes; in
 * a foreign function, its arguments. Runs no Lua code.
 */
MP_API void mp_fetch(lua_State *L, int32_t first, mp_frame *frame, size_t byte_size);

/* Lets go of held values. Allocates nothing. */
MP_API void mp_release(lua_State *L);

/* -------------------------------------------------------------------------------- handles */

/* One argument; two results, integers: a handle for it, and what tells it apart as lua_topointer does. */
MP_API int mp_hold(lua_State *L, mp_frame *frame, size_t byte_size);

/*
 * Ends handles, and takes each to 0, so that to ask again does no harm; 0 is none. Allocates nothing.
 */
MP_API void mp_forget(lua_State *L, int32_t *handles, int32_t count);

/* One result: the value as a string, as Lua's tostring makes it. */
MP_API int mp_tostring(lua_State *L, int32_t value, mp_frame *frame, size_t byte_size);

/* --------------------------------------------------------------------------------- tables */

/* One result: a new table with room for so many elements and fields. */
MP_API int mp_new_table(lua_State *L, int32_t elements, int32_t fields, mp_frame *frame,
                        size_t byte_size);

/* One argument, the key; one result. `raw`, here and below: not 0 for no metamethods. */
MP_API int mp_get(lua_State *L, int32_t table, int raw, mp_frame *frame, size_t byte_size);

/* Two arguments, key and value. */
MP_API int mp_set(lua_State *L, int32_t table, int raw, mp_frame *frame, size_t byte_size);

/* One result: the length, an integer unless a metamethod says otherwise. */
MP_API int mp_length(lua_State *L, int32_t table, int raw, mp_frame *frame, size_t byte_size);

/*
 * One argument, a key to begin with, or nil; the results are keys and values in turn, in the order
 * of lua_next, from that key on: as many as the frame takes, but at least one pair unless it is the
 * end, and at most `pairs`. If there are more, one result more follows: a handle for the key that
 * comes next, an integer, or 0 if there was no memory for it. A key that was removed meanwhile is
 * passed over.
 */
MP_API int mp_next(lua_State *L, int32_t table, int32_t pairs, mp_frame *frame, size_t byte_size);

/* The results are the `count` elements from index `first` on, without metamethods; nil where none is. */
MP_API int mp_elements(lua_State *L, int32_t table, int64_t first, int32_t count, mp_frame *frame,
                       size_t byte_size);

/*
 * Fills tables that refer to each other, cycles included. The table `nodes` has them, by their
 * numbers. The arguments are a node, the entries that it gets, each a key and a value, then the
 * next node, and so on; a value may be a node too. No metamethods.
 */
MP_API int mp_fill(lua_State *L, int32_t nodes, mp_frame *frame, size_t byte_size);

/* One result: the metatable, or nil. */
MP_API int mp_get_metatable(lua_State *L, int32_t value, mp_frame *frame, size_t byte_size);

/* One argument: the metatable to be, or nil. The value is a table or a userdata. */
MP_API int mp_set_metatable(lua_State *L, int32_t value, mp_frame *frame, size_t byte_size);

/* --------------------------------------------------------------- foreign objects and functions */

/*
 * One argument, its name; one result: a class of foreign objects, which is the table that will be
 * their metatable. Lua code cannot get at it with getmetatable.
 */
MP_API int mp_new_class(lua_State *L, mp_frame *frame, size_t byte_size);

/*
 * In a foreign function: memory for its reply, which is Lua's and lasts until the function has
 * returned; NULL if there is none.
 */
MP_API void *mp_buffer(lua_State *L, size_t byte_size);

/* ------------------------------------------------------------------------------ coroutines */

/* One result: a new coroutine on a function. */
MP_API int mp_new_coroutine(lua_State *L, int32_t function, mp_frame *frame, size_t byte_size);

/*
 * Starts or resumes a coroutine with the arguments; the results are what it yields, and the status
 * then LUA_YIELD, or what it returns. One that ended with an error is closed.
 */
MP_API int mp_resume(lua_State *L, int32_t coroutine, mp_frame *frame, size_t byte_size);

#define MP_SUSPENDED 0
#define MP_RUNNING 1
#define MP_NORMAL 2 /* it has resumed another one */
#define MP_DEAD 3

/* One of the above. Allocates nothing. */
MP_API int mp_coroutine_status(lua_State *L, int32_t coroutine);

/* Closes a coroutine that is suspended or dead, as coroutine.close does. */
MP_API int mp_close_coroutine(lua_State *L, int32_t coroutine, mp_frame *frame, size_t byte_size);

/* ------------------------------------------------------------------------------ the process */

/* The name, release and copyright of the Lua inside, as `lua -v` prints them. Never freed. */
MP_API const char *mp_copyright(void);

/*
 * Ends the process with `status` in the runtime's own way; called for os.exit, after the state was
 * closed if that was asked for (`closed` is not 0 then). `ud` is the state's. It must not return:
 * there may be no state to return to, so that ends the process too.
 */
typedef void (*mp_exit_hook)(void *ud, int status, int closed);

/*
 * Makes this process Lua's own, as `lua` has one: os.exit ends it through `exit_hook`, modules in C
 * that `require` loads find Lua's API, the locale is C and os.setlocale changes it, and writing to a
 * closed pipe ends the process. Otherwise a state is a guest: its os.exit raises an error, its
 * thread is in the C locale while Lua runs, whatever the process's is, and os.setlocale knows no
 * other. To be called before the first state is opened. 1 if modules will find the API, else 0.
 */
MP_API int mp_own_process(mp_exit_hook exit_hook);

/*
 * Reads a line of C's standard input, with its newline, at most `byte_size` - 1 bytes and a NUL.
 * Returns the number of bytes, or -1 at the end of the input. `print` and io.read of Lua use the
 * same stream, so a runtime that buffers for itself would steal their bytes.
 */
MP_API int64_t mp_read_line(char *buffer, size_t byte_size);

/* Writes out what C's standard output holds back. */
MP_API void mp_flush(void);

#endif
