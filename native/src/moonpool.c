/*
 * The host library. The one invariant this file lives by: whatever can raise runs below
 * `protect`, and what runs outside of it (mp_fetch, the writing of results) neither allocates
 * nor raises.
 */
#include "moonpool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lauxlib.h"
#include "lualib.h"
#include "process.h"
#include "stack.h"

/* ------------------------------------------------------------------------------- frames */

static uint64_t slot_head(uint64_t tag, size_t length) {
  return tag | (uint64_t)length << MP_LENGTH_SHIFT;
}

/* Space for strings is taken from the end of the frame downwards, slots grow upwards. */
typedef struct writer {
  mp_frame *frame;
  char *end;
} writer;

static writer write_to(mp_frame *frame, size_t byte_size) {
  writer w = {frame, (char *)frame + byte_size};
  frame->count = frame->written = frame->held = frame->reserved = 0;
  return w;
}

static size_t room(const writer *w) {
  return (size_t)(w->end - (char *)&w->frame->slots[w->frame->written]);
}

/* Writes the string at `index`; 1 if the slot refers to Lua's own copy. */
static int write_string(lua_State *L, int index, mp_slot *slot, writer *w) {
  size_t length;
  const char *bytes = lua_tolstring(L, index, &length);
  slot->head = slot_head(MP_TAG_STRING, length);
  if (length > room(w) - sizeof(mp_slot)) { /* `room` counts the slot itself too */
    slot->payload.address = bytes;
    return 1;
  }
  w->end -= length;
  memcpy(w->end, bytes, length);
  slot->payload.address = w->end;
  return 0;
}

static uint64_t object_tag(int type) {
  switch (type) {
    case LUA_TTABLE: return MP_TAG_TABLE;
    case LUA_TFUNCTION: return MP_TAG_FUNCTION;
    case LUA_TUSERDATA: return MP_TAG_USERDATA;
    case LUA_TTHREAD: return MP_TAG_THREAD;
    default: return MP_TAG_LIGHTUSERDATA;
  }
}

/* Writes the value at `index` into the next slot; 1 if the slot refers to Lua's own memory. */
static int write_value(lua_State *L, int index, writer *w) {
  mp_slot *slot = &w->frame->slots[w->frame->written];
  int in_place = 0;
  switch (lua_type(L, index)) {
    case LUA_TNIL:
      slot->head = MP_TAG_NIL;
      break;
    case LUA_TBOOLEAN:
      slot->head = lua_toboolean(L, index) ? MP_TAG_TRUE : MP_TAG_FALSE;
      break;
    case LUA_TNUMBER:
      if (lua_isinteger(L, index)) {
        slot->head = MP_TAG_INTEGER;
        slot->payload.integer = lua_tointeger(L, index);
      } else {
        slot->head = MP_TAG_FLOAT;
        slot->payload.number = lua_tonumber(L, index);
      }
      break;
    case LUA_TSTRING:
      in_place = write_string(L, index, slot, w);
      break;
    default:
      slot->head = object_tag(lua_type(L, index));
      slot->payload.address = lua_topointer(L, index);
      break;
  }
  w->frame->written++;
  return in_place;
}

/* Writes the values from `first` on; 1 if the frame now has them all and needs no stack. */
static int write_values(lua_State *L, int32_t first, mp_frame *results, size_t byte_size) {
  writer w = write_to(results, byte_size);
  int count = lua_gettop(L);
  int in_place = 0;
  for (int index = first + 1; index <= count && room(&w) >= sizeof(mp_slot); index++)
    in_place |= write_value(L, index, &w);
  results->count = count;
  results->held = count > 0;
  return !in_place && results->written == count;
}

void mp_fetch(lua_State *L, int32_t first, mp_frame *results, size_t byte_size) {
  write_values(L, first, results, byte_size);
}

void mp_release(lua_State *L) { lua_settop(L, 0); }

/* The common end of a call: hands the values on the stack over and lets go of them if it can. */
static void hand_over(lua_State *L, mp_frame *results, size_t byte_size) {
  if (write_values(L, 0, results, byte_size)) {
    mp_release(L);
    results->held = 0;
  }
}

/* A message where there is no state to hold it. It is short, and cut if the frame is shorter. */
static void write_message(const char *message, mp_frame *frame, size_t byte_size) {
  writer w = write_to(frame, byte_size);
  if (room(&w) < sizeof(mp_slot)) return;
  size_t length = strlen(message);
  if (length > room(&w) - sizeof(mp_slot)) length = room(&w) - sizeof(mp_slot);
  w.end -= length;
  memcpy(w.end, message, length);
  frame->slots[0].head = slot_head(MP_TAG_STRING, length);
  frame->slots[0].payload.address = w.end;
  frame->count = frame->written = 1;
}

static int stack_is_short(mp_frame *error, size_t byte_size) {
  if (mp_stack_left() >= MP_STACK_BYTES) return 0;
  write_message("stack overflow (too little C stack left for Lua)", error, byte_size);
  return 1;
}

static void push_slot(lua_State *L, const mp_slot *slot) {
  switch (slot->head & 0xff) {
    case MP_TAG_FALSE:
    case MP_TAG_TRUE:
      lua_pushboolean(L, slot->head == MP_TAG_TRUE);
      break;
    case MP_TAG_INTEGER:
      lua_pushinteger(L, slot->payload.integer);
      break;
    case MP_TAG_FLOAT:
      lua_pushnumber(L, slot->payload.number);
      break;
    case MP_TAG_STRING:
      lua_pushlstring(L, slot->payload.address, (size_t)(slot->head >> MP_LENGTH_SHIFT));
      break;
    default:
      lua_pushnil(L);
      break;
  }
}

static void push_arguments(lua_State *L, const mp_frame *arguments) {
  luaL_checkstack(L, arguments->written, "too many arguments");
  for (int i = 0; i < arguments->written; i++) push_slot(L, &arguments->slots[i]);
}

/* ------------------------------------------------------------------------------- errors */

/* Where the message handler leaves the traceback: a key of the registry by its address. */
static const char traceback_key = 0;

static void push_message(lua_State *L) {
  if (lua_isstring(L, 1)) { /* or a number, which reads as one */
    lua_pushvalue(L, 1);
    lua_tostring(L, -1);
  } else if (luaL_callmeta(L, 1, "__tostring") && lua_type(L, -1) == LUA_TSTRING) {
    return;
  } else {
    lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, 1));
  }
}

static int message_handler(lua_State *L) {
  push_message(L);
  luaL_traceback(L, L, NULL, 1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &traceback_key);
  return 1;
}

/*
 * Puts the traceback that the handler left on top of the stack; nil if there is none. What takes
 * its place is false, not nil: a rehash of the registry drops keys without a value.
 */
static void take_traceback(lua_State *L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &traceback_key) == LUA_TSTRING) {
    lua_pushboolean(L, 0);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &traceback_key); /* the key is there: no allocation */
  } else {
    lua_pop(L, 1);
    lua_pushnil(L);
  }
}

/*
 * Runs `body` with `context` as its only argument on an empty stack. Leaves what it returned, or
 * message and traceback.
 */
static int protect(lua_State *L, lua_CFunction body, void *context) {
  lua_settop(L, 0);
  lua_pushcfunction(L, message_handler);
  lua_pushcfunction(L, body);
  lua_pushlightuserdata(L, context);
  void *locale = mp_enter_locale();
  int status = lua_pcall(L, 1, LUA_MULTRET, 1);
  mp_leave_locale(locale);
  lua_remove(L, 1);
  if (status != LUA_OK) take_traceback(L);
  return status;
}

static int panic(lua_State *L) {
  const char *message = lua_tostring(L, -1);
  fprintf(stderr, "moonpool: unprotected Lua error: %s\n", message ? message : "no message");
  fflush(stderr);
  return 0; /* Lua aborts */
}

/* ----------------------------------------------------------------------------- warnings */

/*
 * A warning arrives in pieces. The functions below are the states of a small machine: off, at
 * the start of a message, within one. Control messages ("@on", "@off") come in one piece.
 */
static void warn_off(void *ud, const char *piece, int more);
static void warn_on(void *ud, const char *piece, int more);
static void warn_within(void *ud, const char *piece, int more);

static int is_control(const char *piece, int more) { return !more && piece[0] == '@'; }

static void control_warnings(lua_State *L, const char *command) {
  if (strcmp(command, "@on") == 0) lua_setwarnf(L, warn_on, L);
  if (strcmp(command, "@off") == 0) lua_setwarnf(L, warn_off, L);
}

static void warn_off(void *ud, const char *piece, int more) {
  if (is_control(piece, more)) control_warnings(ud, piece);
}

static void warn_within(void *ud, const char *piece, int more) {
  fputs(piece, stderr);
  if (!more) fputc('\n', stderr);
  fflush(stderr);
  lua_setwarnf(ud, more ? warn_within : warn_on, ud);
}

static void warn_on(void *ud, const char *piece, int more) {
  if (is_control(piece, more)) {
    control_warnings(ud, piece);
  } else {
    fputs("Lua warning: ", stderr);
    warn_within(ud, piece, more);
  }
}

/* -------------------------------------------------------------------------------- states */

typedef struct library {
  uint32_t bit;
  const char *name;
  lua_CFunction open;
} library;

static const library libraries[] = {
    {MP_LIB_BASE, LUA_GNAME, luaopen_base},
    {MP_LIB_PACKAGE, LUA_LOADLIBNAME, luaopen_package},
    {MP_LIB_COROUTINE, LUA_COLIBNAME, luaopen_coroutine},
    {MP_LIB_TABLE, LUA_TABLIBNAME, luaopen_table},
    {MP_LIB_IO, LUA_IOLIBNAME, luaopen_io},
    {MP_LIB_OS, LUA_OSLIBNAME, luaopen_os},
    {MP_LIB_STRING, LUA_STRLIBNAME, luaopen_string},
    {MP_LIB_MATH, LUA_MATHLIBNAME, luaopen_math},
    {MP_LIB_UTF8, LUA_UTF8LIBNAME, luaopen_utf8},
    {MP_LIB_DEBUG, LUA_DBLIBNAME, luaopen_debug},
};

static int open_libraries(lua_State *L) {
  const mp_config *config = lua_touserdata(L, 1);
  if (config->flags & MP_IGNORE_ENVIRONMENT) {
    lua_pushboolean(L, 1);
    lua_setfield(L, LUA_REGISTRYINDEX, "LUA_NOENV");
  }
  for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
    if (config->libraries & libraries[i].bit) {
      luaL_requiref(L, libraries[i].name, libraries[i].open, 1);
      lua_pop(L, 1);
    }
  }
  if (config->libraries & MP_LIB_OS) mp_replace_process_functions(L);
  /* From here on the handler finds its key and can drop a traceback without allocating. */
  lua_pushboolean(L, 0);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &traceback_key);
  return 0;
}

/* Serves a new state until it is open: its first request is the state itself. */
typedef struct opening {
  const mp_config *config;
  size_t kind; /* of the next new block, or 0: as Lua says */
} opening;

static void *allocate_opening(void *ud, void *block, size_t old_size, size_t new_size) {
  opening *o = ud;
  if (o->kind != 0) {
    old_size = o->kind;
    o->kind = 0;
  }
  return o->config->allocate(o->config->ud, block, old_size, new_size);
}

int mp_open(const mp_config *config, lua_State **state, mp_frame *error, size_t error_byte_size) {
  *state = NULL;
  if (stack_is_short(error, error_byte_size)) return LUA_ERRERR;
  opening o = {config, MP_KIND_STATE};
  lua_State *L = lua_newstate(allocate_opening, &o);
  if (L == NULL) {
    write_message("not enough memory", error, error_byte_size);
    return LUA_ERRMEM;
  }
  lua_setallocf(L, config->allocate, config->ud);
  lua_atpanic(L, panic);
  lua_setwarnf(L, config->flags & MP_WARNINGS_ON ? warn_on : warn_off, L);
  lua_gc(L, LUA_GCSTOP);
  int status = protect(L, open_libraries, (void *)config);
  if (status != LUA_OK) {
    const char *message = lua_tostring(L, 1); /* a string already, or memory's fixed message */
    write_message(message ? message : "no message", error, error_byte_size);
    lua_close(L);
    return status;
  }
  lua_gc(L, LUA_GCRESTART);
  if (config->flags & MP_GENERATIONAL) lua_gc(L, LUA_GCGEN, 0, 0);
  *state = L;
  return LUA_OK;
}

int mp_close(lua_State *L) {
  if (mp_stack_left() < MP_STACK_BYTES) return LUA_ERRERR;
  void *locale = mp_enter_locale();
  lua_close(L);
  mp_leave_locale(locale);
  return LUA_OK;
}

/* ----------------------------------------------------------------------------------- run */

typedef struct run_request {
  const char *chunk;
  size_t size;
  const char *name;
  const char *mode;
  const mp_frame *arguments;
  int load_status; /* out: not LUA_OK when the body returned a loader's message instead */
} run_request;

static int run_body(lua_State *L) {
  run_request *run = lua_touserdata(L, 1);
  lua_settop(L, 0);
  run->load_status = luaL_loadbufferx(L, run->chunk, run->size, run->name, run->mode);
  if (run->load_status != LUA_OK) {
    lua_pushnil(L); /* no traceback */
    return 2;
  }
  push_arguments(L, run->arguments);
  lua_call(L, run->arguments->written, LUA_MULTRET);
  return lua_gettop(L);
}

int mp_run(lua_State *L, const char *chunk, size_t size, const char *name, const char *mode,
           const mp_frame *arguments, mp_frame *results, size_t results_byte_size) {
  if (stack_is_short(results, results_byte_size)) {
    mp_release(L);
    return LUA_ERRERR;
  }
  run_request run = {chunk, size, name, mode, arguments, LUA_OK};
  int status = protect(L, run_body, &run);
  if (status == LUA_OK) status = run.load_status;
  hand_over(L, results, results_byte_size);
  return status;
}

static int print_body(lua_State *L) {
  int count = lua_gettop(L);
  lua_getglobal(L, "print");
  lua_insert(L, 1);
  lua_call(L, count, 0);
  return 0;
}

int mp_print(lua_State *L, mp_frame *error, size_t error_byte_size) {
  if (stack_is_short(error, error_byte_size)) {
    mp_release(L);
    return LUA_ERRERR;
  }
  int count = lua_gettop(L);
  int status = LUA_ERRMEM;
  if (count == 0) {
    status = LUA_OK;
  } else if (lua_checkstack(L, 4)) {
    lua_pushcfunction(L, message_handler);
    lua_insert(L, 1);
    lua_pushcfunction(L, print_body);
    lua_insert(L, 2);
    void *locale = mp_enter_locale();
    status = lua_pcall(L, count, 0, 1);
    mp_leave_locale(locale);
    lua_remove(L, 1);
    if (status != LUA_OK) take_traceback(L);
  } else {
    lua_settop(L, 0); /* the values are as many as the stack takes */
  }
  hand_over(L, error, error_byte_size);
  return status;
}

const char *mp_copyright(void) { return LUA_COPYRIGHT; }

/* ------------------------------------------------------------------------ standard streams */

int64_t mp_read_line(char *buffer, size_t byte_size) {
  size_t length = 0;
  int c = 0;
  while (length + 1 < byte_size && c != '\n' && (c = getc(stdin)) != EOF)
    buffer[length++] = (char)c;
  if (length == 0) return -1;
  buffer[length] = '\0';
  return (int64_t)length;
}

void mp_flush(void) { fflush(stdout); }
