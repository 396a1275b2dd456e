/* Loading chunks and calling functions. */
#include <string.h>

#include "host.h"

/* --------------------------------------------------------------------------------- loading */

typedef struct load_request {
  const char *chunk;
  size_t size;
  const char *name;
  const char *mode;
  const mp_frame *arguments; /* NULL: the function is not called */
  int32_t environment;
  int status; /* out: not LUA_OK when the body returned a loader's message instead */
} load_request;

/* Pushes the function, or the message twice: as error value and as message. */
static int load(lua_State *L, load_request *request) {
  mp_host *host = host_of(L);
  host->busy++; /* the arguments are still to be read */
  request->status =
      luaL_loadbufferx(L, request->chunk, request->size, request->name, request->mode);
  host->busy--;
  if (request->status != LUA_OK) lua_pushvalue(L, -1);
  return request->status == LUA_OK;
}

static int load_body(lua_State *L) {
  load_request *request = lua_touserdata(L, 1);
  lua_settop(L, 0);
  if (load(L, request) && request->environment != 0) {
    push_handle(L, request->environment);
    if (lua_setupvalue(L, 1, 1) == NULL) lua_pop(L, 1); /* a binary chunk may have none */
  }
  return lua_gettop(L);
}

static int run_body(lua_State *L) {
  load_request *request = lua_touserdata(L, 1);
  lua_settop(L, 0);
  push_slots(L, request->arguments, 0); /* first: what loading sets off may use the frame */
  int count = lua_gettop(L);
  if (!load(L, request)) return 2;
  lua_insert(L, 1);
  lua_call(L, count, LUA_MULTRET);
  return lua_gettop(L);
}

int mp_run(lua_State *L, const char *chunk, size_t size, const char *name, const char *mode,
           const mp_frame *arguments, mp_frame *results, size_t results_byte_size) {
  load_request request = {chunk, size, name, mode, arguments, 0, LUA_OK};
  int status = perform(L, run_body, &request, arguments, results, results_byte_size);
  return status == LUA_OK ? request.status : status;
}

int mp_load(lua_State *L, const char *chunk, size_t size, const char *name, const char *mode,
            int32_t environment, mp_frame *frame, size_t byte_size) {
  load_request request = {chunk, size, name, mode, NULL, environment, LUA_OK};
  int status = perform(L, load_body, &request, NULL, frame, byte_size);
  return status == LUA_OK ? request.status : status;
}

/* --------------------------------------------------------------------------------- calling */

#define MAX_PLAIN 64 /* arguments; for more, a frame less does not matter */

typedef struct call_request {
  int32_t function;
  const mp_frame *arguments;
} call_request;

static int call_body(lua_State *L) {
  call_request *request = lua_touserdata(L, 1);
  lua_settop(L, 0);
  push_handle(L, request->function);
  push_slots(L, request->arguments, 0);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

/* Arguments that cannot raise are pushed outside of the protected call, which saves one frame. */
static int call_plain(mp_host *host, int32_t function, mp_frame *frame, size_t byte_size) {
  lua_State *L = host->running;
  int base = lua_gettop(L);
  int32_t count = frame->written;
  lua_pushcfunction(L, message_handler);
  push_handle(L, function);
  for (int32_t i = 0; i < count; i++) push_plain(L, &frame->slots[i]);
  int32_t busy = host->busy;
  void *locale = enter_host(host);
  int status = lua_pcall(L, count, LUA_MULTRET, base + 1);
  leave_host(host, locale);
  host->busy = busy;
  if (status != LUA_OK) push_details(L, status);
  return hand_over(L, status, base, base + 1, frame, byte_size);
}

int mp_call(lua_State *L, int32_t function, mp_frame *frame, size_t byte_size) {
  mp_host *host = host_of(L);
  if (!frame_allocates(frame) && frame->written <= MAX_PLAIN) {
    if (stack_is_short(frame, byte_size)) return MP_ERRSTACK;
    mp_release(L);
    if (lua_checkstack(host->running, frame->written + LUA_MINSTACK))
      return call_plain(host, function, frame, byte_size);
  }
  call_request request = {function, frame};
  return perform(L, call_body, &request, frame, frame, byte_size);
}

static int print_body(lua_State *L) {
  int count = lua_gettop(L);
  lua_getglobal(L, "print");
  lua_insert(L, 1);
  lua_call(L, count, 0);
  return 0;
}

int mp_print(lua_State *main, mp_frame *frame, size_t byte_size) {
  mp_host *host = host_of(main);
  lua_State *L = host->held.holder;
  if (L == NULL || host->held.base == ARGUMENTS) {
    clear_frame(frame);
    return LUA_OK;
  }
  int base = host->held.base; /* the message handler of the call before is still behind it */
  if (stack_is_short(frame, byte_size)) {
    mp_release(main);
    return MP_ERRSTACK;
  }
  if (!lua_checkstack(L, SPARE)) { /* the values are as many as the stack takes */
    mp_release(main);
    write_message("not enough memory", frame, byte_size);
    return LUA_ERRMEM;
  }
  host->held.holder = NULL;
  lua_pushcfunction(L, print_body);
  lua_insert(L, base + 2);
  void *locale = enter_host(host);
  int status = lua_pcall(L, host->held.to - host->held.from, 0, base + 1);
  leave_host(host, locale);
  if (status != LUA_OK) push_details(L, status);
  return hand_over(L, status, base, base + 1, frame, byte_size);
}

/* --------------------------------------------------------------------------------- dumping */

typedef struct dump_request {
  int32_t function;
  int strip;
} dump_request;

static int count_bytes(lua_State *L, const void *bytes, size_t size, void *total) {
  (void)L;
  (void)bytes;
  *(size_t *)total += size;
  return 0;
}

static int copy_bytes(lua_State *L, const void *bytes, size_t size, void *end) {
  (void)L;
  memcpy(*(char **)end, bytes, size);
  *(char **)end += size;
  return 0;
}

static int dump_body(lua_State *L) {
  dump_request *request = lua_touserdata(L, 1);
  size_t size = 0;
  push_handle(L, request->function);
  if (lua_dump(L, count_bytes, &size, request->strip) != 0)
    return luaL_error(L, "unable to dump given function");
  char *code = lua_newuserdatauv(L, size, 0);
  char *end = code;
  lua_insert(L, -2);
  lua_dump(L, copy_bytes, &end, request->strip);
  lua_pushlstring(L, code, size);
  return 1;
}

int mp_dump(lua_State *L, int32_t function, int strip, mp_frame *frame, size_t byte_size) {
  dump_request request = {function, strip};
  return perform(L, dump_body, &request, NULL, frame, byte_size);
}

static int collect_body(lua_State *L) {
  drop_foreign(L);
  lua_gc(L, LUA_GCCOLLECT);
  return 0;
}

int mp_collect(lua_State *L, mp_frame *frame, size_t byte_size) {
  return perform(L, collect_body, NULL, NULL, frame, byte_size);
}
