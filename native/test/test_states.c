/* Opening and closing states: libraries, flags, memory that runs out on the way. */
#include <stdlib.h>
#include <string.h>

#include "host.h"

static void opensAndCloses(void) {
  counting_heap heap;
  mp_config config = host_config(&heap);
  host_close(host_open(&config));
}

static void opensNothingThatWasNotAskedFor(void) {
  counting_heap heap;
  mp_config config = host_config(&heap);
  config.libraries = 0;
  lua_State *L = host_open(&config);
  mp_frame *results = host_results(L, LUA_OK, "return _G == nil and print == nil and os == nil");
  CHECK_EQUAL(MP_TAG_TRUE, result_tag(results, 0));
  free(results);
  host_close(L);
}

static void eachBitOpensItsLibraryOnly(void) {
  static const struct {
    uint32_t bit;
    const char *global;
  } libraries[] = {
      {MP_LIB_BASE, "_G"},     {MP_LIB_PACKAGE, "package"}, {MP_LIB_COROUTINE, "coroutine"},
      {MP_LIB_TABLE, "table"}, {MP_LIB_IO, "io"},           {MP_LIB_OS, "os"},
      {MP_LIB_STRING, "string"}, {MP_LIB_MATH, "math"},     {MP_LIB_UTF8, "utf8"},
      {MP_LIB_DEBUG, "debug"},
  };
  const int count = sizeof libraries / sizeof *libraries;
  uint32_t all = 0;
  for (int opened = 0; opened < count; opened++) {
    counting_heap heap;
    mp_config config = host_config(&heap);
    config.libraries = libraries[opened].bit;
    all |= libraries[opened].bit;
    lua_State *L = host_open(&config);
    for (int asked = 0; asked < count; asked++) {
      int type = lua_getglobal(L, libraries[asked].global);
      CHECK_EQUAL(asked == opened ? LUA_TTABLE : LUA_TNIL, type);
      lua_pop(L, 1);
    }
    host_close(L);
  }
  CHECK_EQUAL(ALL_LIBRARIES, all);
}

static void flagsReachLua(void) {
  counting_heap heap;
  mp_config config = host_config(&heap);
  lua_State *L = host_open(&config);
  mp_frame *results = host_results(L, LUA_OK, "return collectgarbage('generational')");
  CHECK_TEXT("incremental", results, 0);
  free(results);
  host_close(L);

  config = host_config(&heap);
  config.flags = MP_GENERATIONAL;
  L = host_open(&config);
  results = host_results(L, LUA_OK, "return collectgarbage('incremental')");
  CHECK_TEXT("generational", results, 0);
  free(results);
  host_close(L);
}

static void collectorRunsInAFreshState(void) {
  counting_heap heap;
  mp_config config = host_config(&heap);
  lua_State *L = host_open(&config);
  host_does(L, "assert(collectgarbage('isrunning'))");
  host_does(L, "for i = 1, 100000 do local t = {i} end");
  CHECK(heap.live_bytes < 1 << 20);
  host_close(L);
}

static void ignoresTheEnvironmentIfAskedTo(void) {
#if !defined(_WIN32)
  extern int setenv(const char *name, const char *value, int overwrite);
  setenv("LUA_PATH", "/from/the/environment/?.lua", 1);
  counting_heap heap;
  mp_config config = host_config(&heap);
  lua_State *L = host_open(&config);
  host_does(L, "assert(package.path == '/from/the/environment/?.lua')");
  host_close(L);

  config = host_config(&heap);
  config.flags = MP_IGNORE_ENVIRONMENT;
  L = host_open(&config);
  host_does(L, "assert(package.path ~= '/from/the/environment/?.lua')");
  host_close(L);
#endif
}

/* One request refused makes Lua collect and ask again; all refused from one on is the end. */
static void opensOrLeavesNothing(int64_t refused, uint32_t flags) {
  int status;
  int64_t after = 0;
  do {
    counting_heap heap;
    mp_config config = host_config(&heap);
    config.flags = flags;
    counting_heap_refuse(&heap, after++, refused);
    mp_frame *error = frame_new(FRAME_BYTES);
    lua_State *L = (lua_State *)&heap;
    status = mp_open(&config, &L, error, FRAME_BYTES);
    if (status == LUA_OK) {
      host_close(L);
    } else {
      CHECK_EQUAL(LUA_ERRMEM, status);
      CHECK(L == NULL);
      CHECK_EQUAL(0, heap.live_bytes);
      CHECK_EQUAL(0, error->held);
      CHECK_TEXT("not enough memory", error, 0);
    }
    free(error);
  } while (status != LUA_OK || after < 300);
}

static void opensOrLeavesNothingWhenMemoryRunsOut(void) {
  opensOrLeavesNothing(INT64_MAX, 0);
  opensOrLeavesNothing(INT64_MAX, MP_GENERATIONAL | MP_IGNORE_ENVIRONMENT);
}

static void opensOrLeavesNothingWhenOneRequestFails(void) { opensOrLeavesNothing(1, 0); }

static void aShortFrameCutsTheMessage(void) {
  for (size_t room = 0; room < 40; room++) {
    counting_heap heap;
    mp_config config = host_config(&heap);
    counting_heap_refuse(&heap, 0, INT64_MAX);
    mp_frame *error = frame_new(sizeof(mp_frame) + room);
    lua_State *L;
    CHECK_EQUAL(LUA_ERRMEM, mp_open(&config, &L, error, sizeof(mp_frame) + room));
    CHECK_EQUAL(room >= sizeof(mp_slot), error->written);
    if (error->written > 0) {
      char *text = result_text(error, 0);
      CHECK(strncmp("not enough memory", text, strlen(text)) == 0);
      CHECK_EQUAL(room - sizeof(mp_slot) < 17 ? room - sizeof(mp_slot) : 17, strlen(text));
      free(text);
    }
    free(error);
  }
}

int main(void) {
  RUN(opensAndCloses);
  RUN(opensNothingThatWasNotAskedFor);
  RUN(eachBitOpensItsLibraryOnly);
  RUN(flagsReachLua);
  RUN(collectorRunsInAFreshState);
  RUN(ignoresTheEnvironmentIfAskedTo);
  RUN(opensOrLeavesNothingWhenMemoryRunsOut);
  RUN(opensOrLeavesNothingWhenOneRequestFails);
  RUN(aShortFrameCutsTheMessage);
  return 0;
}
