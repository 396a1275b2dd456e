/*
 * Foreign functions and objects. Lua knows each by a userdata, which has the runtime's id and tells
 * the runtime when Lua has no use for it any more:
 *
 *   function    C closure -> box { seal of boxes, id }        a box for each function
 *   object      userdata { seal of objects, id }, its class as the metatable
 *
 * An object that is alive in Lua has one userdata, so that it equals itself there: the table
 * HANDLE_FOREIGN finds it by its id. It does not find one that is dead and waits for its __gc. When
 * the object comes anew then, it gets another one; and other finalizers may bring both back. So the
 * runtime is told when the last of them has gone.
 */
#include "host.h"
#include "stack.h"

typedef struct foreign {
  const void *seal; /* no other userdata has it: nothing in Lua writes an address of ours */
  int64_t id;       /* 0 when the runtime has been told, negative when it is still to be */
} foreign;

static const char seals[2];
static const void *const box_seal = &seals[0];
static const void *const object_seal = &seals[1];

static foreign *test_foreign(lua_State *L, int index) {
  foreign *f = lua_touserdata(L, index); /* or a light one, which has no length */
  if (f == NULL || lua_rawlen(L, index) != sizeof(foreign)) return NULL;
  return f->seal == box_seal || f->seal == object_seal ? f : NULL;
}

static int64_t id_with(lua_State *L, int index, const void *seal) {
  const foreign *f = test_foreign(L, index);
  return f == NULL || f->seal != seal || f->id < 0 ? 0 : f->id;
}

int64_t foreign_id(lua_State *L, int index) { return id_with(L, index, object_seal); }

/* -------------------------------------------------------------------------------- lifetimes */

/* Changes how many userdata there are for an object; how many there are then. */
static lua_Integer count(lua_State *L, int64_t id, int change) {
  push_handle(L, HANDLE_COUNTS);
  lua_rawgeti(L, -1, id);
  lua_Integer now = lua_tointeger(L, -1) + change;
  lua_pop(L, 1);
  if (now > 0) {
    lua_pushinteger(L, now);
  } else {
    lua_pushnil(L);
  }
  lua_rawseti(L, -2, id); /* may raise, if the id is new there */
  lua_pop(L, 1);
  return now;
}

static int is_counted(const mp_host *host, int64_t id) {
  int is = lua_rawgeti(host->handles, HANDLE_COUNTS, id) != LUA_TNIL;
  lua_pop(host->handles, 1);
  return is;
}

/* Takes a userdata out of what is found by ids, if it is there: it was revoked then. */
static void unlink(lua_State *L, const foreign *f, int64_t id) {
  push_handle(L, HANDLE_FOREIGN);
  lua_rawgeti(L, -1, id);
  if (lua_touserdata(L, -1) == f) {
    lua_pushnil(L);
    lua_rawseti(L, -3, id);
  }
  lua_pop(L, 2);
}

/* A userdata of an object is gone. */
static void drop(lua_State *L, int64_t id) {
  mp_host *host = host_of(L);
  if (count(L, id, -1) <= 0) host->discard(host->runtime, id);
}

void drop_foreign(lua_State *L) {
  mp_host *host = host_of(L);
  if (host->crossing) return;
  while (host->dropped_count > 0) drop(L, host->dropped[--host->dropped_count]);
}

/*
 * While a frame has objects on the way to Lua or to the runtime, this may be one of them: so the
 * runtime is told later. If there are too many, the userdata gets its finalizer anew, and is collected
 * again.
 */
static int drop_later(lua_State *L, mp_host *host, foreign *f, int64_t id) {
  if (host->dropped_count < MAX_DROPPED) {
    host->dropped[host->dropped_count++] = id;
    f->id = 0;
  } else if (lua_getmetatable(L, 1)) {
    f->id = -id;
    lua_setmetatable(L, 1);
  }
  return 0;
}

/* The metamethod __gc; scripts can call it too, through `debug`. */
static int discard(lua_State *L) {
  mp_host *host = host_of(L);
  foreign *f = test_foreign(L, 1);
  if (f == NULL || f->id == 0) return 0;
  int64_t id = f->id < 0 ? -f->id : f->id;
  if (f->seal == box_seal) {
    f->id = 0;
    host->discard(host->runtime, id);
    return 0;
  }
  unlink(L, f, id);
  if (host->crossing) return drop_later(L, host, f, id);
  f->id = 0;
  drop_foreign(L);
  drop(L, id);
  return 0;
}

/*
 * Lua's collector goes by the bytes that Lua has, and sees neither what the runtime keeps for a
 * foreign object nor what it costs to find it: that is garbage, too, but counts as live as long as
 * nobody asks. So objects weigh more than their userdata.
 */
#define WEIGHT 256
#define WEIGHED_AT_ONCE 16

static void weigh(lua_State *L) {
  mp_host *host = host_of(L);
  if (host->unweighed < WEIGHED_AT_ONCE) return;
  int weight = host->unweighed * WEIGHT / 1024;
  host->unweighed = 0;
  if (lua_gc(L, LUA_GCISRUNNING)) lua_gc(L, LUA_GCSTEP, weight);
}

static foreign *push_userdata(lua_State *L, const void *seal, int64_t id, int32_t metatable) {
  foreign *f = lua_newuserdatauv(L, sizeof(foreign), 0);
  f->seal = seal;
  f->id = id;
  push_handle(L, metatable);
  lua_setmetatable(L, -2);
  host_of(L)->unweighed++;
  return f;
}

/* ------------------------------------------------------------------------------- adopting */

int push_known(lua_State *L, int64_t id) {
  push_handle(L, HANDLE_FOREIGN);
  int is_known = lua_rawgeti(L, -1, id) == LUA_TUSERDATA;
  lua_remove(L, -2);
  return is_known;
}

/*
 * Pushes an object's userdata, a new one if need be. If that raises, the id's count tells whether Lua
 * has it.
 */
static void push_object(lua_State *L, int64_t id, int32_t class_handle) {
  if (push_known(L, id)) return;
  lua_pop(L, 1);
  foreign *f = push_userdata(L, object_seal, 0, class_handle);
  count(L, id, 1);
  f->id = id;
  push_handle(L, HANDLE_FOREIGN);
  lua_pushvalue(L, -2);
  lua_rawseti(L, -2, id);
  lua_pop(L, 1);
}

typedef struct adoption {
  const mp_frame *frame;
  int next; /* the slots before this one are Lua's */
  int count;
} adoption;

static int adopt_body(lua_State *L) {
  adoption *a = lua_touserdata(L, 1);
  luaL_checkstack(L, a->count + 2 * SPARE, "too many values");
  for (; a->next < a->frame->written; a->next++) {
    const mp_slot *slot = &a->frame->slots[a->next];
    if (is_callable(slot)) {
      push_userdata(L, box_seal, slot->payload.integer, HANDLE_BOX);
    } else if (is_foreign(slot)) {
      push_object(L, slot->payload.integer, slot_handle(slot));
    }
  }
  return lua_gettop(L) - 1;
}

void adopt(lua_State *L, const mp_frame *frame, int first) {
  mp_host *host = host_of(L);
  adoption a = {frame, first, 0};
  for (int i = first; i < frame->written; i++) a.count += is_adopted(&frame->slots[i]);
  if (host->arguments == frame) host->arguments = NULL;
  if (a.count == 0) return;
  if (!lua_checkstack(L, a.count + SPARE)) {
    disown(L, frame, first);
    luaL_error(L, "stack overflow (too many values)");
  }
  lua_pushlightuserdata(L, &a);
  host->busy++;
  host->crossing++;
  int status = pcall_body(L, adopt_body, &a, 1, LUA_MULTRET, 0);
  host->crossing--;
  if (status != LUA_OK) disown(L, frame, a.next); /* what was dropped still counts, so it is told once */
  drop_foreign(L);
  if (status == LUA_OK) weigh(L);
  host->busy--;
  if (status != LUA_OK) lua_error(L);
}

void disown(lua_State *L, const mp_frame *frame, int first) {
  mp_host *host = host_of(L);
  if (host->crossing || mp_stack_left() < MP_FOREIGN_STACK_BYTES) return;
  for (int i = first; i < frame->written; i++) {
    const mp_slot *slot = &frame->slots[i];
    int64_t id = slot->payload.integer;
    if (is_callable(slot) || (is_foreign(slot) && !is_counted(host, id)))
      host->discard(host->runtime, id);
  }
}

/* A table that is the metatable of foreign objects or boxes. */
static void push_class(lua_State *L) {
  lua_createtable(L, 0, 4);
  lua_pushcfunction(L, discard);
  lua_setfield(L, -2, "__gc");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
}

static int new_class_body(lua_State *L) {
  const mp_frame *frame = lua_touserdata(L, 1);
  push_slots(L, frame, 0);
  push_class(L);
  lua_insert(L, -2);
  lua_setfield(L, -2, "__name");
  return 1;
}

int mp_new_class(lua_State *L, mp_frame *frame, size_t byte_size) {
  return perform(L, new_class_body, frame, NULL, frame, byte_size);
}

void open_foreign(lua_State *L) {
  push_class(L);
  set_handle(L, HANDLE_BOX);
  lua_createtable(L, 0, 0);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "v");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  set_handle(L, HANDLE_FOREIGN);
  lua_createtable(L, 0, 0);
  set_handle(L, HANDLE_COUNTS);
}

/* --------------------------------------------------------------------------------- calling */

static int go_on(lua_State *L, int status, lua_KContext box);

/*
 * Hands what the runtime replied to Lua: values, an error, or a wish to yield. There is room for
 * one value: what the runtime calls meanwhile leaves SPARE places, and `invoke` more.
 */
static int take_reply(lua_State *L, const mp_frame *reply) {
  int base;
  switch (reply->outcome) {
    case MP_RETURNED:
      if (reply->written == 1 && !slot_allocates(&reply->slots[0])) {
        push_plain(L, &reply->slots[0]);
      } else {
        push_slots(L, reply, 0);
      }
      return reply->written;
    case MP_YIELDED:
      base = lua_gettop(L);
      push_slots(L, reply, 0);
      luaL_checkstack(L, 1, NULL); /* for the upvalue */
      lua_rotate(L, 1, reply->written); /* what was on the stack is not needed any more */
      lua_pop(L, base);
      /* The first slot, at 1, stays: it is what goes on, or nil. */
      if (lua_type(L, 1) == LUA_TFUNCTION) {
        lua_getupvalue(L, 1, 1);
        lua_replace(L, 1);
      }
      return lua_yieldk(L, reply->written - 1, 1, go_on);
    default:
      push_slots(L, reply, 0);
      return lua_error(L);
  }
}

/*
 * Calls foreign function `id` with the values behind index `first`; behind those are 2 * SPARE
 * free places.
 */
static int invoke(lua_State *L, int64_t id, int first) {
  mp_host *host = host_of(L);
  if (id == 0 || host->invoke == NULL) return luaL_error(L, "foreign function is gone");
  if (mp_stack_left() < MP_FOREIGN_STACK_BYTES)
    return luaL_error(L, "stack overflow (too little C stack left for a foreign function)");
  int last = lua_gettop(L);
  mp_frame *frame = host->io;
  size_t byte_size = host->io_byte_size;
  if (host->busy) {
    byte_size = 1024;
    frame = lua_newuserdatauv(L, byte_size, 0);
  }
  write_values(L, first, last, frame, byte_size);
  int details = save_details(L);
  lua_State *caller = host->running;
  mp_held held = host->held; /* by a caller that a finalizer came in between of */
  host->running = L;
  host->held = (mp_held){L, ARGUMENTS, first, last};
  const mp_frame *reply = host->invoke(host->runtime, id, frame, byte_size);
  host->running = caller;
  host->held = held;
  restore_details(L, details);
  if (reply == NULL) return luaL_error(L, "foreign function failed without a reason");
  return take_reply(L, reply);
}

static int call_foreign(lua_State *L) { return invoke(L, id_with(L, lua_upvalueindex(1), box_seal), 0); }

/* The coroutine was resumed; `box` is the index of what goes on, and behind it are the values. */
static int go_on(lua_State *L, int status, lua_KContext box) {
  (void)status;
  int64_t id = id_with(L, (int)box, box_seal);
  luaL_checkstack(L, 2 * SPARE, NULL); /* LUA_MINSTACK is for functions that begin */
  return id == 0 ? lua_gettop(L) - (int)box : invoke(L, id, (int)box);
}

void push_callable(lua_State *L, int box) {
  lua_pushvalue(L, box);
  lua_pushcclosure(L, call_foreign, 1);
}

int is_foreign_call(lua_State *L, const lua_Debug *level) {
  lua_Debug ar = *level;
  if (!lua_checkstack(L, 1)) return 0;
  lua_getinfo(L, "f", &ar);
  int is = lua_tocfunction(L, -1) == call_foreign;
  lua_pop(L, 1);
  return is;
}

static int buffer_body(lua_State *L) {
  size_t *byte_size = lua_touserdata(L, 1);
  lua_newuserdatauv(L, *byte_size, 0);
  return 1;
}

void *mp_buffer(lua_State *main, size_t byte_size) {
  mp_host *host = host_of(main);
  lua_State *L = host->running;
  if (mp_stack_left() < MP_FOREIGN_STACK_BYTES || !lua_checkstack(L, LUA_MINSTACK)) return NULL;
  lua_pushlightuserdata(L, &byte_size);
  host->busy++; /* the function may have something in its frame */
  int status = pcall_body(L, buffer_body, &byte_size, 1, 1, 0);
  host->busy--;
  if (status != LUA_OK) {
    lua_pop(L, 1);
    return NULL;
  }
  void *buffer = lua_touserdata(L, -1);
  mp_held *held = &host->held;
  if (held->holder == L && held->base != ARGUMENTS) { /* below them, or mp_release would end it */
    lua_insert(L, held->base + 1);
    held->base++;
    held->from++;
    held->to++;
  }
  return buffer;
}
