/* Handles: numbers for Lua values, which the stack of a thread of its own keeps alive. */
#include "host.h"
#include "stack.h"

int32_t new_handle(lua_State *L, int index) {
  mp_host *host = host_of(L);
  lua_State *handles = host->handles;
  int32_t handle = host->free_handle;
  if (handle == 0) {
    /* Some calls come here with any stack that the runtime had left; memory may need more. */
    if (mp_stack_left() < MP_FOREIGN_STACK_BYTES || !lua_checkstack(handles, SPARE + 1)) return 0;
    lua_pushnil(handles);
    handle = lua_gettop(handles);
  } else {
    host->free_handle = (int32_t)lua_tointeger(handles, handle);
  }
  lua_pushvalue(L, index);
  set_handle(L, handle);
  return handle;
}

void mp_forget(lua_State *L, int32_t *handles, int32_t count) {
  mp_host *host = host_of(L);
  for (int32_t i = 0; i < count; i++) {
    if (handles[i] == 0) continue;
    lua_pushinteger(host->handles, host->free_handle);
    lua_replace(host->handles, handles[i]);
    host->free_handle = handles[i];
    handles[i] = 0;
  }
}

static int hold_body(lua_State *L) {
  const mp_frame *frame = lua_touserdata(L, 1);
  push_slots(L, frame, 0);
  int32_t handle = new_handle(L, -1);
  if (handle == 0) return luaL_error(L, "not enough memory"); /* which Lua knows as LUA_ERRMEM */
  lua_pushinteger(L, handle);
  lua_pushinteger(L, (lua_Integer)(intptr_t)lua_topointer(L, -2));
  return 2;
}

int mp_hold(lua_State *L, mp_frame *frame, size_t byte_size) {
  return perform(L, hold_body, frame, frame, frame, byte_size);
}

static int tostring_body(lua_State *L) {
  int32_t *value = lua_touserdata(L, 1);
  push_handle(L, *value);
  luaL_tolstring(L, -1, NULL);
  return 1;
}

int mp_tostring(lua_State *L, int32_t value, mp_frame *frame, size_t byte_size) {
  return perform(L, tostring_body, &value, NULL, frame, byte_size);
}
