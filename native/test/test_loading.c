/* Functions: loaded with an environment of their own, called, precompiled. */
#include <stdlib.h>
#include <string.h>

#include "host.h"

static counting_heap heap;
static lua_State *L;
static mp_frame *frame;

static int load_in(lua_State *state, const char *chunk, int32_t environment, mp_frame *results) {
  return mp_load(state, chunk, strlen(chunk), "=test", "t", environment, results, FRAME_BYTES);
}

static int32_t loaded(const char *chunk, int32_t environment) {
  CHECK_EQUAL(LUA_OK, load_in(L, chunk, environment, frame));
  CHECK_EQUAL(1, frame->count);
  CHECK_EQUAL(MP_TAG_FUNCTION, result_tag(frame, 0));
  return result_handle(frame, 0);
}

static void calls(int32_t function, int count, const mp_slot *slots) {
  frame_set(frame, count, slots);
  CHECK_EQUAL(LUA_OK, mp_call(L, function, frame, FRAME_BYTES));
  CHECK_EQUAL(0, frame->held);
}

static void loadingDoesNotRun(void) {
  int32_t function = loaded("ran = (ran or 0) + 1 return ran, ...", 0);
  host_does(L, "assert(not ran)");
  const mp_slot arguments[] = {slot_text("a"), slot_integer(2)};
  for (int i = 1; i <= 3; i++) {
    calls(function, 2, arguments);
    CHECK_EQUAL(3, frame->count);
    CHECK_EQUAL(i, result_integer(frame, 0));
    CHECK_TEXT("a", frame, 1);
    CHECK_EQUAL(2, result_integer(frame, 2));
  }
  host_forget(L, function);
}

static void theEnvironmentIsTheFunctionsOwn(void) {
  int32_t environment = host_handle(L, "environment = {seen = 7} return environment");
  int32_t function = loaded("made = seen return print", environment);
  calls(function, 0, NULL);
  CHECK_EQUAL(MP_TAG_NIL, result_tag(frame, 0));
  host_does(L, "assert(made == nil and environment.made == 7) environment = nil");
  host_forget(L, function);
  function = loaded("return print", 0);
  calls(function, 0, NULL);
  CHECK_EQUAL(MP_TAG_FUNCTION, result_tag(frame, 0));
  host_forget(L, result_handle(frame, 0));
  host_forget(L, function);
  host_forget(L, environment);
}

static void mistakesInAChunkAreReported(void) {
  CHECK_EQUAL(LUA_ERRSYNTAX, load_in(L, "return (", 0, frame));
  CHECK_EQUAL(2, frame->count);
  CHECK_TEXT("test:1: unexpected symbol near <eof>", frame, ERROR_VALUE);
  CHECK_TEXT("test:1: unexpected symbol near <eof>", frame, ERROR_MESSAGE);
  int32_t environment = host_handle(L, "return {}");
  CHECK_EQUAL(LUA_ERRSYNTAX, load_in(L, "x = = 1", environment, frame));
  CHECK_EQUAL(2, frame->count);
  host_forget(L, environment);
  host_works_on(L);
}

static void errorsInAFunctionAreReported(void) {
  int32_t function = loaded("local a = ... error(a)", 0);
  const mp_slot slots[] = {slot_text("boom"), slot_integer(5)};
  for (int i = 0; i < 2; i++) { /* with arguments that need memory, and without */
    frame_set(frame, 1, &slots[i]);
    CHECK_EQUAL(LUA_ERRRUN, mp_call(L, function, frame, FRAME_BYTES));
    CHECK_EQUAL(ERROR_VALUES, frame->count);
    CHECK_TEXT(i == 0 ? "boom" : "5", frame, ERROR_MESSAGE);
    CHECK_TEXT("stack traceback:", frame, ERROR_TRACEBACK);
    host_works_on(L);
  }
  host_forget(L, function);
}

static void whatCannotBeCalledIsAnError(void) {
  int32_t table = host_handle(L, "return {}");
  frame_set(frame, 0, NULL);
  CHECK_EQUAL(LUA_ERRRUN, mp_call(L, table, frame, FRAME_BYTES));
  CHECK_TEXT("attempt to call a table value", frame, ERROR_MESSAGE);
  host_forget(L, table);
  table = host_handle(L, "return setmetatable({}, {__call = function(self, a) return a + 1 end})");
  const mp_slot one = slot_integer(1);
  calls(table, 1, &one);
  CHECK_EQUAL(2, result_integer(frame, 0));
  host_forget(L, table);
}

/* Few and many arguments go different ways. */
static void argumentsOfEveryNumberArrive(void) {
  enum { MOST = 300 };
  int32_t function = loaded("local n = select('#', ...) return n, (select(n == 0 and 1 or n, ...))", 0);
  mp_slot slots[MOST];
  for (int i = 0; i < MOST; i++) slots[i] = slot_integer(i + 1);
  size_t byte_size = sizeof(mp_frame) + sizeof slots;
  mp_frame *large = frame_new(byte_size);
  for (int count = 0; count <= MOST; count++) {
    frame_set(large, count, slots);
    CHECK_EQUAL(LUA_OK, mp_call(L, function, large, byte_size));
    CHECK_EQUAL(count, result_integer(large, 0));
    if (count > 0) CHECK_EQUAL(count, result_integer(large, 1));
  }
  free(large);
  host_forget(L, function);
}

static void dumpsAreLoadedAgain(void) {
  int32_t function = loaded("local a = ... return a * 2, x", 0);
  int32_t environment = host_handle(L, "return {x = 'mine'}");
  for (int strip = 0; strip < 2; strip++) {
    CHECK_EQUAL(LUA_OK, mp_dump(L, function, strip, frame, FRAME_BYTES));
    CHECK_EQUAL(1, frame->count);
    size_t size = result_length(frame, 0);
    char *code = result_text(frame, 0);
    CHECK_EQUAL(LUA_ERRSYNTAX, mp_load(L, code, size, "=d", "t", 0, frame, FRAME_BYTES));
    CHECK_EQUAL(LUA_OK, mp_load(L, code, size, "=d", "b", environment, frame, FRAME_BYTES));
    int32_t copy = result_handle(frame, 0);
    const mp_slot argument = slot_integer(21);
    calls(copy, 1, &argument);
    CHECK_EQUAL(42, result_integer(frame, 0));
    CHECK_TEXT("mine", frame, 1);
    host_forget(L, copy);
    free(code);
  }
  host_forget(L, environment);
  host_forget(L, function);

  function = host_handle(L, "return print");
  CHECK_EQUAL(LUA_ERRRUN, mp_dump(L, function, 0, frame, FRAME_BYTES));
  CHECK_TEXT("unable to dump", frame, ERROR_MESSAGE);
  host_forget(L, function);
  host_works_on(L);
}

/* A binary chunk need not have an upvalue for its environment. */
static void anEnvironmentThatNothingUsesDoesNoHarm(void) {
  int32_t function = host_handle(L, "return load(string.dump(function() return 42 end))");
  CHECK_EQUAL(LUA_OK, mp_dump(L, function, 1, frame, FRAME_BYTES));
  size_t size = result_length(frame, 0);
  char *code = result_text(frame, 0);
  CHECK_EQUAL(LUA_OK, mp_load(L, code, size, "=d", "b", function, frame, FRAME_BYTES));
  int32_t copy = result_handle(frame, 0);
  calls(copy, 0, NULL);
  CHECK_EQUAL(42, result_integer(frame, 0));
  free(code);
  host_forget(L, copy);
  host_forget(L, function);
}

static void aCollectionIsAFullOne(void) {
  host_does(L, "weak = setmetatable({{}}, {__mode = 'v'})\n"
               "setmetatable({}, {__gc = function() finalized = true end})");
  CHECK_EQUAL(LUA_OK, mp_collect(L, frame, FRAME_BYTES));
  CHECK_EQUAL(0, frame->count);
  host_does(L, "assert(not weak[1] and finalized)");
}

/* ------------------------------------------------------------------------- out of memory */

static int32_t prepared;

static void prepare(lua_State *state) {
  prepared = host_handle(state, "return function(a) local t = {a} return t, a .. 'x' end");
}

static int loads(lua_State *state, mp_frame *f) {
  return load_in(state, "local function f() return {x, 'a constant'} end return f", prepared, f);
}

static int callsWithAString(lua_State *state, mp_frame *f) {
  const mp_slot slot = slot_text("an argument of more than forty bytes, made anew");
  frame_set(f, 1, &slot);
  return mp_call(state, prepared, f, FRAME_BYTES);
}

static int callsWithANumber(lua_State *state, mp_frame *f) {
  const mp_slot slot = slot_integer(123456789);
  frame_set(f, 1, &slot);
  return mp_call(state, prepared, f, FRAME_BYTES);
}

static int dumps(lua_State *state, mp_frame *f) {
  return mp_dump(state, prepared, 0, f, FRAME_BYTES);
}

static int collects(lua_State *state, mp_frame *f) { return mp_collect(state, f, FRAME_BYTES); }

static void memoryMayRunOut(void) {
  counting_heap unused;
  mp_config config = host_config(&unused);
  host_runs_out_of_memory(&config, prepare, loads, LUA_OK);
  host_runs_out_of_memory(&config, prepare, callsWithAString, LUA_OK);
  host_runs_out_of_memory(&config, prepare, callsWithANumber, LUA_OK);
  host_runs_out_of_memory(&config, prepare, dumps, LUA_OK);
  host_runs_out_of_memory(&config, prepare, collects, LUA_OK);
}

int main(void) {
  mp_config config = host_config(&heap);
  L = host_open(&config);
  frame = frame_new(FRAME_BYTES);
  RUN(loadingDoesNotRun);
  RUN(theEnvironmentIsTheFunctionsOwn);
  RUN(mistakesInAChunkAreReported);
  RUN(errorsInAFunctionAreReported);
  RUN(whatCannotBeCalledIsAnError);
  RUN(argumentsOfEveryNumberArrive);
  RUN(dumpsAreLoadedAgain);
  RUN(anEnvironmentThatNothingUsesDoesNoHarm);
  RUN(aCollectionIsAFullOne);
  RUN(memoryMayRunOut);
  free(frame);
  host_works_on(L);
  host_close(L);
  return 0;
}
