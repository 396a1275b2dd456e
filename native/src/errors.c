/* Protected calls, and what is known of an error when one fails. */
#include <stdio.h>
#include <string.h>

#include "host.h"
#include "process.h"
#include "stack.h"

/* ------------------------------------------------------------------------------- messages */

static void push_message(lua_State *L) {
  if (lua_isstring(L, 1)) { /* or a number, which reads as one */
    lua_pushvalue(L, 1);
    lua_tostring(L, -1);
    return;
  }
  if (luaL_callmeta(L, 1, "__tostring")) {
    if (lua_type(L, -1) == LUA_TSTRING) return;
    lua_pop(L, 1);
  }
  lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, 1));
}

/*
 * luaL_traceback leaves out what is between the first levels and the last ones of a deep stack, but
 * not for the sake of a single one.
 */
#define FIRST_LEVELS 10
#define LAST_LEVELS 11
#define MAX_LEVELS (FIRST_LEVELS + LAST_LEVELS + 1)

static int last_level(lua_State *of) {
  lua_Debug level;
  int low = 1;
  int high = 1;
  while (lua_getstack(of, high, &level)) {
    low = high;
    high *= 2;
  }
  while (low < high) {
    int middle = (low + high) / 2;
    if (lua_getstack(of, middle, &level)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return high - 1;
}

/* Pushes a string with a byte for each level that the traceback of `of` shows. */
static void push_levels(lua_State *L, lua_State *of, int first) {
  char foreign[MAX_LEVELS];
  size_t count = 0;
  lua_Debug ar;
  int last = last_level(of);
  int leaves_out = last - first + 1 > MAX_LEVELS;
  for (int level = first; level <= last; level++) {
    if (leaves_out && level == first + FIRST_LEVELS) level = last - LAST_LEVELS + 1;
    foreign[count++] = lua_getstack(of, level, &ar) && is_foreign_call(of, &ar) ? 1 : 0;
  }
  lua_pushlstring(L, foreign, count);
}

/* Pushes message, traceback from `level` of `of` on, and levels; the error value is at index 1. */
static void push_description(lua_State *L, lua_State *of, int level) {
  push_message(L);
  luaL_traceback(L, of, NULL, level);
  push_levels(L, of, level);
}

int message_handler(lua_State *L) {
  lua_settop(L, 1);
  push_description(L, L, 1);
  for (int32_t detail = HANDLE_LEVELS; detail >= HANDLE_MESSAGE; detail--) set_handle(L, detail);
  host_of(L)->has_details = 1;
  lua_settop(L, 1);
  return 1;
}

void describe_error(lua_State *L, lua_State *of) { push_description(L, of, 0); }

void push_details(lua_State *L, int status) {
  if (!lua_checkstack(L, SPARE)) return;
  for (int32_t detail = HANDLE_MESSAGE; detail <= HANDLE_LEVELS; detail++) {
    if (status == LUA_ERRRUN) {
      push_handle(L, detail);
    } else { /* raised without the handler: what it left is of an error before this one */
      lua_pushboolean(L, 0);
    }
    lua_pushboolean(L, 0);
    set_handle(L, detail);
  }
  host_of(L)->has_details = 0;
}

int save_details(lua_State *L) {
  if (!host_of(L)->has_details) return 0;
  push_details(L, LUA_ERRRUN);
  return lua_gettop(L);
}

void restore_details(lua_State *L, int saved) {
  if (saved == 0) return;
  for (int32_t detail = HANDLE_LEVELS; detail >= HANDLE_MESSAGE; detail--) {
    lua_pushvalue(L, saved--);
    set_handle(L, detail);
  }
  host_of(L)->has_details = 1;
}

/* ------------------------------------------------------------------------ protected calls */

int stack_is_short(mp_frame *frame, size_t byte_size) {
  if (mp_stack_left() >= MP_STACK_BYTES) return 0;
  write_message("stack overflow (too little C stack left for Lua)", frame, byte_size);
  return 1;
}

void *enter_host(mp_host *host) { return host->depth++ == 0 ? mp_enter_locale() : NULL; }

void leave_host(mp_host *host, void *locale) {
  if (--host->depth == 0) mp_leave_locale(locale);
}

static int guarded(lua_State *L) {
  mp_host *host = host_of(L);
  lua_CFunction body = host->body;
  if (body == NULL || lua_gettop(L) == 0 || lua_touserdata(L, -1) != host->context)
    return luaL_error(L, "function of the host library called by a script");
  host->body = NULL;
  host->busy--;
  host->crossing--;
  int results = body(L);
  host->busy++;
  host->crossing++;
  return results;
}

int pcall_body(lua_State *L, lua_CFunction body, const void *context, int arguments, int results,
               int handler) {
  mp_host *host = host_of(L);
  int32_t busy = host->busy;
  int32_t crossing = host->crossing;
  lua_CFunction outer_body = host->body; /* not NULL where a hook came before it */
  const void *outer_context = host->context;
  lua_pushcfunction(L, guarded);
  lua_insert(L, -arguments - 1);
  host->body = body;
  host->context = context;
  host->busy++; /* hooks come before the body has read its frame, and after it has written there */
  host->crossing++;
  int status = lua_pcall(L, arguments, results, handler);
  host->busy = busy;
  host->crossing = crossing;
  host->body = outer_body;
  host->context = outer_context;
  return status;
}

/* Runs the body with the message handler at `base` + 1 and its results behind that; the status. */
static int run(mp_host *host, lua_CFunction body, void *context, int base) {
  lua_State *L = host->running;
  lua_pushcfunction(L, message_handler);
  lua_pushlightuserdata(L, context);
  void *locale = enter_host(host);
  int status = pcall_body(L, body, context, 1, LUA_MULTRET, base + 1);
  leave_host(host, locale);
  if (status != LUA_OK) push_details(L, status);
  return status;
}

static int perform_with(lua_State *main, lua_CFunction body, void *context, int in_place,
                        const mp_frame *arguments, mp_frame *frame, size_t byte_size) {
  mp_host *host = host_of(main);
  lua_State *L = host->running;
  int is_short = mp_stack_left() < MP_STACK_BYTES;
  if (!is_short) mp_release(main);
  if (is_short || !lua_checkstack(L, LUA_MINSTACK)) {
    if (arguments != NULL) disown(main, arguments, 0);
    if (stack_is_short(frame, byte_size)) return MP_ERRSTACK;
    write_message("not enough memory", frame, byte_size);
    return LUA_ERRMEM;
  }
  int base = lua_gettop(L);
  const mp_frame *outer = host->arguments;
  host->arguments = arguments;
  int status = run(host, body, context, base);
  if (status != LUA_OK && host->arguments != NULL) disown(L, arguments, 0);
  host->arguments = outer;
  if (in_place && status == LUA_OK && lua_gettop(L) == base + 1) {
    lua_settop(L, base);
    return LUA_OK;
  }
  return hand_over(L, status, base, base + 1, frame, byte_size);
}

int perform(lua_State *L, lua_CFunction body, void *context, const mp_frame *arguments,
            mp_frame *frame, size_t byte_size) {
  return perform_with(L, body, context, 0, arguments, frame, byte_size);
}

int perform_in_place(lua_State *L, lua_CFunction body, void *context, const mp_frame *arguments,
                     mp_frame *frame, size_t byte_size) {
  return perform_with(L, body, context, 1, arguments, frame, byte_size);
}
