/* States: from lua_newstate to lua_close. */
#include <stdio.h>

#include "host.h"
#include "lualib.h"
#include "process.h"
#include "stack.h"

static int panic(lua_State *L) {
  const char *message = lua_tostring(L, -1);
  fprintf(stderr, "moonpool: unprotected Lua error: %s\n", message ? message : "no message");
  fflush(stderr);
  return 0; /* Lua aborts */
}

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
  if (!(config->flags & MP_TRUSTED)) guard_libraries(L, config->libraries);
  return 0;
}

/*
 * Messages that Lua makes outside of the protected call that it is in, where to be without memory
 * for one would end the call around the foreign function. They are there already.
 */
static const char *const messages[] = {
    "C stack overflow",
    "cannot resume dead coroutine",
    "cannot resume non-suspended coroutine",
    "error in error handling",
};
enum { MESSAGES = sizeof messages / sizeof *messages };

static void push_handles(lua_State *L) {
  lua_State *handles = host_of(L)->handles;
  luaL_checkstack(handles, HANDLES_RESERVED + MESSAGES + SPARE, NULL);
  for (int i = 0; i < HANDLES_RESERVED; i++) lua_pushboolean(handles, 0);
  for (int i = 0; i < MESSAGES; i++) {
    lua_pushstring(L, messages[i]);
    lua_xmove(L, handles, 1);
  }
}

/*
 * lua_close takes the host off the stack, but finalizers may still need it. As the first object
 * that has one, it is the last to be finalized, and lives until then.
 */
static int outlive_others(lua_State *L) {
  (void)L;
  return 0;
}

static void make_last(lua_State *L) {
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, outlive_others);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
}

/* Puts the host where scripts cannot see it; its user value keeps the thread of the handles. */
static int open_host(lua_State *L) {
  const mp_config *config = lua_touserdata(L, 1);
  mp_host *host = lua_newuserdatauv(L, sizeof(mp_host), 1);
  mp_host fresh = {0};
  fresh.handles = lua_newthread(L);
  fresh.invoke = config->invoke;
  fresh.discard = config->discard;
  fresh.runtime = config->runtime;
  fresh.io = config->io;
  fresh.io_byte_size = config->io_byte_size;
  *host = fresh;
  lua_setiuservalue(L, -2, 1);
  *host_place(L) = host;
  *host_place(host->handles) = host;
  make_last(L);
  push_handles(L);
  open_foreign(L);
  return 1;
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

/* Runs `open` in a state that has no message handler yet. */
static int open_part(lua_State *L, lua_CFunction open, const mp_config *config, int results) {
  void *locale = mp_enter_locale();
  lua_pushcfunction(L, open);
  lua_pushlightuserdata(L, (void *)config);
  int status = lua_pcall(L, 1, results, 0);
  mp_leave_locale(locale);
  return status;
}

int mp_open(const mp_config *config, lua_State **state, mp_frame *error, size_t error_byte_size) {
  *state = NULL;
  if (stack_is_short(error, error_byte_size)) return MP_ERRSTACK;
  opening o = {config, MP_KIND_STATE};
  lua_State *L = lua_newstate(allocate_opening, &o);
  if (L == NULL) {
    write_message("not enough memory", error, error_byte_size);
    return LUA_ERRMEM;
  }
  lua_setallocf(L, config->allocate, config->ud);
  lua_atpanic(L, panic);
  open_warnings(L, config->flags & MP_WARNINGS_ON);
  lua_gc(L, LUA_GCSTOP);
  int status = open_part(L, open_host, config, 1);
  if (status == LUA_OK) {
    host_of(L)->running = L;
    status = open_part(L, open_libraries, config, 0);
  }
  if (status != LUA_OK) {
    const char *message = lua_tostring(L, -1); /* a string already, or memory's fixed message */
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
  mp_host *host = host_of(L);
  if (mp_stack_left() < MP_STACK_BYTES) return MP_ERRSTACK;
  void *locale = mp_enter_locale();
  host->depth = 1;
  if (lua_checkstack(L, SPARE)) drop_foreign(L);
  lua_close(L); /* the host goes with it */
  mp_leave_locale(locale);
  return LUA_OK;
}
