/*
 * What the compiler learns from which paths are the frequent ones: scripts, named on the command
 * line, and the ways between Lua and a runtime. Nothing here is measured or tested.
 *
 * The heap is a pool that mp_pool_allocate serves nearly alone, as it does in a runtime.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

enum {
  POOL_BYTES = 256 << 20, /* more than a script ever asks for in all: nothing merges here */
  IO_BYTES = 4096,
  ROUNDS = 20000,
  KEYS = 32,
  ENTRIES = 500
};

static char *region;
static mp_pool pool;
static mp_frame *io;
static mp_frame *frame;

/* ----------------------------------------------------------------------------- the heap */

/* Requests that the fast path leaves: sizes beyond the exact bins. */
static void *slow(void *ud, void *block, size_t old_size, size_t new_size) {
  mp_control *c = ((mp_pool *)ud)->control;
  int64_t size = (int64_t)((new_size + MP_GRANULE - 1) & ~(size_t)(MP_GRANULE - 1));
  CHECK(size <= c->end - c->top);
  void *moved = region + c->top;
  c->top += size;
  c->used_bytes += size;
  c->live_bytes += (int64_t)new_size;
  if (block != NULL) {
    memcpy(moved, block, old_size);
    mp_pool_allocate(ud, block, old_size, 0);
  }
  return moved;
}

static void begin_pool(void) {
  mp_control *c = (mp_control *)region;
  size_t head = sizeof(mp_control) + sizeof(mp_bins);
  memset(region, 0, head);
  c->pool_offset = c->top = (int64_t)head;
  c->end = c->limit = POOL_BYTES;
  c->high_used_bytes = INT64_MAX; /* no page ever goes back */
  pool = (mp_pool){region, c, slow, &pool};
}

/* --------------------------------------------------------------------------- the runtime */

enum { INCREMENT = 1, ECHO, METHOD, RAISE, OBJECT };

static const mp_frame *invoke(int64_t runtime, int64_t id, mp_frame *in, size_t byte_size) {
  (void)runtime;
  (void)byte_size;
  if (id == INCREMENT) in->slots[0].payload.integer++;
  if (id == METHOD) in->slots[0] = in->slots[1]; /* the object comes first */
  in->count = in->written = 1;
  in->outcome = id == RAISE ? MP_RAISED : MP_RETURNED;
  return in;
}

static void discard(int64_t runtime, int64_t id) {
  (void)runtime;
  (void)id;
}

static lua_State *open(uint32_t flags) {
  begin_pool();
  mp_config config = {.allocate = mp_pool_allocate, .ud = &pool, .libraries = ALL_LIBRARIES,
                      .flags = flags, .invoke = invoke, .discard = discard, .io = io,
                      .io_byte_size = IO_BYTES};
  return host_open(&config);
}

static void close(lua_State *L) { CHECK_EQUAL(LUA_OK, mp_close(L)); }

/* --------------------------------------------------------------------------- the scripts */

static void run_script(const char *path, uint32_t flags) {
  FILE *file = fopen(path, "rb");
  CHECK(file != NULL);
  char source[64 * 1024];
  size_t size = fread(source, 1, sizeof source, file);
  CHECK(feof(file) && !ferror(file));
  fclose(file);
  lua_State *L = open(flags);
  frame_set(frame, 0, NULL);
  if (mp_run(L, source, size, path, "t", frame, frame, FRAME_BYTES) != LUA_OK)
    check_failed(path, 0, result_text(frame, ERROR_MESSAGE));
  close(L);
}

/* ------------------------------------------------------------------------ across the border */

static void call(lua_State *L, int32_t function, int count, const mp_slot *arguments, int status) {
  frame_set(frame, count, arguments);
  CHECK_EQUAL(status, mp_call(L, function, frame, FRAME_BYTES));
  if (frame->held) mp_release(L);
}

/* One text in eight is long, which is another kind of string to Lua. */
static const char *text_of(int i) {
  static char text[256];
  int length = snprintf(text, sizeof text, "somebody of number %d", i % KEYS);
  if (i % 8 == 0) memset(text + length, '.', sizeof text - 1 - (size_t)length);
  return text;
}

static void calls(lua_State *L) {
  int32_t add = host_handle(L, "return function(a, b) return a + b end");
  int32_t greet = host_handle(L, "return function(name) return 'hello, ' .. name end");
  int32_t upper = host_handle(L, "return string.upper");
  int32_t same = host_handle(L, "return function(...) return ... end");
  int32_t fail = host_handle(L, "return function(why) error(why) end");
  for (int i = 0; i < ROUNDS; i++) {
    const char *text = text_of(i);
    const mp_slot integers[] = {slot_integer(i), slot_integer(7)};
    const mp_slot numbers[] = {slot_number(i), slot_number(0.5)};
    const mp_slot texts[] = {slot_text(text)};
    const mp_slot all[] = {slot_integer(i), slot_number(0.5), slot_text(text), slot_handle(add),
                           slot_bare(MP_TAG_TRUE), slot_bare(MP_TAG_NIL)};
    for (int n = 0; n < 4; n++) call(L, add, 2, integers, LUA_OK);
    call(L, add, 2, numbers, LUA_OK);
    for (int n = 0; n < 3; n++) call(L, greet, 1, texts, LUA_OK);
    call(L, upper, 1, texts, LUA_OK);
    call(L, same, 3, all, LUA_OK);
    call(L, same, 6, all, LUA_OK);
    host_forget(L, result_handle(frame, 3));
    if (i % 64 == 0) call(L, fail, 1, texts, LUA_ERRRUN);
  }
}

static void fields(lua_State *L) {
  char names[KEYS][16];
  int32_t held[KEYS];
  int32_t table = host_handle(L, "return {}");
  for (int i = 0; i < KEYS; i++) {
    snprintf(names[i], sizeof names[i], "name%d", i);
    const mp_slot name = slot_text(names[i]);
    frame_set(frame, 1, &name);
    CHECK_EQUAL(LUA_OK, mp_hold(L, frame, FRAME_BYTES));
    held[i] = (int32_t)result_integer(frame, 0);
  }
  for (int i = 0; i < 8 * ROUNDS; i++) {
    int k = i % KEYS;
    const mp_slot keys[] = {slot_text(names[k]), slot_handle(held[k]), slot_integer(1 + k)};
    const mp_slot values[] = {slot_integer(i), slot_number(i), slot_text(names[k])};
    const mp_slot entry[] = {keys[i / KEYS % 3], values[i / (3 * KEYS) % 3]};
    frame_set(frame, 2, entry);
    CHECK_EQUAL(LUA_OK, mp_set(L, table, i & 1, frame, FRAME_BYTES));
    frame_set(frame, 1, entry);
    CHECK_EQUAL(LUA_OK, mp_get(L, table, i & 1, frame, FRAME_BYTES));
  }
}

static void entries(lua_State *L) {
  const char *const tables[] = {
      "local t = {} for i = 1, 500 do t[i] = i * 3 end return t",
      "local t = {} for i = 1, 500 do t['entry number ' .. i] = i end return t",
      "local t = {} for i = 1, 500 do t['name' .. i] = 'value ' .. i end return t"};
  size_t byte_size = sizeof(mp_frame) + 64 * 1024;
  mp_frame *large = frame_new(byte_size);
  for (int t = 0; t < 3; t++) {
    int32_t table = host_handle(L, tables[t]);
    for (int i = 0; i < ROUNDS / 100; i++) {
      int32_t next = 0; /* a handle for the key to go on with */
      int seen = 0;
      do {
        const mp_slot key = next == 0 ? slot_bare(MP_TAG_NIL) : slot_handle(next);
        frame_set(large, 1, &key);
        CHECK_EQUAL(LUA_OK, mp_next(L, table, 128, large, byte_size));
        if (next != 0) host_forget(L, next);
        seen += large->count / 2;
        next = large->count % 2 == 0 ? 0 : (int32_t)result_integer(large, large->count - 1);
      } while (next != 0);
      CHECK_EQUAL(ENTRIES, seen);
      CHECK_EQUAL(LUA_OK, mp_elements(L, table, 1, 100, large, byte_size));
      CHECK_EQUAL(LUA_OK, mp_length(L, table, 0, frame, FRAME_BYTES));
    }
    host_forget(L, table);
  }
  free(large);
}

/* A global that is a foreign function or object; the class of an object has one method. */
static void define(lua_State *L, const char *name, mp_slot value) {
  int32_t globals = host_handle(L, "return _G");
  const mp_slot slots[] = {slot_text(name), value};
  frame_set(frame, 2, slots);
  CHECK_EQUAL(LUA_OK, mp_set(L, globals, 1, frame, FRAME_BYTES));
  host_forget(L, globals);
}

static int32_t class_with_method(lua_State *L) {
  const mp_slot name = slot_text("Counter");
  frame_set(frame, 1, &name);
  CHECK_EQUAL(LUA_OK, mp_new_class(L, frame, FRAME_BYTES));
  int32_t class = result_handle(frame, 0);
  int32_t methods = host_handle(L, "return {}");
  const mp_slot method[] = {slot_text("method"), slot_callable(METHOD)};
  frame_set(frame, 2, method);
  CHECK_EQUAL(LUA_OK, mp_set(L, methods, 1, frame, FRAME_BYTES));
  const mp_slot index[] = {slot_text("__index"), slot_handle(methods)};
  frame_set(frame, 2, index);
  CHECK_EQUAL(LUA_OK, mp_set(L, class, 1, frame, FRAME_BYTES));
  host_forget(L, methods);
  return class;
}

static void callbacks(lua_State *L) {
  int32_t class = class_with_method(L);
  define(L, "increment", slot_callable(INCREMENT));
  define(L, "echo", slot_callable(ECHO));
  define(L, "fails", slot_callable(RAISE));
  define(L, "object", slot_foreign(OBJECT, class));
  for (int i = 0; i < ROUNDS / 500; i++)
    host_does(L, "local n = 0\n"
                 "for i = 1, 2000 do n = increment(n) end\n"
                 "for i = 1, 2000 do n = object:method(n) end\n"
                 "for i = 1, 500 do local s = echo('text of number ' .. i % 20) end\n"
                 "for i = 1, 20 do pcall(fails, i) end");
  int32_t same = host_handle(L, "return function(...) return ... end");
  for (int i = 0; i < ROUNDS; i++) {
    const mp_slot object = slot_foreign(OBJECT, class);
    call(L, same, 1, &object, LUA_OK);
  }
}

static void coroutines(lua_State *L) {
  int32_t body = host_handle(
      L, "return function(a) for i = 1, 10 do a = coroutine.yield(a + i) end end");
  for (int i = 0; i < ROUNDS / 20; i++) {
    frame_set(frame, 0, NULL);
    CHECK_EQUAL(LUA_OK, mp_new_coroutine(L, body, frame, FRAME_BYTES));
    int32_t coroutine = result_handle(frame, 0);
    int status;
    do {
      const mp_slot argument = slot_integer(i);
      frame_set(frame, 1, &argument);
      status = mp_resume(L, coroutine, frame, FRAME_BYTES);
    } while (status == LUA_YIELD);
    CHECK_EQUAL(LUA_OK, status);
    host_forget(L, coroutine);
  }
}

int main(int count, char **paths) {
  region = calloc(1, POOL_BYTES);
  CHECK(region != NULL);
  io = frame_new(IO_BYTES);
  frame = frame_new(FRAME_BYTES);
  for (int i = 1; i < count; i++) {
    run_script(paths[i], 0);
    run_script(paths[i], MP_GENERATIONAL);
  }
  void (*const ways[])(lua_State *) = {calls, fields, entries, callbacks, coroutines};
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    lua_State *L = open(0);
    ways[i](L);
    close(L);
  }
  free(frame);
  free(io);
  free(region);
  return EXIT_SUCCESS;
}
