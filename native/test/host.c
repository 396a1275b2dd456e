#include "host.h"

#include <stdlib.h>
#include <string.h>

mp_config host_config(counting_heap *heap) {
  memset(heap, 0, sizeof *heap);
  mp_config config = {.allocate = counting_heap_allocate, .ud = heap, .libraries = ALL_LIBRARIES,
                      .flags = MP_TRUSTED};
  return config;
}

lua_State *host_open(const mp_config *config) {
  lua_State *L;
  mp_frame *error = frame_new(FRAME_BYTES);
  CHECK_EQUAL(LUA_OK, mp_open(config, &L, error, FRAME_BYTES));
  CHECK(L != NULL);
  free(error);
  return L;
}

void host_close(lua_State *L) {
  void *heap;
  lua_getallocf(L, &heap);
  CHECK_EQUAL(LUA_OK, mp_close(L));
  CHECK_EQUAL(0, ((counting_heap *)heap)->live_bytes);
  CHECK(((counting_heap *)heap)->blocks == NULL);
}

mp_frame *frame_new(size_t byte_size) {
  mp_frame *frame = malloc(byte_size);
  CHECK(frame != NULL);
  memset(frame, 0xee, byte_size);
  return frame;
}

mp_frame *frame_of(int count, const mp_slot *slots) {
  size_t size = (size_t)count * sizeof(mp_slot);
  mp_frame *frame = frame_new(sizeof(mp_frame) + size);
  frame_set(frame, count, slots);
  return frame;
}

void frame_set(mp_frame *frame, int count, const mp_slot *slots) {
  frame->count = frame->written = count;
  frame->held = 0;
  frame->outcome = MP_RETURNED;
  if (count > 0) memcpy(frame->slots, slots, (size_t)count * sizeof *slots);
}

mp_slot slot_bare(uint64_t tag) {
  mp_slot slot = {tag, {0}};
  return slot;
}

mp_slot slot_integer(int64_t value) {
  mp_slot slot = slot_bare(MP_TAG_INTEGER);
  slot.payload.integer = value;
  return slot;
}

mp_slot slot_number(double value) {
  mp_slot slot = slot_bare(MP_TAG_FLOAT);
  slot.payload.number = value;
  return slot;
}

mp_slot slot_string(const char *bytes, size_t length) {
  mp_slot slot = slot_bare(MP_TAG_STRING | (uint64_t)length << MP_LENGTH_SHIFT);
  slot.payload.address = bytes;
  return slot;
}

mp_slot slot_text(const char *text) { return slot_string(text, strlen(text)); }

mp_slot slot_handle(int32_t handle) {
  return slot_bare(MP_TAG_HANDLE | (uint64_t)handle << MP_LENGTH_SHIFT);
}

mp_slot slot_callable(int64_t id) {
  mp_slot slot = slot_bare(MP_TAG_CALLABLE);
  slot.payload.integer = id;
  return slot;
}

mp_slot slot_foreign(int64_t id, int32_t class_handle) {
  mp_slot slot = slot_bare(MP_TAG_FOREIGN | (uint64_t)class_handle << MP_LENGTH_SHIFT);
  slot.payload.integer = id;
  return slot;
}

int host_run(lua_State *L, const char *chunk, mp_frame *results, size_t byte_size) {
  mp_frame none = {0, 0, 0, 0};
  return mp_run(L, chunk, strlen(chunk), "=test", "t", &none, results, byte_size);
}

mp_frame *host_results(lua_State *L, int status, const char *chunk) {
  mp_frame *results = frame_new(FRAME_BYTES);
  CHECK_EQUAL(status, host_run(L, chunk, results, FRAME_BYTES));
  return results;
}

void host_does(lua_State *L, const char *chunk) {
  mp_frame *results = frame_new(FRAME_BYTES);
  if (host_run(L, chunk, results, FRAME_BYTES) != LUA_OK) {
    check_failed("host_does", 0, result_text(results, ERROR_MESSAGE));
  }
  free(results);
}

int32_t host_handle(lua_State *L, const char *chunk) {
  mp_frame *results = host_results(L, LUA_OK, chunk);
  CHECK_EQUAL(1, results->count);
  int32_t handle = result_handle(results, 0);
  CHECK(handle != 0);
  free(results);
  return handle;
}

void host_global(lua_State *L, const char *name, int32_t handle) {
  int32_t globals = host_handle(L, "return _G");
  const mp_slot slots[] = {slot_text(name), slot_handle(handle)};
  mp_frame *frame = frame_new(FRAME_BYTES);
  frame_set(frame, 2, slots);
  CHECK_EQUAL(LUA_OK, mp_set(L, globals, 1, frame, FRAME_BYTES));
  free(frame);
  host_forget(L, globals);
}

void host_forget(lua_State *L, int32_t handle) { mp_forget(L, &handle, 1); }

void host_works_on(lua_State *L) {
  void *heap;
  lua_getallocf(L, &heap);
  counting_heap_serve(heap);
  mp_release(L);
  CHECK_EQUAL(IDLE_TOP, lua_gettop(L));
  host_does(L, "local t = {} for i = 1, 100 do t[i] = {tostring(i)} end assert(#t == 100)");
}

static void run_out_of_memory(const mp_config *config, void (*prepare)(lua_State *L),
                              int (*operation)(lua_State *L, mp_frame *frame), int expected,
                              int64_t refused) {
  int failed;
  int64_t after = 0;
  do {
    counting_heap heap;
    mp_config own = *config;
    memset(&heap, 0, sizeof heap);
    own.ud = &heap;
    lua_State *L = host_open(&own);
    mp_frame *frame = frame_new(FRAME_BYTES);
    frame_set(frame, 0, NULL);
    prepare(L);
    counting_heap_refuse(&heap, after++, refused);
    int status = operation(L, frame);
    counting_heap_serve(&heap);
    failed = status != expected;
    if (status == LUA_ERRRUN && failed) { /* as luaL_checkstack says it */
      CHECK_TEXT("stack overflow", frame, ERROR_VALUE);
    } else if (failed) {
      CHECK_EQUAL(LUA_ERRMEM, status);
      CHECK_TEXT("not enough memory", frame, ERROR_VALUE);
    }
    host_works_on(L);
    free(frame);
    host_close(L);
  } while (failed || after < 60);
}

void host_runs_out_of_memory(const mp_config *config, void (*prepare)(lua_State *L),
                             int (*operation)(lua_State *L, mp_frame *frame), int status) {
  run_out_of_memory(config, prepare, operation, status, INT64_MAX);
  run_out_of_memory(config, prepare, operation, status, 1);
}

uint64_t result_tag(const mp_frame *results, int index) {
  CHECK(index < results->written);
  return results->slots[index].head & ((1 << MP_LENGTH_SHIFT) - 1);
}

size_t result_length(const mp_frame *results, int index) {
  CHECK_EQUAL(MP_TAG_STRING, result_tag(results, index));
  return (size_t)(results->slots[index].head >> MP_LENGTH_SHIFT);
}

int64_t result_integer(const mp_frame *results, int index) {
  CHECK_EQUAL(MP_TAG_INTEGER, result_tag(results, index));
  return results->slots[index].payload.integer;
}

int32_t result_handle(const mp_frame *results, int index) {
  uint64_t tag = result_tag(results, index);
  CHECK(MP_TAG_TABLE <= tag && tag <= MP_TAG_LIGHTUSERDATA);
  return (int32_t)(results->slots[index].head >> MP_LENGTH_SHIFT);
}

char *result_text(const mp_frame *results, int index) {
  size_t length = result_length(results, index);
  char *text = malloc(length + 1);
  CHECK(text != NULL);
  memcpy(text, results->slots[index].payload.address, length);
  text[length] = '\0';
  return text;
}
