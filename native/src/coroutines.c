/* Coroutines that the runtime resumes. */
#include "host.h"

#if LUA_VERSION_RELEASE_NUM < 50406
#define lua_closethread(co, from) ((void)(from), lua_resetthread(co)) /* as it was called before */
#endif

/*
 * The coroutine of a handle, at index 1: the handle may be ended while it runs, and then nothing
 * else might keep it alive.
 */
static lua_State *push_coroutine(lua_State *L, int32_t handle) {
  lua_settop(L, 0);
  push_handle(L, handle);
  return lua_tothread(L, 1);
}

static int status_of(lua_State *main, lua_State *co) {
  lua_Debug ar;
  if (co == NULL) return MP_DEAD;
  if (co == host_of(main)->running) return MP_RUNNING;
  if (co == main) return MP_NORMAL;
  switch (lua_status(co)) {
    case LUA_YIELD:
      return MP_SUSPENDED;
    case LUA_OK:
      if (lua_getstack(co, 0, &ar)) return MP_NORMAL;
      return lua_gettop(co) == 0 ? MP_DEAD : MP_SUSPENDED;
    default:
      return MP_DEAD;
  }
}

int mp_coroutine_status(lua_State *L, int32_t coroutine) {
  return status_of(L, lua_tothread(host_of(L)->handles, coroutine));
}

static int new_coroutine_body(lua_State *L) {
  const int32_t *function = lua_touserdata(L, 1);
  lua_State *co = lua_newthread(L);
  push_handle(L, *function);
  luaL_checktype(L, -1, LUA_TFUNCTION);
  lua_xmove(L, co, 1);
  return 1;
}

int mp_new_coroutine(lua_State *L, int32_t function, mp_frame *frame, size_t byte_size) {
  return perform(L, new_coroutine_body, &function, NULL, frame, byte_size);
}

typedef struct resume_request {
  lua_State *main;
  int32_t coroutine;
  const mp_frame *arguments;
  int status; /* out: the coroutine's */
} resume_request;

static int describe_body(lua_State *L) {
  lua_State *co = lua_touserdata(L, 2);
  lua_settop(L, 1);
  describe_error(L, co);
  return lua_gettop(L);
}

/*
 * The error value is on the stack of `co`: it goes to L's, with what is known of it. What is to be
 * closed is closed whether or not that can be found out; its own errors would come too late.
 */
static int fail(lua_State *L, lua_State *co, resume_request *request) {
  lua_settop(L, 1);
  lua_xmove(co, L, 1);
  lua_pushvalue(L, -1);
  lua_xmove(L, co, 1); /* __close gets it */
  lua_pushlightuserdata(L, co);
  int status = pcall_body(L, describe_body, co, 2, LUA_MULTRET, 0);
  if (status != LUA_OK) request->status = status;
  if (lua_status(co) <= LUA_YIELD) { /* it was not resumed at all, for want of C stack */
    lua_pop(co, 1);
  } else {
    lua_closethread(co, L);
    lua_settop(co, 0); /* with a value there, it would look as if it could start */
  }
  return lua_gettop(L) - 1;
}

static int resume_body(lua_State *L) {
  resume_request *request = lua_touserdata(L, 1);
  lua_State *co = push_coroutine(L, request->coroutine);
  push_slots(L, request->arguments, 0);
  if (status_of(request->main, co) != MP_SUSPENDED)
    return luaL_error(L, "cannot resume a coroutine that is not suspended");
  int count = lua_gettop(L) - 1;
  if (!lua_checkstack(co, count + SPARE)) return luaL_error(L, "too many arguments to resume");
  lua_xmove(L, co, count);
  int results;
  request->status = lua_resume(co, L, count, &results);
  if (request->status != LUA_OK && request->status != LUA_YIELD) return fail(L, co, request);
  if (!lua_checkstack(L, results + SPARE)) {
    lua_pop(co, results);
    return luaL_error(L, "too many results to resume");
  }
  lua_xmove(co, L, results);
  return results;
}

int mp_resume(lua_State *L, int32_t coroutine, mp_frame *frame, size_t byte_size) {
  resume_request request = {L, coroutine, frame, LUA_OK};
  int status = perform(L, resume_body, &request, frame, frame, byte_size);
  return status == LUA_OK ? request.status : status;
}

static int close_body(lua_State *L) {
  const resume_request *request = lua_touserdata(L, 1);
  lua_State *co = push_coroutine(L, request->coroutine);
  int state = status_of(request->main, co);
  if (state != MP_SUSPENDED && state != MP_DEAD)
    return luaL_error(L, "cannot close a coroutine that is %s",
                      state == MP_RUNNING ? "running" : "normal");
  if (co != NULL && lua_closethread(co, L) != LUA_OK) {
    lua_xmove(co, L, 1);
    return lua_error(L);
  }
  return 0;
}

int mp_close_coroutine(lua_State *L, int32_t coroutine, mp_frame *frame, size_t byte_size) {
  resume_request request = {L, coroutine, NULL, LUA_OK};
  return perform(L, close_body, &request, NULL, frame, byte_size);
}
