/* mp_run with memory that runs out at every possible request. */
#include <stdlib.h>

#include "host.h"

/* Something of everything that allocates. */
static const char *const busy =
    "local t = {}\n"
    "for i = 1, 40 do t[i] = {i, tostring(i), function() return t, i end} end\n"
    "local s = table.concat({('x'):rep(300), 'y', 1.5})\n"
    "local co = coroutine.wrap(function(...) for i = 1, 5 do coroutine.yield(i) end end)\n"
    "for i = 1, 5 do assert(co() == i) end\n"
    "assert(load('return ' .. #s))\n"
    "local closed <close> = setmetatable({}, {__close = function() t = nil end})\n"
    "setmetatable({}, {__gc = function() return {} end})\n"
    "collectgarbage('step')\n"
    "assert(not pcall(error, {}))\n"
    "return s, s:upper(), #t";

/* Nothing is known of the error beside its message, if even that was made. */
static void checkNoDetails(const mp_frame *results) {
  if (results->count == ERROR_TRACEBACK) {
    CHECK_TEXT("not enough memory", results, ERROR_MESSAGE);
  } else {
    CHECK_EQUAL(ERROR_VALUES, results->count);
    for (int i = ERROR_MESSAGE; i < ERROR_VALUES; i++)
      CHECK_EQUAL(MP_TAG_FALSE, result_tag(results, i));
  }
}

static void succeedsOrReportsNoMemory(const char *chunk, int64_t refused, int last) {
  int status;
  int64_t after = 0;
  do {
    counting_heap heap;
    mp_config config = host_config(&heap);
    lua_State *L = host_open(&config);
    mp_frame *results = frame_new(FRAME_BYTES);
    counting_heap_refuse(&heap, after++, refused);
    status = host_run(L, chunk, results, FRAME_BYTES);
    counting_heap_serve(&heap);
    if (status == LUA_ERRMEM) {
      CHECK_TEXT("not enough memory", results, ERROR_VALUE);
      checkNoDetails(results);
    } else {
      CHECK_EQUAL(last, status);
    }
    mp_release(L);
    host_does(L, "local t = {} for i = 1, 100 do t[i] = {tostring(i)} end assert(#t == 100)");
    free(results);
    host_close(L);
  } while (status == LUA_ERRMEM || after < 400);
}

static void callsSucceedOrReportNoMemory(void) {
  succeedsOrReportsNoMemory(busy, INT64_MAX, LUA_OK);
}

static void oneRefusedRequestIsMadeAgain(void) { succeedsOrReportsNoMemory(busy, 1, LUA_OK); }

static void errorsSurviveLackOfMemory(void) {
  succeedsOrReportsNoMemory("local t = {__tostring = function() return 'a' .. 1 end}\n"
                            "local function f() error(setmetatable(t, t)) end f()",
                            INT64_MAX, LUA_ERRRUN);
  succeedsOrReportsNoMemory("x = = 1", INT64_MAX, LUA_ERRSYNTAX);
}

static void argumentsSurviveLackOfMemory(void) {
  int status;
  int64_t after = 0;
  const mp_slot slots[] = {slot_string("a string as argument that is a long one for Lua", 47),
                           slot_string("short", 5), slot_integer(1)};
  mp_frame *arguments = frame_of(3, slots);
  do {
    counting_heap heap;
    mp_config config = host_config(&heap);
    lua_State *L = host_open(&config);
    mp_frame *results = frame_new(FRAME_BYTES);
    counting_heap_refuse(&heap, after++, INT64_MAX);
    status = mp_run(L, "return ...", 10, "=test", "t", arguments, results, FRAME_BYTES);
    CHECK(status == LUA_OK || status == LUA_ERRMEM);
    mp_release(L);
    free(results);
    host_close(L);
  } while (status != LUA_OK);
  free(arguments);
}

/* A script that catches its memory error keeps the state as it was. */
static void scriptsCanCatchIt(void) {
  counting_heap heap;
  mp_config config = host_config(&heap);
  lua_State *L = host_open(&config);
  counting_heap_refuse(&heap, 500, INT64_MAX);
  mp_frame *results = host_results(
      L, LUA_OK, "return pcall(function() local t = {} while true do t[#t + 1] = {} end end)");
  counting_heap_serve(&heap);
  CHECK_EQUAL(MP_TAG_FALSE, result_tag(results, 0));
  CHECK_TEXT("not enough memory", results, 1);
  free(results);
  host_close(L);
}

int main(void) {
  RUN(callsSucceedOrReportNoMemory);
  RUN(oneRefusedRequestIsMadeAgain);
  RUN(errorsSurviveLackOfMemory);
  RUN(argumentsSurviveLackOfMemory);
  RUN(scriptsCanCatchIt);
  return 0;
}
