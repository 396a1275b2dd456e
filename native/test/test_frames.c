/* Results that a frame cannot take in: held values, mp_fetch and mp_release. */
#include <stdlib.h>
#include <string.h>

#include "host.h"

static counting_heap heap;
static lua_State *L;

static int within(const mp_frame *frame, size_t byte_size, const void *address) {
  return (const char *)frame <= (const char *)address &&
         (const char *)address <= (const char *)frame + byte_size;
}

static void checkInvariants(const mp_frame *frame, int32_t first, size_t byte_size) {
  CHECK(frame->written >= 0);
  CHECK(first + frame->written <= frame->count);
  CHECK(sizeof(mp_frame) + (size_t)frame->written * sizeof(mp_slot) <= byte_size);
  for (int i = 0; i < frame->written; i++) {
    if (result_tag(frame, i) != MP_TAG_STRING) continue;
    const char *bytes = frame->slots[i].payload.address;
    if (!within(frame, byte_size, bytes)) {
      CHECK(frame->held);
    } else {
      CHECK(bytes >= (const char *)&frame->slots[frame->written]);
      CHECK(bytes + result_length(frame, i) <= (const char *)frame + byte_size);
    }
  }
}

static void heldValuesAreFetchedInPieces(void) {
  for (size_t room = sizeof(mp_slot); room < 12 * sizeof(mp_slot); room += 5) {
    size_t byte_size = sizeof(mp_frame) + room;
    mp_frame *frame = frame_new(byte_size);
    CHECK_EQUAL(LUA_OK, host_run(L, "local t = {} for i = 1, 500 do t[i] = i end "
                                    "return table.unpack(t)", frame, byte_size));
    CHECK(frame->held);
    int64_t requests = heap.requests;
    int32_t first = 0;
    while (first < 500) {
      CHECK_EQUAL(500, frame->count);
      CHECK(frame->written > 0);
      checkInvariants(frame, first, byte_size);
      for (int i = 0; i < frame->written; i++) {
        CHECK_EQUAL(first + i + 1, frame->slots[i].payload.integer);
      }
      first += frame->written;
      mp_fetch(L, first, frame, byte_size);
    }
    CHECK_EQUAL(0, frame->written);
    mp_release(L);
    CHECK_EQUAL(IDLE_TOP, lua_gettop(L));
    CHECK_EQUAL(requests, heap.requests); /* they allocate nothing */
    free(frame);
  }
}

static void onlyTheHeaderFits(void) {
  mp_frame *header = frame_new(sizeof(mp_frame));
  CHECK_EQUAL(LUA_OK, host_run(L, "return 1, 'two', 3", header, sizeof(mp_frame)));
  CHECK_EQUAL(3, header->count);
  CHECK_EQUAL(0, header->written);
  CHECK(header->held);

  mp_frame *frame = frame_new(FRAME_BYTES);
  mp_fetch(L, 1, frame, FRAME_BYTES);
  CHECK_EQUAL(3, frame->count);
  CHECK_EQUAL(2, frame->written);
  CHECK(frame->held);
  CHECK_TEXT("two", frame, 0);
  mp_release(L);
  free(frame);

  CHECK_EQUAL(LUA_OK, host_run(L, "", header, sizeof(mp_frame)));
  CHECK_EQUAL(0, header->count);
  CHECK_EQUAL(0, header->held);

  CHECK_EQUAL(LUA_ERRRUN, host_run(L, "error 'boom'", header, sizeof(mp_frame)));
  CHECK_EQUAL(ERROR_VALUES, header->count);
  CHECK(header->held);
  mp_release(L);
  free(header);
}

static void aFetchOfAllStillHolds(void) {
  mp_frame *header = frame_new(sizeof(mp_frame));
  CHECK_EQUAL(LUA_OK, host_run(L, "return 1", header, sizeof(mp_frame)));
  free(header);
  mp_frame *frame = frame_new(FRAME_BYTES);
  mp_fetch(L, 0, frame, FRAME_BYTES);
  CHECK_EQUAL(1, frame->written);
  CHECK(frame->held); /* Lua's stack still has them */
  CHECK_EQUAL(IDLE_TOP + 2, lua_gettop(L)); /* the message handler and the value */
  mp_release(L);
  free(frame);
}

/* Every size of frame around the point where the strings fit. */
static void stringsThatDoNotFitAreReferredTo(void) {
  const char *chunk = "return ('a'):rep(20), 'x', ('b'):rep(30), ''";
  const size_t all = sizeof(mp_frame) + 4 * sizeof(mp_slot) + 51;
  for (size_t byte_size = sizeof(mp_frame); byte_size < all + 20; byte_size++) {
    mp_frame *frame = frame_new(byte_size);
    CHECK_EQUAL(LUA_OK, host_run(L, chunk, frame, byte_size));
    CHECK_EQUAL(4, frame->count);
    checkInvariants(frame, 0, byte_size);
    if (byte_size >= all) CHECK_EQUAL(0, frame->held);
    if (frame->written > 0) CHECK_TEXT("aaaaaaaaaaaaaaaaaaaa", frame, 0);
    if (frame->written > 1) CHECK_EQUAL(1, result_length(frame, 1));
    if (frame->written > 2) CHECK_TEXT("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", frame, 2);
    if (frame->written > 3) CHECK_EQUAL(0, result_length(frame, 3));
    CHECK_EQUAL(frame->held ? IDLE_TOP + 5 : IDLE_TOP, lua_gettop(L)); /* and the handler */
    mp_release(L);
    free(frame);
  }
}

static void aBigStringIsNotCopied(void) {
  mp_frame *frame = host_results(L, LUA_OK, "return ('0123456789'):rep(1000000)");
  CHECK_EQUAL(1, frame->written);
  CHECK(frame->held);
  CHECK_EQUAL(10000000, result_length(frame, 0));
  CHECK(!within(frame, FRAME_BYTES, frame->slots[0].payload.address));
  CHECK(memcmp((const char *)frame->slots[0].payload.address + 9999990, "0123456789", 10) == 0);
  mp_release(L);
  free(frame);
}

static void theNextRunLetsGoOfHeldValues(void) {
  free(host_results(L, LUA_OK, "return ('x'):rep(5000000)"));
  host_does(L, "collectgarbage()");
  CHECK(heap.live_bytes < 1000000);
  mp_frame *frame = host_results(L, LUA_OK, "return 1");
  CHECK_EQUAL(1, frame->count);
  CHECK_EQUAL(0, frame->held);
  free(frame);
}

/* Holds the results of the chunk, prints them, and checks what that returns. */
static mp_frame *prints(int status, const char *chunk) {
  mp_frame *header = frame_new(sizeof(mp_frame));
  CHECK_EQUAL(LUA_OK, host_run(L, chunk, header, sizeof(mp_frame)));
  CHECK(header->held);
  free(header);
  mp_frame *error = frame_new(FRAME_BYTES);
  CHECK_EQUAL(status, mp_print(L, error, FRAME_BYTES));
  CHECK_EQUAL(0, error->held);
  CHECK_EQUAL(IDLE_TOP, lua_gettop(L));
  return error;
}

static void printGetsTheHeldValues(void) {
  host_does(L, "kept = print  print = function(...) printed = table.pack(...) end");
  mp_frame *error = prints(LUA_OK, "return 'a', nil, 3");
  CHECK_EQUAL(0, error->count);
  free(error);
  host_does(L, "assert(printed.n == 3 and printed[1] == 'a' and printed[3] == 3)");
  free(prints(LUA_OK, "local t = {} for i = 1, 200000 do t[i] = i end return table.unpack(t)"));
  host_does(L, "assert(printed.n == 200000 and printed[200000] == 200000) printed = nil");
}

static void printMayFail(void) {
  host_does(L, "print = function() error('cannot', 0) end");
  mp_frame *error = prints(LUA_ERRRUN, "return 1");
  CHECK_EQUAL(ERROR_VALUES, error->count);
  CHECK_TEXT("cannot", error, ERROR_VALUE);
  CHECK_TEXT("cannot", error, ERROR_MESSAGE);
  CHECK_TEXT("stack traceback:", error, ERROR_TRACEBACK);
  free(error);
  host_does(L, "print = nil");
  error = prints(LUA_ERRRUN, "return 1");
  CHECK_TEXT("attempt to call a nil value", error, ERROR_MESSAGE);
  free(error);
  host_does(L, "print = kept");
}

static void theCopyrightIsLuas(void) { CHECK_CONTAINS("Lua 5.4", mp_copyright()); }

int main(void) {
  mp_config config = host_config(&heap);
  L = host_open(&config);
  RUN(heldValuesAreFetchedInPieces);
  RUN(onlyTheHeaderFits);
  RUN(aFetchOfAllStillHolds);
  RUN(stringsThatDoNotFitAreReferredTo);
  RUN(aBigStringIsNotCopied);
  RUN(theNextRunLetsGoOfHeldValues);
  RUN(printGetsTheHeldValues);
  RUN(printMayFail);
  RUN(theCopyrightIsLuas);
  host_close(L);
  return 0;
}
