/* Tables by their handles: with metamethods and without, values of every size, errors on the way. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

static counting_heap heap;
static lua_State *L;
static mp_frame *frame; /* of FRAME_BYTES, for the one operation at a time */

static int get(int32_t table, int raw, mp_slot key) {
  frame_set(frame, 1, &key);
  return mp_get(L, table, raw, frame, FRAME_BYTES);
}

static int set(int32_t table, int raw, mp_slot key, mp_slot value) {
  const mp_slot slots[] = {key, value};
  frame_set(frame, 2, slots);
  return mp_set(L, table, raw, frame, FRAME_BYTES);
}

static void sets(int32_t table, mp_slot key, mp_slot value) {
  CHECK_EQUAL(LUA_OK, set(table, 0, key, value));
  CHECK_EQUAL(0, frame->count);
  CHECK_EQUAL(0, frame->held);
}

static int64_t integerAt(int32_t table, mp_slot key) {
  CHECK_EQUAL(LUA_OK, get(table, 0, key));
  CHECK_EQUAL(1, frame->count);
  CHECK_EQUAL(0, frame->held);
  return result_integer(frame, 0);
}

static int64_t lengthOf(int32_t table, int raw) {
  CHECK_EQUAL(LUA_OK, mp_length(L, table, raw, frame, FRAME_BYTES));
  CHECK_EQUAL(1, frame->count);
  return result_integer(frame, 0);
}

static int32_t newTable(int32_t elements, int32_t fields) {
  CHECK_EQUAL(LUA_OK, mp_new_table(L, elements, fields, frame, FRAME_BYTES));
  CHECK_EQUAL(1, frame->count);
  CHECK_EQUAL(MP_TAG_TABLE, result_tag(frame, 0));
  return result_handle(frame, 0);
}

static void whatIsSetIsGot(void) {
  const mp_slot keys[] = {
      slot_integer(1),           slot_integer(INT64_MIN), slot_number(0.5),
      slot_bare(MP_TAG_TRUE),    slot_bare(MP_TAG_FALSE), slot_text("name"),
      slot_string("with\0NUL", 8), slot_text(""),
      slot_text("a key that is longer than the strings that Lua keeps once only"),
  };
  const int count = sizeof keys / sizeof *keys;
  for (int raw = 0; raw < 2; raw++) {
    int32_t table = newTable(0, 0);
    for (int i = 0; i < count; i++) CHECK_EQUAL(LUA_OK, set(table, raw, keys[i], slot_integer(i)));
    for (int i = 0; i < count; i++) CHECK_EQUAL(i, integerAt(table, keys[i]));
    for (int i = 0; i < count; i++) { /* fields that are there already, and then none */
      CHECK_EQUAL(LUA_OK, set(table, raw, keys[i], slot_integer(-i)));
      CHECK_EQUAL(-i, integerAt(table, keys[i]));
      CHECK_EQUAL(LUA_OK, set(table, raw, keys[i], slot_bare(MP_TAG_NIL)));
      CHECK_EQUAL(LUA_OK, get(table, raw, keys[i]));
      CHECK_EQUAL(MP_TAG_NIL, result_tag(frame, 0));
    }
    host_forget(L, table);
  }
}

static void floatsWithIntegerValuesAreIntegerKeys(void) {
  int32_t table = newTable(4, 0);
  sets(table, slot_number(2.0), slot_integer(7));
  CHECK_EQUAL(7, integerAt(table, slot_integer(2)));
  sets(table, slot_integer(2), slot_integer(8));
  CHECK_EQUAL(8, integerAt(table, slot_number(2.0)));
  host_forget(L, table);
}

static void objectsAreKeysAndValues(void) {
  int32_t table = newTable(0, 0);
  int32_t key = newTable(0, 0);
  for (int round = 0; round < 3; round++) {
    sets(table, slot_handle(key), slot_handle(table));
    CHECK_EQUAL(LUA_OK, get(table, round & 1, slot_handle(key)));
    CHECK_EQUAL(MP_TAG_TABLE, result_tag(frame, 0));
    const void *identity = frame->slots[0].payload.address;
    int32_t same = result_handle(frame, 0);
    CHECK(same != table && same != key);
    host_global(L, "same", same);
    host_global(L, "whole", table);
    host_global(L, "key", key);
    host_does(L, "assert(rawequal(same, whole) and whole[key] == whole and same ~= key)");
    lua_getglobal(L, "whole");
    CHECK(identity == lua_topointer(L, -1));
    lua_pop(L, 1);
    host_forget(L, same);
  }
  host_does(L, "same, whole, key = nil");
  host_forget(L, table);
  host_forget(L, key);
}

/* The handle is the next one, whether numbers are free or not, and whatever the object. */
static void objectsGetAHandleEachTime(void) {
  int32_t table = host_handle(L, "objects = {{}, print, io.stdout, coroutine.create(print),\n"
                                 "           function() end} return objects");
  static const int tags[] = {MP_TAG_TABLE, MP_TAG_FUNCTION, MP_TAG_USERDATA, MP_TAG_THREAD,
                             MP_TAG_FUNCTION};
  int32_t handles[30];
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < 30; i++) {
      CHECK_EQUAL(LUA_OK, get(table, 0, slot_integer(i % 5 + 1)));
      CHECK_EQUAL(tags[i % 5], result_tag(frame, 0));
      handles[i] = result_handle(frame, 0);
      lua_getglobal(L, "objects");
      lua_geti(L, -1, i % 5 + 1);
      CHECK(lua_topointer(L, -1) == frame->slots[0].payload.address);
      lua_pop(L, 2);
      for (int other = 0; other < i; other++) CHECK(handles[i] != handles[other]);
    }
    for (int i = 0; i < 30; i++) {
      host_global(L, "it", handles[i]);
      host_global(L, "index", table);
      lua_pushinteger(L, i % 5 + 1);
      lua_setglobal(L, "index");
      host_does(L, "assert(rawequal(it, objects[index]))");
    }
    mp_forget(L, handles, 30);
  }
  host_forget(L, table);
}

static void keysThatCannotBeAreErrors(void) {
  int32_t table = newTable(0, 0);
  for (int raw = 0; raw < 2; raw++) {
    CHECK_EQUAL(LUA_ERRRUN, set(table, raw, slot_bare(MP_TAG_NIL), slot_integer(1)));
    CHECK_TEXT("index is nil", frame, ERROR_MESSAGE);
    CHECK_EQUAL(LUA_ERRRUN, set(table, raw, slot_number(NAN), slot_integer(1)));
    CHECK_TEXT("index is NaN", frame, ERROR_MESSAGE);
    CHECK_EQUAL(LUA_OK, get(table, raw, slot_bare(MP_TAG_NIL)));
    CHECK_EQUAL(MP_TAG_NIL, result_tag(frame, 0));
    CHECK_EQUAL(LUA_OK, get(table, raw, slot_number(NAN)));
    CHECK_EQUAL(MP_TAG_NIL, result_tag(frame, 0));
  }
  host_forget(L, table);
}

static void rawAccessKnowsNoMetamethods(void) {
  int32_t table = host_handle(
      L, "return setmetatable({10}, {__index = function(t, k) return k * 2 end,\n"
         "  __newindex = function(t, k, v) rawset(t, k, v + 1) end, __len = function() return 99 end})");
  CHECK_EQUAL(10, integerAt(table, slot_integer(1)));
  CHECK_EQUAL(14, integerAt(table, slot_integer(7)));
  CHECK_EQUAL(LUA_OK, get(table, 1, slot_integer(7)));
  CHECK_EQUAL(MP_TAG_NIL, result_tag(frame, 0));
  sets(table, slot_integer(7), slot_integer(20));
  CHECK_EQUAL(21, integerAt(table, slot_integer(7)));
  CHECK_EQUAL(LUA_OK, set(table, 1, slot_integer(2), slot_integer(30)));
  CHECK_EQUAL(30, integerAt(table, slot_integer(2)));
  CHECK_EQUAL(99, lengthOf(table, 0));
  CHECK_EQUAL(2, lengthOf(table, 1));
  host_forget(L, table);
}

static void lengthMayBeAnything(void) {
  int32_t table = host_handle(L, "return setmetatable({}, {__len = function() return 'long' end})");
  CHECK_EQUAL(LUA_OK, mp_length(L, table, 0, frame, FRAME_BYTES));
  CHECK_TEXT("long", frame, 0);
  host_forget(L, table);
}

static void checkFails(int status, const char *message) {
  CHECK_EQUAL(LUA_ERRRUN, status);
  CHECK_EQUAL(ERROR_VALUES, frame->count);
  CHECK_TEXT(message, frame, ERROR_MESSAGE);
  host_works_on(L);
}

static void errorsInMetamethodsAreReported(void) {
  int32_t table = host_handle(
      L, "local function fail() error('from within') end\n"
         "return setmetatable({}, {__index = fail, __newindex = fail, __len = fail,\n"
         "                         __tostring = fail, __call = fail, __name = 'failing'})");
  checkFails(get(table, 0, slot_integer(1)), "from within");
  checkFails(get(table, 0, slot_text("x")), "from within");
  checkFails(set(table, 0, slot_integer(1), slot_integer(1)), "from within");
  checkFails(mp_length(L, table, 0, frame, FRAME_BYTES), "from within");
  checkFails(mp_tostring(L, table, frame, FRAME_BYTES), "from within");
  frame_set(frame, 0, NULL);
  checkFails(mp_call(L, table, frame, FRAME_BYTES), "from within");
  host_forget(L, table);
}

static void whatIsNoTableIsAnError(void) {
  const mp_slot key = slot_integer(1);
  int32_t function = host_handle(L, "return print");
  for (int raw = 0; raw < 2; raw++) {
    checkFails(get(function, raw, key), raw ? "table expected" : "attempt to index a function");
    checkFails(set(function, raw, key, key), raw ? "table expected" : "attempt to index a function");
    checkFails(mp_length(L, function, raw, frame, FRAME_BYTES), raw ? "table expected" : "length of");
  }
  frame_set(frame, 1, &key);
  checkFails(mp_next(L, function, 1, frame, FRAME_BYTES), "table expected");
  const mp_slot nil = slot_bare(MP_TAG_NIL);
  frame_set(frame, 1, &nil);
  checkFails(mp_set_metatable(L, function, frame, FRAME_BYTES), "metatable of a function");
  host_forget(L, function);
}

/* Every size of frame around the point where the value fits; the key is a plain one and a string. */
static void valuesThatDoNotFitAreHeld(void) {
  int32_t table = host_handle(L, "return {('v'):rep(30), name = ('v'):rep(30)}");
  const mp_slot keys[] = {slot_integer(1), slot_text("name")};
  for (int k = 0; k < 2; k++) {
    for (size_t room = sizeof(mp_slot); room < sizeof(mp_slot) + 40; room++) {
      size_t byte_size = sizeof(mp_frame) + room;
      mp_frame *small = frame_new(byte_size);
      frame_set(small, 1, &keys[k]);
      CHECK_EQUAL(LUA_OK, mp_get(L, table, 0, small, byte_size));
      CHECK_EQUAL(1, small->count);
      CHECK_EQUAL(1, small->written);
      CHECK_EQUAL(room < sizeof(mp_slot) + 30, small->held != 0);
      CHECK_TEXT("vvvvvvvvvvvvvvvvvvvvvvvvvvvvvv", small, 0);
      mp_release(L);
      CHECK_EQUAL(IDLE_TOP, lua_gettop(L));
      free(small);
    }
  }
  host_forget(L, table);
}

static void plainAccessNeedsNoMemory(void) {
  int32_t table = host_handle(L, "return {1, 2.5, true, {}}");
  CHECK_EQUAL(LUA_OK, get(table, 0, slot_integer(4))); /* its handle is used again */
  host_forget(L, result_handle(frame, 0));
  int64_t requests = heap.requests;
  for (int i = 1; i <= 4; i++) {
    CHECK_EQUAL(LUA_OK, get(table, 0, slot_integer(i)));
    if (i == 4) host_forget(L, result_handle(frame, 0));
    sets(table, slot_integer(i), slot_handle(table));
  }
  CHECK_EQUAL(requests, heap.requests);
  host_forget(L, table);
}

static void heldValuesOutliveAPlainAccess(void) {
  int32_t table = host_handle(L, "return {7}");
  mp_frame *header = frame_new(sizeof(mp_frame));
  CHECK_EQUAL(LUA_OK, host_run(L, "return 1, 2, 3", header, sizeof(mp_frame)));
  CHECK_EQUAL(7, integerAt(table, slot_integer(1)));
  mp_fetch(L, 2, frame, FRAME_BYTES);
  CHECK_EQUAL(3, result_integer(frame, 0));
  mp_release(L);
  free(header);
  host_forget(L, table);
}

static void nextGoesThroughInBatches(void) {
  int32_t table = host_handle(L, "local t = {} for i = 1, 10 do t[i] = i * i end\n"
                                 "for i = 1, 10 do t['k' .. i] = i end return t");
  for (int32_t pairs = 1; pairs < 25; pairs++) {
    mp_slot key = slot_bare(MP_TAG_NIL);
    int64_t sum = 0;
    int seen = 0;
    for (;;) {
      frame_set(frame, 1, &key);
      CHECK_EQUAL(LUA_OK, mp_next(L, table, pairs, frame, FRAME_BYTES));
      CHECK_EQUAL(0, frame->held);
      CHECK(frame->count <= 2 * pairs + 1);
      for (int i = 1; i < frame->count; i += 2) sum += result_integer(frame, i);
      seen += frame->count / 2;
      if (key.head != MP_TAG_NIL) host_forget(L, (int32_t)(key.head >> MP_LENGTH_SHIFT));
      if (frame->count % 2 == 0) break;
      key = slot_handle((int32_t)result_integer(frame, frame->count - 1));
    }
    CHECK_EQUAL(20, seen);
    CHECK_EQUAL(385 + 55, sum);
  }
  const mp_slot unknown = slot_text("unknown");
  frame_set(frame, 1, &unknown);
  checkFails(mp_next(L, table, 5, frame, FRAME_BYTES), "invalid key to 'next'");
  const mp_slot nil = slot_bare(MP_TAG_NIL);
  frame_set(frame, 1, &nil);
  CHECK_EQUAL(LUA_OK, mp_next(L, table, 0, frame, FRAME_BYTES));
  CHECK_EQUAL(0, frame->count);
  host_forget(L, table);
}

static void nextGivesWhatTheFrameTakes(void) {
  int32_t table = host_handle(L, "local t = {} for i = 1, 500 do t[i] = -i end return t");
  mp_slot key = slot_bare(MP_TAG_NIL);
  int64_t seen = 0;
  for (;;) {
    frame_set(frame, 1, &key);
    CHECK_EQUAL(LUA_OK, mp_next(L, table, 400, frame, FRAME_BYTES));
    CHECK_EQUAL(0, frame->held);
    CHECK_EQUAL(frame->count, frame->written);
    for (int i = 0; i + 1 < frame->count; i += 2) {
      CHECK_EQUAL(++seen, result_integer(frame, i));
      CHECK_EQUAL(-seen, result_integer(frame, i + 1));
    }
    if (key.head != MP_TAG_NIL) host_forget(L, (int32_t)(key.head >> MP_LENGTH_SHIFT));
    if (frame->count % 2 == 0) break;
    key = slot_handle((int32_t)result_integer(frame, frame->count - 1));
  }
  CHECK_EQUAL(500, seen);
  host_works_on(L);
  host_forget(L, table);
}

/* Every size of frame around the points where one pair, and where two pairs fit. */
static void nextHoldsAPairThatDoesNotFit(void) {
  int32_t table = host_handle(L, "return {('a'):rep(30), ('b'):rep(30)}");
  const mp_slot nil = slot_bare(MP_TAG_NIL);
  const size_t pair = 2 * sizeof(mp_slot) + 30;
  const size_t spare = sizeof(mp_slot);
  for (size_t room = 2 * sizeof(mp_slot); room < 2 * pair + spare + 10; room++) {
    size_t byte_size = sizeof(mp_frame) + room;
    mp_frame *small = frame_new(byte_size);
    frame_set(small, 1, &nil);
    CHECK_EQUAL(LUA_OK, mp_next(L, table, 10, small, byte_size));
    CHECK_EQUAL(room < 2 * pair + spare ? 3 : 4, small->count);
    CHECK_EQUAL(room < pair + spare, small->held != 0);
    CHECK_EQUAL(1, result_integer(small, 0));
    CHECK_TEXT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", small, 1);
    if (small->count == 3) {
      if (small->held) mp_fetch(L, 2, small, byte_size);
      host_forget(L, (int32_t)result_integer(small, small->written - 1));
    }
    mp_release(L);
    CHECK_EQUAL(IDLE_TOP, lua_gettop(L));
    free(small);
  }
  host_forget(L, table);
}

static void nextPassesOverAKeyThatWasRemoved(void) {
  int32_t table = host_handle(L, "return {10, 20, 30}");
  const mp_slot nil = slot_bare(MP_TAG_NIL);
  frame_set(frame, 1, &nil);
  CHECK_EQUAL(LUA_OK, mp_next(L, table, 1, frame, FRAME_BYTES));
  CHECK_EQUAL(3, frame->count);
  mp_slot key = slot_handle((int32_t)result_integer(frame, 2));
  sets(table, slot_integer(2), nil);
  frame_set(frame, 1, &key);
  CHECK_EQUAL(LUA_OK, mp_next(L, table, 5, frame, FRAME_BYTES));
  CHECK_EQUAL(2, frame->count);
  CHECK_EQUAL(3, result_integer(frame, 0));
  CHECK_EQUAL(30, result_integer(frame, 1));
  sets(table, slot_integer(3), nil);
  frame_set(frame, 1, &key); /* there is nothing behind it either */
  CHECK_EQUAL(LUA_OK, mp_next(L, table, 5, frame, FRAME_BYTES));
  CHECK_EQUAL(0, frame->count);
  host_forget(L, (int32_t)(key.head >> MP_LENGTH_SHIFT));
  host_forget(L, table);
}

/* A key that is an object has a handle when its value turns out not to fit; that must end. */
static void nextEndsTheHandleOfAKeyWhoseValueDoesNotFit(void) {
  int32_t table = host_handle(L, "return {[{}] = ('v'):rep(100), [print] = ('w'):rep(100)}");
  const mp_slot nil = slot_bare(MP_TAG_NIL);
  const size_t byte_size = sizeof(mp_frame) + 6 * sizeof(mp_slot) + 150;
  mp_frame *small = frame_new(byte_size);
  int32_t numbers[2];
  for (int round = 0; round < 2; round++) {
    frame_set(small, 1, &nil);
    CHECK_EQUAL(LUA_OK, mp_next(L, table, 10, small, byte_size));
    CHECK_EQUAL(3, small->count);
    numbers[round] = (int32_t)result_integer(small, 2);
    host_forget(L, numbers[round]);
    host_forget(L, result_handle(small, 0)); /* the one to be used first */
  }
  CHECK_EQUAL(numbers[0], numbers[1]);
  free(small);
  host_forget(L, table);
}

static void metatablesAreGotAndSet(void) {
  int32_t table = newTable(0, 0);
  CHECK_EQUAL(LUA_OK, mp_get_metatable(L, table, frame, FRAME_BYTES));
  CHECK_EQUAL(1, frame->count);
  CHECK_EQUAL(MP_TAG_NIL, result_tag(frame, 0));

  int32_t meta = host_handle(L, "return {__index = {inherited = 5}, __metatable = 'hidden'}");
  for (int round = 0; round < 2; round++) { /* __metatable is for scripts */
    const mp_slot slot = slot_handle(meta);
    frame_set(frame, 1, &slot);
    CHECK_EQUAL(LUA_OK, mp_set_metatable(L, table, frame, FRAME_BYTES));
    CHECK_EQUAL(0, frame->count);
    CHECK_EQUAL(5, integerAt(table, slot_text("inherited")));
  }
  CHECK_EQUAL(LUA_OK, mp_get_metatable(L, table, frame, FRAME_BYTES));
  host_global(L, "got", result_handle(frame, 0));
  host_global(L, "meta", meta);
  host_does(L, "assert(got == meta) got, meta = nil");

  const mp_slot nil = slot_bare(MP_TAG_NIL);
  frame_set(frame, 1, &nil);
  CHECK_EQUAL(LUA_OK, mp_set_metatable(L, table, frame, FRAME_BYTES));
  CHECK_EQUAL(LUA_OK, get(table, 0, slot_text("inherited")));
  CHECK_EQUAL(MP_TAG_NIL, result_tag(frame, 0));
  const mp_slot number = slot_integer(1);
  frame_set(frame, 1, &number);
  checkFails(mp_set_metatable(L, table, frame, FRAME_BYTES), "table expected");

  int32_t string = host_handle(L, "return io.stdout");
  CHECK_EQUAL(LUA_OK, mp_get_metatable(L, string, frame, FRAME_BYTES));
  CHECK_EQUAL(MP_TAG_TABLE, result_tag(frame, 0));
  host_forget(L, string);
  host_forget(L, table);
  host_forget(L, meta);
}

static void stringsCanBeIndexed(void) {
  const mp_slot text = slot_text("text");
  frame_set(frame, 1, &text);
  CHECK_EQUAL(LUA_OK, mp_hold(L, frame, FRAME_BYTES));
  int32_t string = (int32_t)result_integer(frame, 0);
  CHECK_EQUAL(LUA_OK, get(string, 0, slot_text("upper")));
  CHECK_EQUAL(MP_TAG_FUNCTION, result_tag(frame, 0));
  CHECK_EQUAL(LUA_OK, mp_length(L, string, 0, frame, FRAME_BYTES));
  CHECK_EQUAL(4, result_integer(frame, 0));
  host_forget(L, string);
}

static void sizesThatCannotBeAreErrors(void) {
  CHECK(mp_new_table(L, INT32_MAX, INT32_MAX, frame, FRAME_BYTES) != LUA_OK);
  host_works_on(L);
}

/* ------------------------------------------------------------------------- out of memory */

static int32_t prepared;

static void prepare(lua_State *state) {
  prepared = host_handle(
      state, "local t = {} for i = 1, 50 do t[i] = i t['key' .. i] = {} end return t");
}

static void prepareMetamethods(lua_State *state) {
  prepared = host_handle(
      state, "return setmetatable({}, {__index = function(t, k) return {k .. 'x'} end,\n"
             "__newindex = function(t, k, v) rawset(t, k, {v .. 'x'}) end,\n"
             "__len = function() return ('x'):rep(100) end})");
}

static int gets(lua_State *state, mp_frame *f) {
  const mp_slot key = slot_text("a key of more than forty bytes, which Lua makes anew");
  frame_set(f, 1, &key);
  return mp_get(state, prepared, 0, f, FRAME_BYTES);
}

static int setsAField(lua_State *state, mp_frame *f) {
  const mp_slot slots[] = {slot_text("new"), slot_text("a value of more than forty bytes as well")};
  frame_set(f, 2, slots);
  return mp_set(state, prepared, 0, f, FRAME_BYTES);
}

static int setsAFieldRaw(lua_State *state, mp_frame *f) {
  const mp_slot slots[] = {slot_integer(1000), slot_integer(1)};
  frame_set(f, 2, slots);
  return mp_set(state, prepared, 1, f, FRAME_BYTES);
}

static int asksForTheLength(lua_State *state, mp_frame *f) {
  return mp_length(state, prepared, 0, f, FRAME_BYTES);
}

static int walks(lua_State *state, mp_frame *f) {
  const mp_slot nil = slot_bare(MP_TAG_NIL);
  frame_set(f, 1, &nil);
  return mp_next(state, prepared, 100, f, FRAME_BYTES);
}

static int makesATable(lua_State *state, mp_frame *f) {
  return mp_new_table(state, 10, 10, f, FRAME_BYTES);
}

static int setsAMetatable(lua_State *state, mp_frame *f) {
  const mp_slot slot = slot_handle(prepared);
  frame_set(f, 1, &slot);
  return mp_set_metatable(state, prepared, f, FRAME_BYTES);
}

static void memoryMayRunOut(void) {
  counting_heap unused;
  mp_config config = host_config(&unused);
  void (*const prepares[])(lua_State *) = {prepare, prepareMetamethods};
  for (int i = 0; i < 2; i++) {
    host_runs_out_of_memory(&config, prepares[i], gets, LUA_OK);
    host_runs_out_of_memory(&config, prepares[i], setsAField, LUA_OK);
    host_runs_out_of_memory(&config, prepares[i], setsAFieldRaw, LUA_OK);
    host_runs_out_of_memory(&config, prepares[i], asksForTheLength, LUA_OK);
    host_runs_out_of_memory(&config, prepares[i], walks, LUA_OK);
    host_runs_out_of_memory(&config, prepares[i], makesATable, LUA_OK);
    host_runs_out_of_memory(&config, prepares[i], setsAMetatable, LUA_OK);
  }
}

int main(void) {
  mp_config config = host_config(&heap);
  L = host_open(&config);
  frame = frame_new(FRAME_BYTES);
  RUN(objectsGetAHandleEachTime);
  RUN(whatIsSetIsGot);
  RUN(floatsWithIntegerValuesAreIntegerKeys);
  RUN(objectsAreKeysAndValues);
  RUN(keysThatCannotBeAreErrors);
  RUN(rawAccessKnowsNoMetamethods);
  RUN(lengthMayBeAnything);
  RUN(errorsInMetamethodsAreReported);
  RUN(whatIsNoTableIsAnError);
  RUN(valuesThatDoNotFitAreHeld);
  RUN(plainAccessNeedsNoMemory);
  RUN(heldValuesOutliveAPlainAccess);
  RUN(nextGoesThroughInBatches);
  RUN(nextGivesWhatTheFrameTakes);
  RUN(nextHoldsAPairThatDoesNotFit);
  RUN(nextPassesOverAKeyThatWasRemoved);
  RUN(nextEndsTheHandleOfAKeyWhoseValueDoesNotFit);
  RUN(metatablesAreGotAndSet);
  RUN(stringsCanBeIndexed);
  RUN(sizesThatCannotBeAreErrors);
  RUN(memoryMayRunOut);
  free(frame);
  host_works_on(L);
  host_close(L);
  return 0;
}
