/*
 * Tables. What needs neither metamethods nor memory is done at once, on the stack of the handles;
 * all else is a protected call.
 */
#include "host.h"

typedef struct table_request {
  int32_t table;
  int raw;
  int32_t pairs;
  const mp_frame *arguments;
} table_request;

/* Whether a handle is a table on which raw access is all that there is. */
static int is_plain(lua_State *handles, int32_t table, int raw) {
  if (lua_type(handles, table) != LUA_TTABLE) return 0;
  if (raw || !lua_getmetatable(handles, table)) return 1;
  lua_pop(handles, 1);
  return 0;
}

/* Pushes the table, and the arguments behind it: these are taken before anything can fail. */
static table_request *push_table(lua_State *L) {
  table_request *request = lua_touserdata(L, 1);
  lua_settop(L, 0);
  push_handle(L, request->table);
  if (request->arguments != NULL) push_slots(L, request->arguments, 0);
  if (request->raw) luaL_checktype(L, 1, LUA_TTABLE);
  return request;
}

/* ------------------------------------------------------------------------------------- get */

static int get_body(lua_State *L) {
  table_request *request = push_table(L);
  if (request->raw) {
    lua_rawget(L, 1);
  } else {
    lua_gettable(L, 1);
  }
  return 1;
}

/* 1 if it was done. The value goes to L, since a new handle goes to the top of the handles. */
static int get_plain(lua_State *L, int32_t table, mp_frame *frame, size_t byte_size) {
  lua_State *handles = host_of(L)->handles;
  if (!lua_checkstack(L, SPARE)) return 0;
  push_plain(handles, &frame->slots[0]);
  lua_rawget(handles, table);
  lua_xmove(handles, L, 1);
  mp_slot key = frame->slots[0]; /* written over where the value does not fit */
  int done = write_single(L, -1, frame, byte_size);
  if (!done) {
    clear_frame(frame);
    frame->count = frame->written = 1;
    frame->slots[0] = key;
  }
  lua_pop(L, 1);
  return done;
}

int mp_get(lua_State *L, int32_t table, int raw, mp_frame *frame, size_t byte_size) {
  mp_host *host = host_of(L);
  if (!slot_allocates(&frame->slots[0]) && is_plain(host->handles, table, raw) &&
      get_plain(host->running, table, frame, byte_size))
    return LUA_OK;
  table_request request = {table, raw, 0, frame};
  return perform(L, get_body, &request, frame, frame, byte_size);
}

/* ------------------------------------------------------------------------------------- set */

static int set_body(lua_State *L) {
  table_request *request = push_table(L);
  if (request->raw) {
    lua_rawset(L, 1);
  } else {
    lua_settable(L, 1);
  }
  return 0;
}

/* A field that is there takes a new value without memory. 1 if it was done. */
static int set_plain(lua_State *handles, int32_t table, const mp_frame *frame) {
  push_plain(handles, &frame->slots[0]);
  int is_there = lua_rawget(handles, table) != LUA_TNIL;
  lua_pop(handles, 1);
  if (!is_there) return 0;
  push_plain(handles, &frame->slots[0]);
  push_plain(handles, &frame->slots[1]);
  lua_rawset(handles, table);
  return 1;
}

int mp_set(lua_State *L, int32_t table, int raw, mp_frame *frame, size_t byte_size) {
  lua_State *handles = host_of(L)->handles;
  if (!frame_allocates(frame) && is_plain(handles, table, raw) &&
      set_plain(handles, table, frame)) {
    clear_frame(frame);
    return LUA_OK;
  }
  table_request request = {table, raw, 0, frame};
  return perform(L, set_body, &request, frame, frame, byte_size);
}

/* -------------------------------------------------------------------------- length and next */

static int length_body(lua_State *L) {
  table_request *request = push_table(L);
  if (request->raw) {
    lua_pushinteger(L, (lua_Integer)lua_rawlen(L, 1));
  } else {
    lua_len(L, 1);
  }
  return 1;
}

int mp_length(lua_State *L, int32_t table, int raw, mp_frame *frame, size_t byte_size) {
  table_request request = {table, raw, 0, NULL};
  return perform(L, length_body, &request, NULL, frame, byte_size);
}

typedef struct next_request {
  table_request table; /* first: push_table takes it */
  mp_frame *frame;
  size_t byte_size;
} next_request;

/*
 * Replaces the key at index 2 by the entry to begin with, key and value: its own, or the next one if it
 * is nil or was removed. 0 if there is none.
 */
static int push_entry_at(lua_State *L) {
  if (!lua_isnil(L, 2)) {
    lua_pushvalue(L, 2);
    if (lua_rawget(L, 1) != LUA_TNIL) return 1;
    lua_pop(L, 1);
  }
  return lua_next(L, 1);
}

/*
 * Writes pairs into the frame while they fit; one that fits in no frame is left on the stack. The
 * key that comes next gets a handle: a string that is not in the table any more would not be the
 * same when it comes back.
 */
static int next_body(lua_State *L) {
  next_request *request = lua_touserdata(L, 1);
  mp_frame *frame = request->frame;
  push_table(L);
  luaL_checkstack(L, 2 * SPARE, NULL);
  clear_frame(frame);
  frame_writer w = begin_frame(frame, request->byte_size);
  if (request->table.pairs <= 0 || !push_entry_at(L)) return 0;
  for (int32_t left = request->table.pairs; left > 0 && append_pair(L, 2, &w); left--) {
    lua_pop(L, 1);
    if (!lua_next(L, 1)) {
      end_frame(frame, &w);
      return 0;
    }
  }
  if (w.slot == frame->slots) {
    lua_pushvalue(L, 2);
    if (!lua_next(L, 1)) return 2;
    lua_Integer next = new_handle(L, 4);
    lua_settop(L, 3);
    lua_pushinteger(L, next);
    return 3;
  }
  w.slot->head = MP_TAG_INTEGER;
  w.slot->payload.integer = new_handle(L, 2);
  w.slot++;
  end_frame(frame, &w);
  return 0;
}

int mp_next(lua_State *L, int32_t table, int32_t pairs, mp_frame *frame, size_t byte_size) {
  next_request request = {{table, 1, pairs, frame}, frame, byte_size};
  return perform_in_place(L, next_body, &request, frame, frame, byte_size);
}

/* -------------------------------------------------------------------------------- elements */

typedef struct elements_request {
  int32_t table;
  int32_t count;
  int64_t first;
} elements_request;

static int elements_body(lua_State *L) {
  elements_request *request = lua_touserdata(L, 1);
  push_handle(L, request->table);
  luaL_checktype(L, -1, LUA_TTABLE);
  int table = lua_gettop(L);
  luaL_checkstack(L, request->count + SPARE, NULL);
  for (int32_t i = 0; i < request->count; i++) lua_rawgeti(L, table, request->first + i);
  return request->count;
}

int mp_elements(lua_State *L, int32_t table, int64_t first, int32_t count, mp_frame *frame,
                size_t byte_size) {
  elements_request request = {table, count, first};
  return perform(L, elements_body, &request, NULL, frame, byte_size);
}

/* ------------------------------------------------------------------------------------ fill */

enum { NODES = 1, CURRENT = 2 }; /* where they are on the stack */

static int is_node(const mp_slot *slot) { return (slot->head & 0xff) == MP_TAG_NODE; }

static void push_node(lua_State *L, const mp_slot *slot) {
  if (lua_rawgeti(L, NODES, slot_handle(slot)) == LUA_TTABLE) return;
  lua_pop(L, 1);
  uint64_t room = (uint64_t)slot->payload.integer;
  lua_createtable(L, (int)(room & INT32_MAX), (int)(room >> 32 & INT32_MAX));
  lua_pushvalue(L, -1);
  lua_rawseti(L, NODES, slot_handle(slot));
}

/* Pushes what a slot holds; `adopted` is the index of the last value that was adopted and taken. */
static void push_entry(lua_State *L, const mp_slot *slot, int *adopted) {
  if (is_node(slot)) {
    push_node(L, slot);
  } else {
    push_slot(L, slot, is_adopted(slot) ? ++*adopted : 0);
  }
}

static int fill_body(lua_State *L) {
  const table_request *request = lua_touserdata(L, 1);
  const mp_frame *frame = request->arguments;
  mp_host *host = host_of(L);
  lua_settop(L, 0);
  push_handle(L, request->table);
  lua_pushnil(L);
  int adopted = CURRENT;
  adopt(L, frame, 0);
  luaL_checkstack(L, 2 * SPARE, NULL);
  luaL_checktype(L, NODES, LUA_TTABLE);
  host->busy++; /* as in push_slots */
  for (int32_t i = 0; i < frame->written;) {
    const mp_slot *slot = &frame->slots[i];
    if (is_node(slot)) {
      push_node(L, slot);
      lua_replace(L, CURRENT);
      i++;
      continue;
    }
    if (i + 1 == frame->written) return luaL_error(L, "key has no value");
    luaL_checktype(L, CURRENT, LUA_TTABLE);
    push_entry(L, slot, &adopted);
    push_entry(L, slot + 1, &adopted);
    lua_rawset(L, CURRENT);
    i += 2;
  }
  host->busy--;
  return 0;
}

int mp_fill(lua_State *L, int32_t nodes, mp_frame *frame, size_t byte_size) {
  table_request request = {nodes, 1, 0, frame};
  return perform(L, fill_body, &request, frame, frame, byte_size);
}

/* ------------------------------------------------------------------------------- new, meta */

typedef struct new_request {
  int32_t elements;
  int32_t fields;
} new_request;

static int new_table_body(lua_State *L) {
  new_request *request = lua_touserdata(L, 1);
  lua_createtable(L, request->elements, request->fields);
  return 1;
}

int mp_new_table(lua_State *L, int32_t elements, int32_t fields, mp_frame *frame,
                 size_t byte_size) {
  new_request request = {elements, fields};
  return perform(L, new_table_body, &request, NULL, frame, byte_size);
}

static int get_metatable_body(lua_State *L) {
  push_table(L);
  if (!lua_getmetatable(L, 1)) lua_pushnil(L);
  return 1;
}

int mp_get_metatable(lua_State *L, int32_t value, mp_frame *frame, size_t byte_size) {
  table_request request = {value, 0, 0, NULL};
  return perform(L, get_metatable_body, &request, NULL, frame, byte_size);
}

static int set_metatable_body(lua_State *L) {
  push_table(L);
  int type = lua_type(L, 1);
  if (type != LUA_TTABLE && type != LUA_TUSERDATA)
    return luaL_error(L, "cannot set the metatable of a %s", lua_typename(L, type));
  if (!lua_isnil(L, 2)) luaL_checktype(L, 2, LUA_TTABLE);
  lua_setmetatable(L, 1);
  return 0;
}

int mp_set_metatable(lua_State *L, int32_t value, mp_frame *frame, size_t byte_size) {
  table_request request = {value, 0, 0, frame};
  return perform(L, set_metatable_body, &request, frame, frame, byte_size);
}
