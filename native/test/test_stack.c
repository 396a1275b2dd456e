/*
 * Threads with little C stack: too little is refused, and what is not refused is enough for the
 * deepest recursion that Lua lets through. If it were not, the process would end here.
 */
#include <pthread.h>
#include <stdlib.h>

#include "host.h"

static counting_heap heap;
static lua_State *L;

static void on_stack(size_t byte_size, void *(*body)(void *), void *context) {
  pthread_t thread;
  pthread_attr_t attributes;
  CHECK_EQUAL(0, pthread_attr_init(&attributes));
  CHECK_EQUAL(0, pthread_attr_setstacksize(&attributes, byte_size));
  CHECK_EQUAL(0, pthread_create(&thread, &attributes, body, context));
  CHECK_EQUAL(0, pthread_join(thread, NULL));
  pthread_attr_destroy(&attributes);
}

static void checkRefusal(int status, const mp_frame *frame) {
  CHECK_EQUAL(MP_ERRSTACK, status);
  CHECK_EQUAL(0, frame->held);
  CHECK_TEXT("C stack", frame, ERROR_VALUE);
  CHECK_TEXT("C stack", frame, ERROR_MESSAGE);
}

static void *refused(void *unused) {
  mp_frame *frame = frame_new(FRAME_BYTES);
  checkRefusal(mp_print(L, frame, FRAME_BYTES), frame);
  CHECK_EQUAL(IDLE_TOP, lua_gettop(L)); /* the held values are gone */
  checkRefusal(host_run(L, "return 1", frame, FRAME_BYTES), frame);

  lua_State *none = L;
  counting_heap untouched;
  mp_config config = host_config(&untouched);
  checkRefusal(mp_open(&config, &none, frame, FRAME_BYTES), frame);
  CHECK(none == NULL);
  CHECK_EQUAL(0, untouched.requests);

  CHECK_EQUAL(MP_ERRSTACK, mp_close(L));
  free(frame);
  return unused;
}

static void tooLittleIsRefused(void) {
  mp_frame *header = frame_new(sizeof(mp_frame));
  CHECK_EQUAL(LUA_OK, host_run(L, "return 1", header, sizeof(mp_frame)));
  CHECK(header->held);
  free(header);
  on_stack(MP_STACK_BYTES / 2, refused, NULL);
  host_does(L, "assert(true)"); /* the state is still open */
}

static void *recurses(void *chunk) {
  free(host_results(L, LUA_ERRRUN, chunk));
  mp_release(L);
  return NULL;
}

/* Those that need most of all, by measurement: buffers of 1 KB on the stack, 200 times. */
static void whatIsNotRefusedIsEnough(void) {
  static char deep[][200] = {
      "local function f(s) return (s:gsub('.', f)) end f('x')",
      "local t = setmetatable({}, {})\n"
      "getmetatable(t).__index = function() return table.concat(t, ',', 1, 1) end\n"
      "return t[1]",
      "local t = setmetatable({}, {})\n"
      "getmetatable(t).__tostring = function() return ('%s'):format(t) end\n"
      "return tostring(t)",
      "local function f() return coroutine.wrap(f)() end f()",
  };
  for (size_t i = 0; i < sizeof deep / sizeof *deep; i++) {
    on_stack(MP_STACK_BYTES + 16 * 1024, recurses, deep[i]);
  }
}

int main(void) {
  mp_config config = host_config(&heap);
  L = host_open(&config);
  RUN(tooLittleIsRefused);
  RUN(whatIsNotRefusedIsEnough);
  host_close(L);
  return 0;
}
