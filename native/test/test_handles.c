/* Handles: what they stand for, how long, and that their numbers are used again. */
#include <stdlib.h>
#include <string.h>

#include "host.h"

static counting_heap heap;
static lua_State *L;

/* Holds the value in the slot, whose identity goes to *identity unless that is NULL. */
static int32_t hold(mp_slot slot, int64_t *identity) {
  mp_frame *frame = frame_new(FRAME_BYTES);
  frame_set(frame, 1, &slot);
  CHECK_EQUAL(LUA_OK, mp_hold(L, frame, FRAME_BYTES));
  CHECK_EQUAL(2, frame->count);
  int64_t handle = result_integer(frame, 0);
  CHECK(handle > 0);
  if (identity != NULL) *identity = result_integer(frame, 1);
  free(frame);
  return (int32_t)handle;
}

/* Checks a condition on `it`, which a handle stands for. */
static void checkHeld(int32_t handle, const char *condition) {
  char chunk[200];
  host_global(L, "it", handle);
  strcpy(chunk, "assert(");
  strcat(chunk, condition);
  strcat(chunk, ") it = nil");
  host_does(L, chunk);
}

static void anyValueCanBeHeld(void) {
  const struct {
    mp_slot slot;
    const char *condition;
  } values[] = {
      {slot_bare(MP_TAG_NIL), "it == nil"},
      {slot_bare(MP_TAG_FALSE), "it == false"},
      {slot_bare(MP_TAG_TRUE), "it == true"},
      {slot_integer(INT64_MIN), "it == math.mininteger"},
      {slot_number(0.5), "it == 0.5"},
      {slot_string("a\0b", 3), "it == 'a\\0b'"},
  };
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    int32_t handle = hold(values[i].slot, NULL);
    checkHeld(handle, values[i].condition);
    host_forget(L, handle);
  }
}

static void twoHandlesOfAnObjectTellTheSameIdentity(void) {
  int64_t identity[3];
  int32_t table = host_handle(L, "t = {} return t");
  int32_t first = hold(slot_handle(table), &identity[0]);
  int32_t second = hold(slot_handle(table), &identity[1]);
  int32_t other = hold(slot_handle(host_handle(L, "return {}")), &identity[2]);
  CHECK(first != second && second != other);
  CHECK(identity[0] == identity[1] && identity[1] != identity[2]);
  host_forget(L, table);
  checkHeld(first, "it == t");
  host_forget(L, first);
  checkHeld(second, "it == t");
  host_forget(L, second);
  host_forget(L, other);
}

static void numbersAreUsedAgain(void) {
  int32_t handles[3];
  for (int i = 0; i < 3; i++) handles[i] = hold(slot_integer(i), NULL);
  int32_t ended[] = {handles[0], 0, handles[1]};
  for (int round = 0; round < 2; round++) { /* the second time, there is nothing left to end */
    mp_forget(L, ended, 3);
    for (int i = 0; i < 3; i++) CHECK_EQUAL(0, ended[i]);
  }
  CHECK_EQUAL(handles[1], hold(slot_text("new"), NULL)); /* the last one first */
  CHECK_EQUAL(handles[0], hold(slot_text("newer"), NULL));
  int32_t fresh = hold(slot_bare(MP_TAG_TRUE), NULL);
  for (int i = 0; i < 3; i++) CHECK(fresh != handles[i]);
  checkHeld(handles[0], "it == 'newer'");
  checkHeld(handles[1], "it == 'new'");
  checkHeld(handles[2], "it == 2");
  mp_forget(L, handles, 3);
  host_forget(L, fresh);
  mp_forget(L, handles, 0); /* nothing */
}

static void heldObjectsLiveAndForgottenOnesDoNot(void) {
  host_does(L, "weak = setmetatable({}, {__mode = 'v'})");
  int32_t table = host_handle(L, "weak[1] = {} return weak[1]");
  host_does(L, "collectgarbage() assert(weak[1])");
  host_forget(L, table);
  host_does(L, "collectgarbage() assert(not weak[1])");
}

static void manyHandlesCanBeHeld(void) {
  enum { COUNT = 20000 };
  int32_t *handles = malloc(COUNT * sizeof *handles);
  CHECK(handles != NULL);
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < COUNT; i++) handles[i] = hold(slot_integer(i), NULL);
    host_does(L, "collectgarbage()");
    for (int i = 0; i < COUNT; i += 1000) {
      mp_frame *frame = frame_new(FRAME_BYTES);
      CHECK_EQUAL(LUA_OK, mp_tostring(L, handles[i], frame, FRAME_BYTES));
      char *text = result_text(frame, 0);
      CHECK_EQUAL(i, atoi(text));
      free(text);
      free(frame);
    }
    int64_t requests = heap.requests;
    mp_forget(L, handles, COUNT);
    CHECK_EQUAL(requests, heap.requests);
  }
  free(handles);
}

/* The slot still tells what it is. */
static void withoutMemoryThereIsNoHandle(void) {
  int32_t list = host_handle(L, "list = {{}} return list");
  const mp_slot one = slot_integer(1);
  mp_frame *frame = frame_new(FRAME_BYTES);
  int32_t *handles = malloc(1100000 * sizeof *handles);
  int32_t count = 0;
  CHECK(handles != NULL);
  counting_heap_refuse(&heap, 0, INT64_MAX);
  for (;;) {
    frame_set(frame, 1, &one);
    CHECK_EQUAL(LUA_OK, mp_get(L, list, 1, frame, FRAME_BYTES));
    CHECK_EQUAL(MP_TAG_TABLE, result_tag(frame, 0));
    if ((handles[count] = result_handle(frame, 0)) == 0) break;
    count++;
  }
  const mp_slot slot = slot_handle(list);
  frame_set(frame, 1, &slot);
  CHECK_EQUAL(LUA_ERRMEM, mp_hold(L, frame, FRAME_BYTES));
  CHECK_TEXT("not enough memory", frame, ERROR_VALUE);
  counting_heap_serve(&heap);
  CHECK(hold(slot_handle(list), NULL) > 0);

  /* Nor is there one beyond the size of Lua's stacks. */
  for (;;) {
    frame_set(frame, 1, &one);
    CHECK_EQUAL(LUA_OK, mp_get(L, list, 1, frame, FRAME_BYTES));
    if ((handles[count] = result_handle(frame, 0)) == 0) break;
    count++;
  }
  CHECK(count > 900000 && count < 1000000);
  mp_forget(L, handles, 10);
  handles[0] = hold(slot_handle(list), NULL);
  host_global(L, "it", handles[0]);
  host_does(L, "assert(it == list) it = nil list = nil");
  host_forget(L, handles[0]);
  mp_forget(L, handles + 10, count - 10);
  free(handles);
  free(frame);
}

static void toStringIsLuas(void) {
  const struct {
    const char *chunk, *expected;
  } values[] = {
      {"return setmetatable({}, {__tostring = function() return 'pretty' end})", "pretty"},
      {"return setmetatable({}, {__name = 'named'})", "named: "},
      {"return {}", "table: "},
      {"return print", "function: "},
      {"return coroutine.create(print)", "thread: "},
  };
  mp_frame *frame = frame_new(FRAME_BYTES);
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    int32_t handle = host_handle(L, values[i].chunk);
    CHECK_EQUAL(LUA_OK, mp_tostring(L, handle, frame, FRAME_BYTES));
    CHECK_EQUAL(1, frame->count);
    CHECK_TEXT(values[i].expected, frame, 0);
    host_forget(L, handle);
  }
  int32_t handle = host_handle(
      L, "return setmetatable({}, {__tostring = function() error({}) end})");
  CHECK_EQUAL(LUA_ERRRUN, mp_tostring(L, handle, frame, FRAME_BYTES));
  CHECK_EQUAL(MP_TAG_TABLE, result_tag(frame, ERROR_VALUE));
  host_forget(L, handle);
  handle = host_handle(L, "return setmetatable({}, {__tostring = function() return {} end})");
  CHECK_EQUAL(LUA_ERRRUN, mp_tostring(L, handle, frame, FRAME_BYTES));
  CHECK_TEXT("'__tostring' must return a string", frame, ERROR_MESSAGE);
  host_forget(L, handle);
  free(frame);
}

static int32_t prepared;

static void prepare(lua_State *state) {
  prepared = host_handle(state, "return setmetatable({}, {__tostring = function(t)\n"
                                "  return ('long'):rep(50) .. #tostring(setmetatable(t, nil)) end})");
}

static int holds(lua_State *state, mp_frame *frame) {
  const mp_slot slot = slot_text("a string that is longer than the ones that Lua keeps once only");
  frame_set(frame, 1, &slot);
  return mp_hold(state, frame, FRAME_BYTES);
}

static int makesAString(lua_State *state, mp_frame *frame) {
  return mp_tostring(state, prepared, frame, FRAME_BYTES);
}

static void memoryMayRunOut(void) {
  counting_heap unused;
  mp_config config = host_config(&unused);
  host_runs_out_of_memory(&config, prepare, holds, LUA_OK);
  host_runs_out_of_memory(&config, prepare, makesAString, LUA_OK);
}

int main(void) {
  mp_config config = host_config(&heap);
  L = host_open(&config);
  RUN(anyValueCanBeHeld);
  RUN(twoHandlesOfAnObjectTellTheSameIdentity);
  RUN(numbersAreUsedAgain);
  RUN(heldObjectsLiveAndForgottenOnesDoNot);
  RUN(manyHandlesCanBeHeld);
  RUN(withoutMemoryThereIsNoHandle);
  RUN(toStringIsLuas);
  RUN(memoryMayRunOut);
  host_works_on(L);
  host_close(L);
  return 0;
}
