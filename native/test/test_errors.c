/* Errors: none leaves mp_run, each has a status, a message and, where Lua ran, a traceback. */
#include <stdlib.h>
#include <string.h>

#include "host.h"

static counting_heap heap;
static lua_State *L;

/* Runs the chunk, which must fail so, and checks that the state works on. */
static mp_frame *fails(int status, const char *chunk) {
  mp_frame *results = host_results(L, status, chunk);
  CHECK_EQUAL(2, results->count);
  CHECK_EQUAL(2, results->written);
  CHECK_EQUAL(MP_TAG_STRING, result_tag(results, 0));
  return results;
}

static void worksOn(mp_frame *results) {
  mp_release(L);
  free(results);
  CHECK_EQUAL(0, lua_gettop(L));
  host_does(L, "assert(#('x'):rep(100) == 100)");
}

static void failsWith(int status, const char *message, const char *chunk) {
  mp_frame *results = fails(status, chunk);
  CHECK_TEXT(message, results, 0);
  worksOn(results);
}

static void syntaxErrorsHaveNoTraceback(void) {
  mp_frame *results = fails(LUA_ERRSYNTAX, "return (");
  CHECK_TEXT("test:1: unexpected symbol near <eof>", results, 0);
  CHECK_EQUAL(MP_TAG_NIL, result_tag(results, 1));
  worksOn(results);
}

static void runtimeErrorsHaveATraceback(void) {
  mp_frame *results = fails(LUA_ERRRUN,
                            "local function inner() local x = nil + 1 end\n"
                            "function outer() inner() end\n"
                            "outer()");
  CHECK_TEXT("test:1: attempt to perform arithmetic on a nil value", results, 0);
  CHECK_TEXT("stack traceback:", results, 1);
  CHECK_TEXT("in upvalue 'inner'", results, 1);
  CHECK_TEXT("in function 'outer'", results, 1);
  CHECK_TEXT("test:3: in main chunk", results, 1);
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
  CHECK_TEXT("stack overflow", results, 0);
  CHECK_TEXT("stack traceback:", results, 1);
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
  CHECK_TEXT("overflow", results, 0);
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
    CHECK_TEXT("not enough memory", results, 0);
    CHECK_EQUAL(MP_TAG_NIL, result_tag(results, 1));
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
  RUN(messagesThatAreNoStringsBecomeStrings);
  RUN(errorsInToStringAreReported);
  RUN(errorsInTheScriptsOwnHandlerStayInside);
  RUN(stackOverflowsEndTheCallOnly);
  RUN(cStackOverflowsEndTheCallOnly);
  RUN(modeDecidesWhatIsLoaded);
  host_close(L);
  return 0;
}
