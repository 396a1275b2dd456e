/* Values in frames: writing what is on Lua's stack, pushing what the runtime wrote. */
#include <string.h>

#include "host.h"

static uint64_t slot_head(uint64_t tag, size_t length) {
  return tag | (uint64_t)length << MP_LENGTH_SHIFT;
}

void clear_frame(mp_frame *frame) {
  frame->count = frame->written = frame->held = frame->outcome = 0;
}

frame_writer begin_frame(mp_frame *frame, size_t byte_size) {
  return (frame_writer){frame->slots, (char *)frame + byte_size};
}

void end_frame(mp_frame *frame, const frame_writer *w) {
  frame->count = frame->written = (int32_t)(w->slot - frame->slots);
  frame->held = frame->outcome = 0;
}

static size_t room(const frame_writer *w) { return (size_t)(w->end - (char *)w->slot); }

/* Writes the string at `index`; 1 if the slot refers to Lua's own copy. */
static int write_string(lua_State *L, int index, mp_slot *slot, frame_writer *w) {
  size_t length;
  const char *bytes = lua_tolstring(L, index, &length);
  slot->head = slot_head(MP_TAG_STRING, length);
  if (length > room(w)) {
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

static void write_object(lua_State *L, int index, mp_slot *slot) {
  slot->head = slot_head(object_tag(lua_type(L, index)), (size_t)new_handle(L, index));
  slot->payload.address = lua_topointer(L, index);
}

/* Writes a value that is not an integer; 1 if the slot refers to Lua's own memory. */
static int write_other(lua_State *L, int index, mp_slot *slot, frame_writer *w) {
  int64_t id;
  switch (lua_type(L, index)) {
    case LUA_TNIL:
      slot->head = MP_TAG_NIL;
      return 0;
    case LUA_TBOOLEAN:
      slot->head = lua_toboolean(L, index) ? MP_TAG_TRUE : MP_TAG_FALSE;
      return 0;
    case LUA_TNUMBER:
      slot->head = MP_TAG_FLOAT;
      slot->payload.number = lua_tonumber(L, index);
      return 0;
    case LUA_TSTRING:
      return write_string(L, index, slot, w);
    case LUA_TUSERDATA:
      if ((id = foreign_id(L, index)) != 0) {
        slot->head = MP_TAG_FOREIGN;
        slot->payload.integer = id;
        return 0;
      } /* falls through */
    default:
      write_object(L, index, slot);
      return 0;
  }
}

static inline void write_integer(lua_State *L, int index, frame_writer *w) {
  mp_slot *slot = w->slot++;
  slot->head = MP_TAG_INTEGER;
  slot->payload.integer = lua_tointeger(L, index);
}

/* Writes the value at `index` into the next slot; 1 if the slot refers to Lua's own memory. */
static inline int write_value(lua_State *L, int index, frame_writer *w) {
  if (!lua_isinteger(L, index)) return write_other(L, index, w->slot++, w); /* what is rarer */
  write_integer(L, index, w);
  return 0;
}

int write_values(lua_State *L, int first, int last, mp_frame *frame, size_t byte_size) {
  frame_writer w = begin_frame(frame, byte_size);
  int in_place = 0;
  for (int index = first + 1; index <= last && room(&w) >= sizeof(mp_slot); index++)
    in_place |= write_value(L, index, &w);
  end_frame(frame, &w);
  frame->count = last - first;
  frame->held = last > first;
  return !in_place && frame->written == frame->count;
}

int write_single(lua_State *L, int index, mp_frame *frame, size_t byte_size) {
  frame_writer w = begin_frame(frame, byte_size);
  if (room(&w) < sizeof(mp_slot) || write_value(L, index, &w)) return 0;
  end_frame(frame, &w);
  return 1;
}

int append_pair(lua_State *L, int index, frame_writer *w) {
  const frame_writer before = *w;
  const size_t slot = sizeof(mp_slot);
  if (room(w) < 3 * slot) return 0;
  if (lua_isinteger(L, index) && lua_isinteger(L, index + 1)) { /* the same, with less to ask */
    write_integer(L, index, w);
    write_integer(L, index + 1, w);
    return 1;
  }
  if (!write_value(L, index, w) && room(w) >= 2 * slot && !write_value(L, index + 1, w) &&
      room(w) >= slot)
    return 1;
  int32_t handle = is_object(before.slot) ? slot_handle(before.slot) : 0;
  mp_forget(L, &handle, 1); /* the key's; a value that is an object takes no more than its slot */
  *w = before;
  return 0;
}

void write_message(const char *message, mp_frame *frame, size_t byte_size) {
  frame_writer w = begin_frame(frame, byte_size);
  size_t length = strlen(message);
  for (int i = 0; i < 2 && room(&w) >= sizeof(mp_slot); i++) { /* as error value and as message */
    mp_slot *slot = w.slot++;
    if (length > room(&w)) length = room(&w);
    w.end -= length;
    memcpy(w.end, message, length);
    slot->head = slot_head(MP_TAG_STRING, length);
    slot->payload.address = w.end;
  }
  end_frame(frame, &w);
}

/* ------------------------------------------------------------------------------ held values */

int hand_over(lua_State *L, int status, int base, int first, mp_frame *frame, size_t byte_size) {
  mp_host *host = host_of(L);
  int last = lua_gettop(L);
  if (last > base + SPARE && !lua_checkstack(L, SPARE)) { /* handles are made on it */
    lua_settop(L, base);
    write_message("not enough memory", frame, byte_size);
    return LUA_ERRMEM;
  }
  if (write_values(L, first, last, frame, byte_size)) {
    lua_settop(L, base);
    frame->held = 0;
  } else {
    host->held = (mp_held){L, base, first, last};
  }
  return status;
}

void mp_fetch(lua_State *L, int32_t first, mp_frame *frame, size_t byte_size) {
  mp_host *host = host_of(L);
  const mp_held *held = &host->held;
  if (held->holder == NULL) {
    clear_frame(frame);
    return;
  }
  write_values(held->holder, held->from + first, held->to, frame, byte_size);
  frame->count = held->to - held->from;
}

void mp_release(lua_State *L) {
  mp_held *held = &host_of(L)->held;
  if (held->holder != NULL) {
    if (held->base != ARGUMENTS) lua_settop(held->holder, held->base);
    held->holder = NULL;
  }
}

/* --------------------------------------------------------------------------------- pushing */

int frame_allocates(const mp_frame *frame) {
  for (int i = 0; i < frame->written; i++)
    if (slot_allocates(&frame->slots[i])) return 1;
  return 0;
}

void push_plain(lua_State *L, const mp_slot *slot) {
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
    case MP_TAG_HANDLE:
      push_handle(L, slot_handle(slot));
      break;
    default:
      lua_pushnil(L);
      break;
  }
}

void push_slot(lua_State *L, const mp_slot *slot, int adopted) {
  switch (slot->head & 0xff) {
    case MP_TAG_STRING:
      lua_pushlstring(L, slot->payload.address, (size_t)(slot->head >> MP_LENGTH_SHIFT));
      break;
    case MP_TAG_FOREIGN:
      lua_pushvalue(L, adopted);
      break;
    case MP_TAG_CALLABLE:
      push_callable(L, adopted);
      break;
    default:
      push_plain(L, slot);
      break;
  }
}

/*
 * What allocates comes last: it may set off finalizers, and these may call foreign functions, which
 * may end handles.
 */
void push_slots(lua_State *L, const mp_frame *frame, int first) {
  mp_host *host = host_of(L);
  int count = frame->written - first;
  if (host->arguments == frame) host->arguments = NULL;
  if (count <= 0) return;
  if (!lua_checkstack(L, count + SPARE)) {
    disown(L, frame, first);
    luaL_error(L, "stack overflow (too many values)");
  }
  int base = lua_gettop(L) + 1 - first;
  int adopts = 0, allocates = 0;
  for (int i = first; i < frame->written; i++) {
    const mp_slot *slot = &frame->slots[i];
    if (is_foreign(slot)) {
      adopts |= !push_known(L, slot->payload.integer);
      continue;
    }
    push_plain(L, slot); /* nil holds the place of what allocates */
    adopts |= is_callable(slot);
    allocates |= slot_allocates(slot);
  }
  if (adopts) {
    int adopted = lua_gettop(L);
    adopt(L, frame, first);
    for (int i = first; i < frame->written; i++)
      if (is_adopted(&frame->slots[i])) lua_copy(L, ++adopted, base + i);
    lua_settop(L, base + frame->written - 1);
  }
  if (!allocates) return;
  host->busy++;
  for (int i = first; i < frame->written; i++) {
    const mp_slot *slot = &frame->slots[i];
    if (is_foreign(slot) || !slot_allocates(slot)) continue;
    push_slot(L, slot, base + i);
    lua_replace(L, base + i);
  }
  host->busy--;
}
