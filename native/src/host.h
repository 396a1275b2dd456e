/*
 * What the host library keeps for a state, and what its parts share. The invariants:
 *
 *   1. Whatever can raise runs below `protect`, or in a function that Lua has called. What runs
 *      outside of both neither raises nor runs Lua code.
 *   2. The main thread's stack holds the host itself at index 1, so that no script can get at
 *      it; behind it there is nothing between calls but values that are held.
 *   3. The stack of `handles` has a value for each handle, and SPARE free places behind them. A
 *      handle that is free holds the next free one, an integer; 0 ends the list.
 */
#ifndef MOONPOOL_HOST_H
#define MOONPOOL_HOST_H

#include "moonpool.h"

#include "lauxlib.h"

/* Handles that are the host's own. */
enum {
  HANDLE_MESSAGE = 1, /* what the message handler leaves: false when it was taken */
  HANDLE_TRACEBACK,
  HANDLE_LEVELS,
  HANDLE_BOX,     /* the metatable of the boxes that keep foreign functions alive */
  HANDLE_FOREIGN, /* the foreign objects that Lua knows, by their ids; values are weak */
  HANDLE_COUNTS,  /* how many userdata there are for each, those that wait for __gc included */
  HANDLES_RESERVED = HANDLE_COUNTS
};

#define SPARE 4
#define ARGUMENTS (-1) /* what is held are a foreign function's arguments: Lua takes those back */

/*
 * Values at the indices (from, to] of `holder`, if that is not NULL, are held; mp_release takes its
 * stack back to `base`, unless that is ARGUMENTS.
 */
typedef struct mp_held {
  lua_State *holder;
  int32_t base;
  int32_t from;
  int32_t to;
} mp_held;

#define MAX_DROPPED 64

typedef struct mp_host {
  lua_State *running; /* the coroutine that Lua is in, or last was */
  lua_State *handles;
  int32_t free_handle;
  int32_t depth; /* of calls from the runtime */
  int32_t unweighed; /* foreign functions and objects that the collector has not been told of */
  int32_t has_details; /* not 0: an error is on its way, and HANDLE_MESSAGE is not false */
  int32_t busy; /* not 0: `io` is being read, and Lua code may run meanwhile */
  int32_t crossing; /* not 0: a frame has objects that are yet to be adopted, or that were left there */
  const mp_frame *arguments; /* of a call, until its body takes them */
  int64_t dropped[MAX_DROPPED]; /* objects that Lua let go of while frames were crossing */
  int32_t dropped_count;
  mp_held held;
  lua_CFunction body; /* what pcall_body is about to run, and for what; NULL when it runs */
  const void *context;
  mp_invoke invoke;
  mp_discard discard;
  int64_t runtime;
  mp_frame *io;
  size_t io_byte_size;
} mp_host;

/* The host's address is in Lua's space for its user, which new coroutines inherit. */
static inline mp_host **host_place(lua_State *L) { return lua_getextraspace(L); }
static inline mp_host *host_of(lua_State *L) { return *host_place(L); }

/* ----------------------------------------------------------------------- values.c, handles.c */

/* Begins a frame without values. */
void clear_frame(mp_frame *frame);

/* A message where there is no state to hold it. It is short, and cut if the frame is shorter. */
void write_message(const char *message, mp_frame *frame, size_t byte_size);

/* Writes the values at the indices (first, last]; 1 if the frame has them all and needs no stack. */
int write_values(lua_State *L, int first, int last, mp_frame *frame, size_t byte_size);

/* Writes one value as the frame's only one; 0 if the frame would refer to Lua's own memory. */
int write_single(lua_State *L, int index, mp_frame *frame, size_t byte_size);

/* Where a frame that is being written goes on: slots grow upwards, strings' bytes downwards. */
typedef struct frame_writer {
  mp_slot *slot;
  char *end;
} frame_writer;

/* The frame's header is as it was until end_frame says how many values were written. */
frame_writer begin_frame(mp_frame *frame, size_t byte_size);
void end_frame(mp_frame *frame, const frame_writer *w);

/*
 * Writes the values at `index` and behind it; 0 if the frame cannot take both in and one slot more,
 * and then it is as before.
 */
int append_pair(lua_State *L, int index, frame_writer *w);

/*
 * The common end of a call: hands the values above `first` over, and takes the stack back to
 * `base` if nothing needs to be held. There were 2 * SPARE free places behind `base`. Returns
 * `status`, or LUA_ERRMEM.
 */
int hand_over(lua_State *L, int status, int base, int first, mp_frame *frame, size_t byte_size);

/* Whether pushing a slot can allocate, and so raise. */
static inline int slot_allocates(const mp_slot *slot) {
  switch (slot->head & 0xff) {
    case MP_TAG_STRING:
    case MP_TAG_FOREIGN:
    case MP_TAG_CALLABLE:
      return 1;
    default:
      return 0;
  }
}

static inline int is_foreign(const mp_slot *slot) {
  return (slot->head & 0xff) == MP_TAG_FOREIGN;
}

static inline int is_callable(const mp_slot *slot) {
  return (slot->head & 0xff) == MP_TAG_CALLABLE;
}

/* Whether a slot has an id that Lua takes over. */
static inline int is_adopted(const mp_slot *slot) { return is_foreign(slot) || is_callable(slot); }

/* Whether a slot that was written has a handle that was made for it. */
static inline int is_object(const mp_slot *slot) {
  uint64_t tag = slot->head & 0xff;
  return tag >= MP_TAG_TABLE && tag <= MP_TAG_LIGHTUSERDATA;
}

int frame_allocates(const mp_frame *frame);

/* Pushes a slot that allocates nothing; there is room for it. */
void push_plain(lua_State *L, const mp_slot *slot);

/*
 * Pushes a slot. May raise. The frame is being read: host->busy says so. What is foreign was adopted,
 * and is at index `adopted`.
 */
void push_slot(lua_State *L, const mp_slot *slot, int adopted);

/* Pushes all slots from `first` on. May raise: the runtime knows then which ids Lua does not have. */
void push_slots(lua_State *L, const mp_frame *frame, int first);

static inline int32_t slot_handle(const mp_slot *slot) {
  return (int32_t)(slot->head >> MP_LENGTH_SHIFT);
}

/* A handle for the value at `index`, 0 if there is no memory. L has a free place. */
int32_t new_handle(lua_State *L, int index);

/* Pushes what a handle stands for; there is room for it. */
static inline void push_handle(lua_State *L, int32_t handle) {
  lua_State *handles = host_of(L)->handles;
  lua_pushvalue(handles, handle);
  lua_xmove(handles, L, 1);
}

/* Moves the top of L's stack into a handle. */
static inline void set_handle(lua_State *L, int32_t handle) {
  lua_State *handles = host_of(L)->handles;
  lua_xmove(L, handles, 1);
  lua_replace(handles, handle);
}

/* -------------------------------------------------------------------------------- errors.c */

int message_handler(lua_State *L);

/* Pushes message, traceback and levels of the error that ended `of`; its value is at index 1. */
void describe_error(lua_State *L, lua_State *of);

/* Leaves message, traceback and levels behind the error value of `status` that is on top. */
void push_details(lua_State *L, int status);

/*
 * While an error is on its way, what is to be closed may call foreign functions, and these make
 * calls that fail. Returns the index of what is kept of the first one, or 0; L has SPARE places.
 */
int save_details(lua_State *L);
void restore_details(lua_State *L, int saved);

/*
 * A protected call of a body with the arguments above the message handler, if there is one, of
 * which the last is `context`. Scripts see a function in the stack, through `debug`, and can call
 * it: it is one that does nothing unless it is this that calls it.
 */
int pcall_body(lua_State *L, lua_CFunction body, const void *context, int arguments, int results,
               int handler);

/*
 * Runs `body` with `context` as its only argument, and hands over what it returns or how it failed.
 * `arguments` is the frame that the body takes with push_slots or adopt, or NULL.
 */
int perform(lua_State *L, lua_CFunction body, void *context, const mp_frame *arguments,
            mp_frame *frame, size_t byte_size);

/*
 * As `perform`, for a body that returns nothing, but may have written results into the frame; the
 * frame is then taken as it is.
 */
int perform_in_place(lua_State *L, lua_CFunction body, void *context, const mp_frame *arguments,
                     mp_frame *frame, size_t byte_size);

/* 1 and a message if the C stack is too short for Lua code. */
int stack_is_short(mp_frame *frame, size_t byte_size);

/* A call from the runtime begins and ends. */
void *enter_host(mp_host *host);
void leave_host(mp_host *host, void *locale);

/* ------------------------------------------------------------------------------- foreign.c */

/* Pushes the userdata of an object; 0 and nil if there is none. */
int push_known(lua_State *L, int64_t id);

/*
 * Pushes a value for each foreign slot of a frame from `first` on, in their order: an object's
 * userdata, a function's box. They own the ids from then on. If that fails, the runtime is told of
 * those that nothing owns, and the error is raised.
 */
void adopt(lua_State *L, const mp_frame *frame, int first);

/*
 * Tells the runtime of the ids in a frame that Lua never got to know, from slot `first` on: what
 * should have taken them failed. Does nothing while other frames are on their way, which may have the
 * same ones, and with too little C stack left for the runtime: then they stay until the state closes.
 */
void disown(lua_State *L, const mp_frame *frame, int first);

/* Makes a function of the box at an index, and pushes it. May raise. */
void push_callable(lua_State *L, int box);

/* Tells the runtime of objects that Lua let go of while frames were crossing, if none is now. */
void drop_foreign(lua_State *L);

/* The id of a foreign object, 0 if it is none. */
int64_t foreign_id(lua_State *L, int index);

/* Whether a level of the stack is a foreign function's. */
int is_foreign_call(lua_State *L, const lua_Debug *level);

/* Sets up the handles that are for foreign objects. May raise. */
void open_foreign(lua_State *L);

/* --------------------------------------------------------------------------------- guard.c */

/* Replaces what can crash the process in the libraries that are open. May raise. */
void guard_libraries(lua_State *L, uint32_t libraries);

/* ------------------------------------------------------------------------------ warnings.c */

void open_warnings(lua_State *L, int on);

#endif
