/* Errors: none leaves mp_run, each has a status, a message and, where Lua ran, a traceback. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

static counting_heap heap;
static lua_State *L;

/* Runs the chunk, which must fail so, and checks that the state works on. */
static mp_frame *fails(int status, const char *chunk) {
  mp_frame *results = host_results(L, status, chunk);
  int values = status == LUA_ERRSYNTAX ? ERROR_TRACEBACK : ERROR_VALUES;
  CHECK_EQUAL(values, results->count);
  CHECK_EQUAL(values, results->written);
  return results;
}

static void worksOn(mp_frame *results) {
  mp_release(L);
  free(results);
  CHECK_EQUAL(IDLE_TOP, lua_gettop(L));
  host_does(L, "assert(#('x'):rep(100) == 100)");
}

static void failsWith(int status, const char *message, const char *chunk) {
  mp_frame *results = fails(status, chunk);
  CHECK_TEXT(message, results, ERROR_MESSAGE);
  worksOn(results);
}

static void syntaxErrorsHaveNoTraceback(void) {
  mp_frame *results = fails(LUA_ERRSYNTAX, "return (");
  CHECK_TEXT("test:1: unexpected symbol near <eof>", results, ERROR_VALUE);
  CHECK_TEXT("test:1: unexpected symbol near <eof>", results, ERROR_MESSAGE);
  worksOn(results);
}

static void runtimeErrorsHaveATraceback(void) {
  mp_frame *results = fails(LUA_ERRRUN,
                            "local function inner() local x = nil + 1 end\n"
                            "function outer() inner() end\n"
                            "outer()");
  CHECK_TEXT("test:1: attempt to perform arithmetic on a nil value", results, ERROR_VALUE);
  CHECK_TEXT("test:1: attempt to perform arithmetic on a nil value", results, ERROR_MESSAGE);
  CHECK_TEXT("stack traceback:", results, ERROR_TRACEBACK);
  CHECK_TEXT("in upvalue 'inner'", results, ERROR_TRACEBACK);
  CHECK_TEXT("in function 'outer'", results, ERROR_TRACEBACK);
  CHECK_TEXT("test:3: in main chunk", results, ERROR_TRACEBACK);
  worksOn(results);
}

/* A byte for each level that the traceback shows, of which there are at most 22. */
static void levelsMatchTheTraceback(void) {
  for (int depth = 1; depth < 60; depth++) {
    char chunk[200];
    snprintf(chunk, sizeof chunk, "local function f(n) if n == 0 then error('deep') end f(n - 1) "
             "return 1 end f(%d)", depth);
    mp_frame *results = frame_new(8 * FRAME_BYTES);
    CHECK_EQUAL(LUA_ERRRUN, host_run(L, chunk, results, 8 * FRAME_BYTES));
    char *traceback = result_text(results, ERROR_TRACEBACK);
    size_t lines = 0;
    for (const char *s = traceback; (s = strchr(s, '\n')) != NULL; s++) lines++;
    if (strstr(traceback, "(skipping ") != NULL) lines--;
    CHECK_EQUAL(lines, result_length(results, ERROR_LEVELS));
    const char *levels = results->slots[ERROR_LEVELS].payload.address;
    for (size_t i = 0; i < lines; i++) CHECK_EQUAL(0, levels[i]);
    free(traceback);
    worksOn(results);
  }
}

static void theErrorValueComesAsItIs(void) {
  mp_frame *results = fails(LUA_ERRRUN, "problem = {} error(problem)");
  CHECK_EQUAL(MP_TAG_TABLE, result_tag(results, ERROR_VALUE));
  host_global(L, "caught", result_handle(results, ERROR_VALUE));
  host_forget(L, result_handle(results, ERROR_VALUE));
  host_does(L, "assert(caught == problem) caught = nil");
  worksOn(results);
  results = fails(LUA_ERRRUN, "error(42)");
  CHECK_EQUAL(42, result_integer(results, ERROR_VALUE));
  CHECK_TEXT("42", results, ERROR_MESSAGE);
  worksOn(results);
  results = fails(LUA_ERRRUN, "error(nil)");
  CHECK_EQUAL(MP_TAG_NIL, result_tag(results, ERROR_VALUE));
  worksOn(results);
}

/* The last error counts, and what is known is of that one. */
static void errorsWhileClosingReplaceTheFirst(void) {
  const char *close = "local x <close> = setmetatable({}, {__close = function() %s end})\n"
                      "error('1st')";
  char chunk[200];
  snprintf(chunk, sizeof chunk, close, "error('2nd')");
  mp_frame *results = fails(LUA_ERRRUN, chunk);
  CHECK_TEXT("2nd", results, ERROR_VALUE);
  CHECK_TEXT("2nd", results, ERROR_MESSAGE);
  worksOn(results);
  snprintf(chunk, sizeof chunk, close, "error('not enough memory', 0)");
  results = fails(LUA_ERRMEM, chunk);
  CHECK_TEXT("not enough memory", results, ERROR_VALUE);
  CHECK_EQUAL(MP_TAG_FALSE, result_tag(results, ERROR_MESSAGE));
  CHECK_EQUAL(MP_TAG_FALSE, result_tag(results, ERROR_TRACEBACK));
  worksOn(results);
}

static void messagesThatAreNoStringsBecomeStrings(void) {
  failsWith(LUA_ERRRUN, "(error object is a table value)", "error({})");
  failsWith(LUA_ERRRUN, "(error object is a nil value)", "error(nil)");
  failsWith(LUA_ERRRUN, "(error object is a nil value)", "error()");
  failsWith(LUA_ERRRUN, "(error object is a boolean value)", "error(false)");
  failsWith(LUA_ERRRUN, "(error object is a function value)", "error(print)");
  failsWith(LUA_ERRRUN, "pretty",
            "error(setmetatable({}, {__tostring = function() return 'pretty' end}))");
  failsWith(LUA_ERRRUN, "(error object is a table value)",
            "error(setmetatable({}, {__tostring = function() return {} end}))");
}

static void errorsInToStringAreReported(void) {
  failsWith(LUA_ERRRUN, "worse",
            "error(setmetatable({}, {__tostring = function() error('worse', 0) end}))");
  failsWith(LUA_ERRRUN, "C stack overflow", /* the message handler within itself */
            "local t = setmetatable({}, {}) "
            "getmetatable(t).__tostring = function() error(t) end error(t)");
  failsWith(LUA_ERRRUN, "stack overflow",
            "local function f() return 1 + f() end error(setmetatable({}, {__tostring = f}))");
}

static void errorsInTheScriptsOwnHandlerStayInside(void) {
  host_does(L, "assert(not xpcall(error, function() error('again') end, 'first'))");
  host_does(L, "local function handler() return handler() + {} end\n"
               "assert(not xpcall(error, handler, 'first'))");
}

static void stackOverflowsEndTheCallOnly(void) {
  mp_frame *results = fails(LUA_ERRRUN, "local function f() return 1 + f() end return f()");
  CHECK_TEXT("stack overflow", results, ERROR_MESSAGE);
  CHECK_TEXT("stack traceback:", results, ERROR_TRACEBACK);
  worksOn(results);
  failsWith(LUA_ERRRUN, "stack overflow", "local t = {} for i = 1, 250 do t[i] = i end\n"
            "local function f(...) return select('#', f(...)) end return f(table.unpack(t))");
}

static void cStackOverflowsEndTheCallOnly(void) {
  failsWith(LUA_ERRRUN, "C stack overflow",
            "local function f(s) return (s:gsub('.', f)) end f('x')");
  failsWith(LUA_ERRRUN, "C stack overflow",
            "local t = setmetatable({}, {}) "
            "getmetatable(t).__index = function(t, k) return t[k] end return t.x");
  failsWith(LUA_ERRRUN, "C stack overflow",
            "local function f() return coroutine.wrap(f)() end f()");

  size_t depth = 100000;
  char *nested = malloc(depth + 1);
  CHECK(nested != NULL);
  memset(nested, '(', depth);
  nested[depth] = '\0';
  mp_frame *results = frame_new(FRAME_BYTES);
  CHECK(host_run(L, nested, results, FRAME_BYTES) != LUA_OK);
  CHECK_TEXT("overflow", results, ERROR_MESSAGE);
  worksOn(results);
  free(nested);
}

/* A memory error is raised without the message handler, so there is no traceback. */
static void memoryErrorsHaveNoTraceback(void) {
  for (int round = 0; round < 2; round++) {
    counting_heap_serve(&heap);
    host_does(L, "collectgarbage()");
    counting_heap_refuse(&heap, 20, INT64_MAX);
    mp_frame *results = fails(LUA_ERRMEM, "local t = {} while true do t[#t + 1] = {} end");
    counting_heap_serve(&heap);
    CHECK_TEXT("not enough memory", results, ERROR_VALUE);
    for (int i = ERROR_MESSAGE; i < ERROR_VALUES; i++)
      CHECK_EQUAL(MP_TAG_FALSE, result_tag(results, i));
    worksOn(results);
    worksOn(fails(LUA_ERRRUN, "error('leaves a traceback behind')"));
  }
}

static void modeDecidesWhatIsLoaded(void) {
  const char *dump = "return string.dump(function() return 42 end)";
  mp_frame *none = frame_of(0, NULL);
  mp_frame *binary = host_results(L, LUA_OK, dump);
  char *bytes = result_text(binary, 0);
  size_t size = result_length(binary, 0);
  mp_frame *results = frame_new(FRAME_BYTES);

  CHECK_EQUAL(LUA_ERRSYNTAX, mp_run(L, bytes, size, "=b", "t", none, results, FRAME_BYTES));
  CHECK_TEXT("attempt to load a binary chunk", results, 0);
  CHECK_EQUAL(LUA_OK, mp_run(L, bytes, size, "=b", "b", none, results, FRAME_BYTES));
  CHECK_EQUAL(42, results->slots[0].payload.integer);
  CHECK_EQUAL(LUA_OK, mp_run(L, bytes, size, "=b", "bt", none, results, FRAME_BYTES));
  CHECK_EQUAL(LUA_ERRSYNTAX, mp_run(L, "return 1", 8, "=t", "b", none, results, FRAME_BYTES));
  CHECK_TEXT("attempt to load a text chunk", results, 0);

  /* All of the chunk counts, NULs too; and the name appears as lua_load makes it. */
  CHECK_EQUAL(LUA_ERRSYNTAX, mp_run(L, "return\0 1", 9, "@file", "t", none, results, FRAME_BYTES));
  CHECK_TEXT("file:1:", results, 0);
  mp_release(L);
  free(bytes);
  free(results);
  free(binary);
  free(none);
}

int main(void) {
  mp_config config = host_config(&heap);
  L = host_open(&config);
  RUN(memoryErrorsHaveNoTraceback);
  RUN(syntaxErrorsHaveNoTraceback);
  RUN(runtimeErrorsHaveATraceback);
  RUN(levelsMatchTheTraceback);
  RUN(theErrorValueComesAsItIs);
  RUN(errorsWhileClosingReplaceTheFirst);
  RUN(messagesThatAreNoStringsBecomeStrings);
  RUN(errorsInToStringAreReported);
  RUN(errorsInTheScriptsOwnHandlerStayInside);
  RUN(stackOverflowsEndTheCallOnly);
  RUN(cStackOverflowsEndTheCallOnly);
  RUN(modeDecidesWhatIsLoaded);
  host_close(L);
  return 0;
}
