/* Values of every tag on their way in and out. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

static counting_heap heap;
static lua_State *L;

/* Runs the chunk with these arguments; free() the results. */
static mp_frame *run_with(const char *chunk, int count, const mp_slot *slots) {
  mp_frame *arguments = frame_of(count, slots);
  mp_frame *results = frame_new(FRAME_BYTES);
  CHECK_EQUAL(LUA_OK, mp_run(L, chunk, strlen(chunk), "=test", "t", arguments, results,
                             FRAME_BYTES));
  CHECK_EQUAL(0, results->held);
  free(arguments);
  return results;
}

static void checkSame(const mp_slot *expected, const mp_frame *results, int index) {
  const mp_slot *actual = &results->slots[index];
  CHECK_EQUAL(expected->head, actual->head);
  switch (result_tag(results, index)) {
    case MP_TAG_INTEGER:
    case MP_TAG_FLOAT: /* as bits: NaN is not equal to itself, -0.0 is equal to 0.0 */
      CHECK_EQUAL(expected->payload.integer, actual->payload.integer);
      break;
    case MP_TAG_STRING:
      CHECK(memcmp(expected->payload.address, actual->payload.address,
                   result_length(results, index)) == 0);
      break;
    default:
      break;
  }
}

static void valuesComeBackAsTheyWere(void) {
  const mp_slot values[] = {
      slot_bare(MP_TAG_NIL),        slot_bare(MP_TAG_FALSE),      slot_bare(MP_TAG_TRUE),
      slot_integer(0),              slot_integer(INT64_MAX),      slot_integer(INT64_MIN),
      slot_integer((1LL << 53) + 1), slot_number(0.0),            slot_number(-0.0),
      slot_number(NAN),             slot_number(INFINITY),        slot_number(-INFINITY),
      slot_number(DBL_MAX),         slot_number(DBL_TRUE_MIN),    slot_number(1.0),
      slot_string("", 0),           slot_string("\0", 1),         slot_string("a\0b\0", 4),
      slot_string("\xf0\x9f\x8c\x99", 4), slot_string("\xff\xfe\x80", 3), slot_bare(MP_TAG_NIL),
  };
  const int count = sizeof values / sizeof *values;
  mp_frame *results = run_with("return ...", count, values);
  CHECK_EQUAL(count, results->count);
  CHECK_EQUAL(count, results->written);
  for (int i = 0; i < count; i++) checkSame(&values[i], results, i);
  free(results);
}

static void luaSeesTheArguments(void) {
  const mp_slot values[] = {
      slot_bare(MP_TAG_NIL), slot_bare(MP_TAG_FALSE), slot_integer(INT64_MIN),
      slot_number(2.0),      slot_string("x\0y", 3),  slot_string("", 0),
  };
  free(run_with("local n, f, i, d, s, e = ...\n"
                "assert(select('#', ...) == 6 and n == nil and f == false)\n"
                "assert(i == math.mininteger and math.type(i) == 'integer')\n"
                "assert(d == 2 and math.type(d) == 'float')\n"
                "assert(s == 'x\\0y' and #s == 3 and e == '')",
                6, values));
}

static void objectsHaveATagAndAnIdentity(void) {
  mp_frame *results = run_with(
      "t = {}; co = coroutine.create(print)\n"
      "return t, print, io.stdout, co, function() end, t",
      0, NULL);
  CHECK_EQUAL(MP_TAG_TABLE, result_tag(results, 0));
  CHECK_EQUAL(MP_TAG_FUNCTION, result_tag(results, 1));
  CHECK_EQUAL(MP_TAG_USERDATA, result_tag(results, 2));
  CHECK_EQUAL(MP_TAG_THREAD, result_tag(results, 3));
  CHECK_EQUAL(MP_TAG_FUNCTION, result_tag(results, 4));
  CHECK(results->slots[0].payload.address == results->slots[5].payload.address);
  CHECK(results->slots[0].payload.address != results->slots[1].payload.address);
  lua_getglobal(L, "t");
  CHECK(results->slots[0].payload.address == lua_topointer(L, -1));
  lua_pop(L, 1);
  free(results);

  int object;
  lua_pushlightuserdata(L, &object);
  lua_setglobal(L, "light");
  results = run_with("return light", 0, NULL);
  CHECK_EQUAL(MP_TAG_LIGHTUSERDATA, result_tag(results, 0));
  CHECK(results->slots[0].payload.address == &object);
  free(results);
}

static void manyArgumentsAreTaken(void) {
  enum { COUNT = 100000 };
  mp_slot *values = malloc(COUNT * sizeof *values);
  CHECK(values != NULL);
  for (int i = 0; i < COUNT; i++) values[i] = slot_integer(i);
  mp_frame *results = run_with("return select('#', ...), (select(-1, ...))", COUNT, values);
  CHECK_EQUAL(COUNT, results->slots[0].payload.integer);
  CHECK_EQUAL(COUNT - 1, results->slots[1].payload.integer);
  free(results);
  free(values);
}

static void tooManyArgumentsAreAnError(void) {
  const int count = 1100000; /* LUAI_MAXSTACK is 1,000,000 */
  mp_frame *arguments = frame_new(sizeof(mp_frame) + (size_t)count * sizeof(mp_slot));
  arguments->count = arguments->written = count;
  for (int i = 0; i < count; i++) arguments->slots[i] = slot_bare(MP_TAG_TRUE);
  mp_frame *results = frame_new(FRAME_BYTES);
  CHECK_EQUAL(LUA_ERRRUN, mp_run(L, "return 1", 8, "=test", "t", arguments, results, FRAME_BYTES));
  CHECK_TEXT("too many values", results, ERROR_MESSAGE);
  free(results);
  free(arguments);
}

static void resultsMayOverwriteTheArguments(void) {
  const char *text = "a string that the frame itself holds";
  mp_frame *frame = frame_new(FRAME_BYTES);
  char *inside = (char *)frame + FRAME_BYTES - strlen(text);
  memcpy(inside, text, strlen(text));
  frame->count = frame->written = 2;
  frame->slots[0] = slot_string(inside, strlen(text));
  frame->slots[1] = slot_integer(7);
  const char *chunk = "local s, i = ... return i, s:rep(2), s";
  CHECK_EQUAL(LUA_OK, mp_run(L, chunk, strlen(chunk), "=test", "t", frame, frame, FRAME_BYTES));
  CHECK_EQUAL(3, frame->written);
  CHECK_EQUAL(7, frame->slots[0].payload.integer);
  CHECK_EQUAL(2 * strlen(text), result_length(frame, 1));
  CHECK_TEXT(text, frame, 2);
  free(frame);
}

int main(void) {
  mp_config config = host_config(&heap);
  L = host_open(&config);
  RUN(valuesComeBackAsTheyWere);
  RUN(luaSeesTheArguments);
  RUN(objectsHaveATagAndAnIdentity);
  RUN(manyArgumentsAreTaken);
  RUN(tooManyArgumentsAreAnError);
  RUN(resultsMayOverwriteTheArguments);
  host_close(L);
  return 0;
}
