/* Coroutines that the runtime makes, resumes and closes. Foreign functions in them: test_foreign.c */
#include <stdlib.h>
#include <string.h>

#include "host.h"

static counting_heap heap;
static lua_State *L;
static mp_frame *frame;

static int32_t create(const char *function) {
  int32_t handle = host_handle(L, function);
  CHECK_EQUAL(LUA_OK, mp_new_coroutine(L, handle, frame, FRAME_BYTES));
  CHECK_EQUAL(1, frame->count);
  CHECK_EQUAL(MP_TAG_THREAD, result_tag(frame, 0));
  host_forget(L, handle);
  return result_handle(frame, 0);
}

static int resume(int32_t coroutine, int count, const mp_slot *slots) {
  frame_set(frame, count, slots);
  return mp_resume(L, coroutine, frame, FRAME_BYTES);
}

static void checkStatus(int32_t coroutine, int status) {
  static const char *const names[] = {"suspended", "running", "normal", "dead"};
  CHECK_EQUAL(status, mp_coroutine_status(L, coroutine));
  char chunk[100] = "assert(coroutine.status(co) == '";
  host_global(L, "co", coroutine);
  strcat(strcat(chunk, names[status]), "') co = nil");
  host_does(L, chunk);
}

static void valuesGoBackAndForth(void) {
  int32_t co = create("return function(a, b) local c = coroutine.yield(a + b, 'sum')\n"
                      "local d, e = coroutine.yield(c) return d, e, 'end' end");
  checkStatus(co, MP_SUSPENDED);
  const mp_slot numbers[] = {slot_integer(1), slot_integer(2)};
  CHECK_EQUAL(LUA_YIELD, resume(co, 2, numbers));
  CHECK_EQUAL(2, frame->count);
  CHECK_EQUAL(3, result_integer(frame, 0));
  CHECK_TEXT("sum", frame, 1);
  checkStatus(co, MP_SUSPENDED);
  const mp_slot text = slot_text("text");
  CHECK_EQUAL(LUA_YIELD, resume(co, 1, &text));
  CHECK_EQUAL(1, frame->count);
  CHECK_TEXT("text", frame, 0);
  CHECK_EQUAL(LUA_OK, resume(co, 2, numbers));
  CHECK_EQUAL(3, frame->count);
  CHECK_EQUAL(2, result_integer(frame, 1));
  checkStatus(co, MP_DEAD);
  host_forget(L, co);
  host_works_on(L);
}

static void whatDoesNotFitIsHeld(void) {
  int32_t co = create("return function(...) while true do\n"
                      "coroutine.yield(('x'):rep(5000), select('#', ...)) end end");
  for (int i = 0; i < 3; i++) {
    CHECK_EQUAL(LUA_YIELD, resume(co, 0, NULL));
    CHECK(frame->held);
    CHECK_EQUAL(5000, result_length(frame, 0));
    CHECK_EQUAL(0, result_integer(frame, 1));
  }
  host_works_on(L);
  host_forget(L, co);
}

static void manyValuesGoBackAndForth(void) {
  enum { COUNT = 50000 };
  int32_t co = create("return function(...) local n = select('#', ...)\n"
                      "while true do n = select('#', coroutine.yield(n, ...)) end end");
  size_t byte_size = sizeof(mp_frame) + COUNT * sizeof(mp_slot);
  mp_frame *large = frame_new(byte_size);
  for (int round = 0; round < 3; round++) {
    large->count = large->written = COUNT;
    for (int i = 0; i < COUNT; i++) large->slots[i] = slot_integer(i);
    CHECK_EQUAL(LUA_YIELD, mp_resume(L, co, large, byte_size));
    CHECK_EQUAL(COUNT + 1, large->count);
    CHECK_EQUAL(COUNT, result_integer(large, 0));
    mp_release(L);
  }
  free(large);
  host_forget(L, co);
}

static void anErrorEndsItAndClosesIt(void) {
  int32_t co = create("return function()\n"
                      "  local x <close> = setmetatable({}, {__close = function(_, e) closed = e end})\n"
                      "  local function inner() error(problem) end\n"
                      "  inner()\n"
                      "end");
  host_does(L, "problem = setmetatable({}, {__tostring = function() return 'a problem' end})");
  CHECK_EQUAL(LUA_ERRRUN, resume(co, 0, NULL));
  CHECK_EQUAL(ERROR_VALUES, frame->count);
  CHECK_EQUAL(MP_TAG_TABLE, result_tag(frame, ERROR_VALUE));
  CHECK_TEXT("a problem", frame, ERROR_MESSAGE);
  CHECK_TEXT("in local 'inner'", frame, ERROR_TRACEBACK);
  CHECK(result_length(frame, ERROR_LEVELS) >= 2);
  host_does(L, "assert(closed == problem) closed = nil");
  checkStatus(co, MP_DEAD);
  CHECK_EQUAL(LUA_ERRRUN, resume(co, 0, NULL));
  CHECK_TEXT("cannot resume", frame, ERROR_MESSAGE);
  checkStatus(co, MP_DEAD);
  host_forget(L, co);
  host_works_on(L);
}

/* It is closed even so. */
static void errorsOfTheErrorAreReported(void) {
  static const char *const tostring[][2] = {
      {"error('worse', 0)", "worse"},
      {"return {}", "(error object is a table value)"},
      {"error('not enough memory', 0)", "not enough memory"},
  };
  for (int i = 0; i < 3; i++) {
    char chunk[400] = "closed = nil return function()\n"
                      "  local x <close> = setmetatable({}, {__close = function() closed = true end})\n"
                      "  error(setmetatable({}, {__tostring = function() ";
    int32_t co = create(strcat(strcat(chunk, tostring[i][0]), " end})) end"));
    CHECK_EQUAL(i == 2 ? LUA_ERRMEM : LUA_ERRRUN, resume(co, 0, NULL));
    CHECK_TEXT(tostring[i][1], frame, i == 1 ? ERROR_MESSAGE : ERROR_VALUE);
    host_does(L, "assert(closed)");
    checkStatus(co, MP_DEAD);
    host_forget(L, co);
    host_works_on(L);
  }
}

static void errorsWhileItIsClosedComeTooLate(void) {
  int32_t co = create("return function()\n"
                      "  local x <close> = setmetatable({}, {__close = function() error('2nd') end})\n"
                      "  error('1st') end");
  CHECK_EQUAL(LUA_ERRRUN, resume(co, 0, NULL));
  CHECK_TEXT("1st", frame, ERROR_VALUE);
  checkStatus(co, MP_DEAD);
  CHECK_EQUAL(LUA_OK, mp_close_coroutine(L, co, frame, FRAME_BYTES));
  host_forget(L, co);
}

static void deadOnesCannotBeResumed(void) {
  int32_t co = create("return function() end");
  CHECK_EQUAL(LUA_OK, resume(co, 0, NULL));
  CHECK_EQUAL(0, frame->count);
  const mp_slot one = slot_integer(1);
  CHECK_EQUAL(LUA_ERRRUN, resume(co, 1, &one));
  CHECK_TEXT("cannot resume", frame, ERROR_MESSAGE);
  checkStatus(co, MP_DEAD);
  host_forget(L, co);
}

static void theMainThreadCannotBeResumedNorClosed(void) {
  int32_t main = host_handle(L, "return (coroutine.running())");
  CHECK_EQUAL(MP_RUNNING, mp_coroutine_status(L, main));
  CHECK_EQUAL(LUA_ERRRUN, resume(main, 0, NULL));
  CHECK_TEXT("cannot resume", frame, ERROR_MESSAGE);
  CHECK_EQUAL(LUA_ERRRUN, mp_close_coroutine(L, main, frame, FRAME_BYTES));
  CHECK_TEXT("cannot close a coroutine that is running", frame, ERROR_MESSAGE);
  host_forget(L, main);
  host_works_on(L);
}

static void whatIsNoneIsAnError(void) {
  int32_t table = host_handle(L, "return {}");
  CHECK_EQUAL(LUA_ERRRUN, mp_new_coroutine(L, table, frame, FRAME_BYTES));
  CHECK_EQUAL(MP_DEAD, mp_coroutine_status(L, table));
  CHECK_EQUAL(LUA_ERRRUN, resume(table, 0, NULL));
  CHECK_TEXT("cannot resume", frame, ERROR_MESSAGE);
  host_forget(L, table);
  host_works_on(L);
}

static void closingRunsWhatIsToBeClosed(void) {
  int32_t co = create("closed = nil return function()\n"
                      "  local x <close> = setmetatable({}, {__close = function() closed = true end})\n"
                      "  coroutine.yield() end");
  CHECK_EQUAL(LUA_YIELD, resume(co, 0, NULL));
  CHECK_EQUAL(LUA_OK, mp_close_coroutine(L, co, frame, FRAME_BYTES));
  CHECK_EQUAL(0, frame->count);
  host_does(L, "assert(closed)");
  checkStatus(co, MP_DEAD);
  CHECK_EQUAL(LUA_OK, mp_close_coroutine(L, co, frame, FRAME_BYTES)); /* nothing to do */
  CHECK_EQUAL(LUA_ERRRUN, resume(co, 0, NULL));
  host_forget(L, co);

  co = create("return function()\n"
              "  local x <close> = setmetatable({}, {__close = function() error('late') end})\n"
              "  coroutine.yield() end");
  CHECK_EQUAL(LUA_YIELD, resume(co, 0, NULL));
  CHECK_EQUAL(LUA_ERRRUN, mp_close_coroutine(L, co, frame, FRAME_BYTES));
  CHECK_TEXT("late", frame, ERROR_MESSAGE);
  checkStatus(co, MP_DEAD);
  host_forget(L, co);

  co = create("return print"); /* never started */
  CHECK_EQUAL(LUA_OK, mp_close_coroutine(L, co, frame, FRAME_BYTES));
  checkStatus(co, MP_DEAD);
  host_forget(L, co);
  host_works_on(L);
}

static void scriptsAndTheRuntimeShareThem(void) {
  int32_t co = create("return function(...) local n = 0\n"
                      "while true do n = n + 1 coroutine.yield(n) end end");
  host_global(L, "shared", co);
  CHECK_EQUAL(LUA_YIELD, resume(co, 0, NULL));
  CHECK_EQUAL(1, result_integer(frame, 0));
  host_does(L, "local ok, n = coroutine.resume(shared) assert(ok and n == 2)");
  CHECK_EQUAL(LUA_YIELD, resume(co, 0, NULL));
  CHECK_EQUAL(3, result_integer(frame, 0));
  host_does(L, "assert(coroutine.close(shared)) shared = nil");
  CHECK_EQUAL(MP_DEAD, mp_coroutine_status(L, co));
  host_forget(L, co);
}

static void stackOverflowsEndACoroutineOnly(void) {
  int32_t co = create("return function() local function f() return 1 + f() end f() end");
  CHECK_EQUAL(LUA_ERRRUN, resume(co, 0, NULL));
  CHECK_TEXT("stack overflow", frame, ERROR_MESSAGE);
  CHECK(frame->count >= ERROR_LEVELS);
  checkStatus(co, MP_DEAD);
  host_forget(L, co);
  host_works_on(L);
}

static void manyCanBeSuspended(void) {
  enum { COUNT = 10000 };
  int32_t *all = malloc(COUNT * sizeof *all);
  CHECK(all != NULL);
  for (int i = 0; i < COUNT; i++)
    all[i] = create("return function(n) while true do n = coroutine.yield(n + 1) end end");
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < COUNT; i++) {
      const mp_slot n = slot_integer(i);
      CHECK_EQUAL(LUA_YIELD, resume(all[i], 1, &n));
      CHECK_EQUAL(i + 1, result_integer(frame, 0));
    }
    CHECK_EQUAL(LUA_OK, mp_collect(L, frame, FRAME_BYTES));
  }
  int64_t live = heap.live_bytes;
  mp_forget(L, all, COUNT);
  CHECK_EQUAL(LUA_OK, mp_collect(L, frame, FRAME_BYTES));
  CHECK(live - heap.live_bytes > COUNT * 500);
  free(all);
}

/* ------------------------------------------------------------------------- out of memory */

static int32_t prepared;

static void prepareFunction(lua_State *state) { prepared = host_handle(state, "return print"); }

static int creates(lua_State *state, mp_frame *f) {
  return mp_new_coroutine(state, prepared, f, FRAME_BYTES);
}

static void prepareCoroutine(lua_State *state) {
  prepared = host_handle(state, "return coroutine.create(function(a)\n"
                                "  local x <close> = setmetatable({}, {__close = function() end})\n"
                                "  coroutine.yield({a .. 'x'}, ('y'):rep(50)) end)");
}

static void prepareFailing(lua_State *state) {
  prepared = host_handle(state, "return coroutine.create(function(a)\n"
                                "  local x <close> = setmetatable({}, {__close = function() end})\n"
                                "  error(setmetatable({}, {__tostring = function()\n"
                                "    return 'made' .. a end})) end)");
}

static int resumes(lua_State *state, mp_frame *f) {
  const mp_slot slot = slot_text("an argument of more than forty bytes, made anew");
  frame_set(f, 1, &slot);
  int status = mp_resume(state, prepared, f, FRAME_BYTES);
  if (status != LUA_YIELD && status != LUA_OK) {
    counting_heap *of;
    lua_getallocf(state, (void **)&of);
    counting_heap_serve(of);
    int now = mp_coroutine_status(state, prepared); /* not started at all, or closed */
    CHECK(now == MP_DEAD || now == MP_SUSPENDED);
  }
  return status;
}

static int closes(lua_State *state, mp_frame *f) {
  return mp_close_coroutine(state, prepared, f, FRAME_BYTES);
}

static void memoryMayRunOut(void) {
  counting_heap unused;
  mp_config config = host_config(&unused);
  host_runs_out_of_memory(&config, prepareFunction, creates, LUA_OK);
  host_runs_out_of_memory(&config, prepareCoroutine, resumes, LUA_YIELD);
  host_runs_out_of_memory(&config, prepareCoroutine, closes, LUA_OK);
  host_runs_out_of_memory(&config, prepareFailing, resumes, LUA_ERRRUN);
}

int main(void) {
  mp_config config = host_config(&heap);
  L = host_open(&config);
  frame = frame_new(FRAME_BYTES);
  RUN(valuesGoBackAndForth);
  RUN(whatDoesNotFitIsHeld);
  RUN(manyValuesGoBackAndForth);
  RUN(anErrorEndsItAndClosesIt);
  RUN(errorsOfTheErrorAreReported);
  RUN(errorsWhileItIsClosedComeTooLate);
  RUN(deadOnesCannotBeResumed);
  RUN(theMainThreadCannotBeResumedNorClosed);
  RUN(whatIsNoneIsAnError);
  RUN(closingRunsWhatIsToBeClosed);
  RUN(scriptsAndTheRuntimeShareThem);
  RUN(stackOverflowsEndACoroutineOnly);
  RUN(manyCanBeSuspended);
  RUN(memoryMayRunOut);
  free(frame);
  host_works_on(L);
  host_close(L);
  return 0;
}
