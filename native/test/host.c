#include "host.h"

#include <stdlib.h>
#include <string.h>

mp_config host_config(counting_heap *heap) {
  memset(heap, 0, sizeof *heap);
  mp_config config = {counting_heap_allocate, heap, ALL_LIBRARIES, 0};
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
  frame->count = frame->written = count;
  frame->held = frame->reserved = 0;
  if (count > 0) memcpy(frame->slots, slots, size);
  return frame;
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
    check_failed("host_does", 0, result_text(results, 0));
  }
  free(results);
}

uint64_t result_tag(const mp_frame *results, int index) {
  CHECK(index < results->written);
  return results->slots[index].head & ((1 << MP_LENGTH_SHIFT) - 1);
}

size_t result_length(const mp_frame *results, int index) {
  CHECK_EQUAL(MP_TAG_STRING, result_tag(results, index));
  return (size_t)(results->slots[index].head >> MP_LENGTH_SHIFT);
}

char *result_text(const mp_frame *results, int index) {
  size_t length = result_length(results, index);
  char *text = malloc(length + 1);
  CHECK(text != NULL);
  memcpy(text, results->slots[index].payload.address, length);
  text[length] = '\0';
  return text;
}
