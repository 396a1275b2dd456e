/*
 * os.exit of a guest, and in a process of Lua's own. A hook may not return, so the one here jumps out, which
 * leaves the state unusable: what it still has on the heap is freed behind its back.
 */
#include <setjmp.h>
#include <stdlib.h>

#include "host.h"

static struct {
  jmp_buf jump;
  void *ud;
  int status, closed;
} left;

static void leave(void *ud, int status, int closed) {
  left.ud = ud;
  left.status = status;
  left.closed = closed;
  longjmp(left.jump, 1);
}

static void checkExit(const char *chunk, int status, int closed) {
  static counting_heap heap; /* static: longjmp may spoil what a local holds */
  mp_config config = host_config(&heap);
  lua_State *L = host_open(&config);
  static mp_frame *results;
  results = frame_new(FRAME_BYTES);
  if (setjmp(left.jump) == 0) {
    host_run(L, chunk, results, FRAME_BYTES);
    check_failed(__FILE__, __LINE__, chunk);
  }
  CHECK(left.ud == &heap);
  CHECK_EQUAL(status, left.status);
  CHECK_EQUAL(closed, left.closed != 0);
  CHECK_EQUAL(closed, heap.live_bytes == 0);
  counting_heap_clear(&heap);
  free(results);
}

static void theHookGetsTheStatus(void) {
  checkExit("os.exit()", EXIT_SUCCESS, 0);
  checkExit("os.exit(true)", EXIT_SUCCESS, 0);
  checkExit("os.exit(false)", EXIT_FAILURE, 0);
  checkExit("os.exit(7)", 7, 0);
  checkExit("os.exit(-1, false)", -1, 0);
}

static void theStateIsClosedIfAsked(void) {
  checkExit("os.exit(3, true)", 3, 1);
  checkExit("os.exit(true, true)", EXIT_SUCCESS, 1);
  checkExit("local x <close> = setmetatable({}, {__close = function() end})\n"
            "os.exit(5, true)", 5, 1);
  checkExit("setmetatable({}, {__gc = function() return {} end}) os.exit(6, true)", 6, 1);
}

static void itWorksInCoroutinesAndProtectedCalls(void) {
  checkExit("coroutine.wrap(function() os.exit(8) end)()", 8, 0);
  checkExit("coroutine.wrap(function() os.exit(9, true) end)()", 9, 1);
  checkExit("coroutine.wrap(function()\n"
            "  local x <close> = setmetatable({}, {__close = function() end})\n"
            "  coroutine.wrap(function() pcall(os.exit, 10, true) end)()\n"
            "end)()", 10, 1);
  checkExit("pcall(os.exit, 11)", 11, 0);
}

static void aGuestGetsAnError(void) {
  counting_heap heap;
  mp_config config = host_config(&heap);
  lua_State *L = host_open(&config);
  mp_frame *results = host_results(L, LUA_ERRRUN, "os.exit(1, true)");
  CHECK_TEXT("os.exit", results, ERROR_MESSAGE);
  free(results);
  host_does(L, "assert(not pcall(os.exit))");
  host_does(L, "assert(not debug.setupvalue(os.exit, 1, io.stdout) and not pcall(os.exit))");
  host_does(L, "assert(not coroutine.resume(coroutine.create(os.exit), 1, true))");
  host_close(L);
}

static void badArgumentsAreErrors(void) {
  counting_heap heap;
  mp_config config = host_config(&heap);
  lua_State *L = host_open(&config);
  free(host_results(L, LUA_ERRRUN, "os.exit('no number')"));
  free(host_results(L, LUA_ERRRUN, "os.exit({})"));
  host_close(L);
}

int main(void) {
  RUN(aGuestGetsAnError);
  mp_own_process(leave);
  RUN(theHookGetsTheStatus);
  RUN(theStateIsClosedIfAsked);
  RUN(itWorksInCoroutinesAndProtectedCalls);
  RUN(badArgumentsAreErrors);
  return 0;
}
