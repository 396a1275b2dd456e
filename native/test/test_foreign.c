/*
 * Foreign functions and objects. The runtime is a table of C functions; an id is an index into it,
 * and so that no id is used for two things, those of objects and of further functions come from a
 * counter. How often each was discarded is counted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

typedef const mp_frame *(*function)(mp_frame *frame, size_t byte_size);

enum { IDS = 200000, IO_BYTES = 512 };

static counting_heap heap;
static lua_State *L;
static mp_frame *frame;
static int32_t any_class;
static struct {
  function functions[IDS];
  unsigned char discarded[IDS];
  int64_t last_id;
  int64_t discards;
  int depth; /* of functions that have not returned: no error may jump over one */
  int deepest;
} runtime;

static int64_t new_id(function f) {
  CHECK(runtime.last_id + 1 < IDS);
  runtime.functions[++runtime.last_id] = f;
  return runtime.last_id;
}

static const mp_frame *invoke(int64_t number, int64_t id, mp_frame *in, size_t byte_size) {
  CHECK_EQUAL(77, number);
  CHECK(0 < id && id <= runtime.last_id);
  CHECK_EQUAL(0, runtime.discarded[id]);
  CHECK_EQUAL(MP_RETURNED, in->outcome);
  if (runtime.functions[id] == NULL) { /* an object: scripts with `debug` get that far */
    const mp_slot message = slot_text("no function");
    frame_set(in, 1, &message);
    in->outcome = MP_RAISED;
    return in;
  }
  if (++runtime.depth > runtime.deepest) runtime.deepest = runtime.depth;
  const mp_frame *reply = runtime.functions[id](in, byte_size);
  runtime.depth--;
  return reply;
}

static void discard(int64_t number, int64_t id) {
  CHECK_EQUAL(77, number);
  CHECK(0 < id && id <= runtime.last_id);
  runtime.discarded[id]++;
  runtime.discards++;
}

static mp_config foreign_config(counting_heap *on) {
  static mp_frame *io;
  if (io == NULL) io = frame_new(IO_BYTES);
  mp_config config = host_config(on);
  config.invoke = invoke;
  config.discard = discard;
  config.runtime = 77;
  config.io = io;
  config.io_byte_size = IO_BYTES;
  return config;
}

/* Makes a new foreign function a global of Lua's. */
static int64_t define_in(lua_State *state, const char *name, function f) {
  int64_t id = new_id(f);
  int32_t globals = host_handle(state, "return _G");
  const mp_slot slots[] = {slot_text(name), slot_callable(id)};
  mp_frame *own = frame_new(FRAME_BYTES);
  frame_set(own, 2, slots);
  CHECK_EQUAL(LUA_OK, mp_set(state, globals, 0, own, FRAME_BYTES));
  host_forget(state, globals);
  free(own);
  return id;
}

static int64_t define(const char *name, function f) { return define_in(L, name, f); }

static int32_t class_in(lua_State *state) {
  const mp_slot name = slot_text("Account");
  mp_frame *own = frame_new(FRAME_BYTES);
  frame_set(own, 1, &name);
  CHECK_EQUAL(LUA_OK, mp_new_class(state, own, FRAME_BYTES));
  int32_t class = result_handle(own, 0);
  free(own);
  return class;
}

static void collect(void) {
  for (int i = 0; i < 2; i++) CHECK_EQUAL(LUA_OK, mp_collect(L, frame, FRAME_BYTES));
}

static const mp_frame *reply_with(mp_frame *in, int outcome, int count, const mp_slot *slots) {
  frame_set(in, count, slots);
  in->outcome = outcome;
  return in;
}

/* --------------------------------------------------------------------- values and errors */

static const mp_frame *echo(mp_frame *in, size_t byte_size) {
  (void)byte_size;
  in->held = 0;
  for (int i = 0; i < in->written; i++) { /* objects go back as handles */
    uint64_t tag = result_tag(in, i);
    if (tag == MP_TAG_FOREIGN) in->slots[i] = slot_foreign(in->slots[i].payload.integer, any_class);
    if (MP_TAG_TABLE <= tag && tag <= MP_TAG_LIGHTUSERDATA)
      in->slots[i] = slot_handle(result_handle(in, i));
  }
  return in;
}

static void valuesComeBack(void) {
  define("echo", echo);
  host_does(L, "local t = {}\n"
               "local r = table.pack(echo(nil, false, true, 1, 1.5, 'text', t, print, ''))\n"
               "assert(r.n == 9 and r[1] == nil and r[2] == false and r[3] == true and r[4] == 1)\n"
               "assert(r[5] == 1.5 and r[6] == 'text' and r[7] == t and r[8] == print and r[9] == '')\n"
               "assert(select('#', echo()) == 0)");
}

static const mp_frame *raise(mp_frame *in, size_t byte_size) {
  echo(in, byte_size);
  in->outcome = MP_RAISED;
  return in;
}

static const mp_frame *fail_without_reason(mp_frame *in, size_t byte_size) {
  (void)in;
  (void)byte_size;
  return NULL;
}

static void errorsAreRaised(void) {
  define("raise", raise);
  define("silent", fail_without_reason);
  host_does(L, "local t = {}\n"
               "local ok, e = pcall(raise, t) assert(not ok and e == t)\n"
               "ok, e = pcall(raise, 'text') assert(not ok and e == 'text')\n"
               "ok, e = pcall(silent) assert(not ok and e:find('without a reason'))");
  mp_frame *results = host_results(L, LUA_ERRRUN, "local function f() raise('boom') end f()");
  CHECK_EQUAL(ERROR_VALUES, results->count);
  CHECK_TEXT("boom", results, ERROR_MESSAGE);
  CHECK_TEXT("[C]: in function 'raise'", results, ERROR_TRACEBACK);
  CHECK_EQUAL(4, result_length(results, ERROR_LEVELS)); /* the last is what called the chunk */
  const char *levels = results->slots[ERROR_LEVELS].payload.address;
  CHECK(levels[0] && !levels[1] && !levels[2] && !levels[3]);
  free(results);
}

static const mp_frame *fetch_all(mp_frame *in, size_t byte_size) {
  int64_t sum = 0;
  int32_t first = 0;
  int32_t count = in->count;
  CHECK(in->held);
  while (first < count) {
    CHECK(in->written > 0);
    for (int i = 0; i < in->written; i++) sum += result_integer(in, i);
    first += in->written;
    mp_fetch(L, first, in, byte_size);
    CHECK_EQUAL(count, in->count);
  }
  mp_release(L);
  mp_fetch(L, 0, in, byte_size);
  CHECK_EQUAL(0, in->count);
  const mp_slot slot = slot_integer(sum);
  return reply_with(in, MP_RETURNED, 1, &slot);
}

static void moreArgumentsThanFitAreFetched(void) {
  define("sum", fetch_all);
  host_does(L, "local t = {} for i = 1, 1000 do t[i] = i end\n"
               "assert(sum(table.unpack(t)) == 500500)\n"
               "assert(coroutine.wrap(sum)(table.unpack(t)) == 500500)");
}

static const mp_frame *big_reply(mp_frame *in, size_t byte_size) {
  (void)byte_size;
  enum { COUNT = 1000 };
  size_t size = sizeof(mp_frame) + COUNT * sizeof(mp_slot);
  mp_frame *reply = mp_buffer(L, size);
  if (reply == NULL) { /* no memory, and so it says */
    const mp_slot message = slot_text("not enough memory");
    return reply_with(in, MP_RAISED, 1, &message);
  }
  frame_set(reply, 0, NULL);
  for (int i = 0; i < COUNT; i++)
    reply->slots[i] = slot_text("a string that is as long as forty bytes or more");
  reply->count = reply->written = COUNT;
  return reply;
}

static void repliesMayBeLarge(void) {
  define("many", big_reply);
  host_does(L, "collectgarbage('generational')\n"
               "for i = 1, 20 do local t = table.pack(many()) assert(t.n == 1000 and #t[1000] == 47) end\n"
               "collectgarbage('incremental')");
}

/* ------------------------------------------------------------------------------- re-entry */

/* Calls its first argument with the others. */
static const mp_frame *call_back(mp_frame *in, size_t byte_size) {
  int32_t callee = result_handle(in, 0);
  echo(in, byte_size);
  memmove(&in->slots[0], &in->slots[1], (size_t)(in->written - 1) * sizeof(mp_slot));
  in->count = --in->written;
  int status = mp_call(L, callee, in, byte_size);
  host_forget(L, callee);
  echo(in, byte_size);
  if (status != LUA_OK) {
    in->outcome = MP_RAISED;
    in->count = in->written = 1;
  }
  return in;
}

static void functionsCallLuaAgain(void) {
  define("call", call_back);
  host_does(L, "assert(call(function(a, b) return a + b end, 3, 4) == 7)\n"
               "assert(call(call, call, function(a) return a .. 'y' end, 'x') == 'xy')\n"
               "local ok, e = pcall(call, error, 'inner') assert(not ok and e == 'inner')\n"
               "assert(coroutine.wrap(function() return call(function(a) return a end, 5) end)() == 5)\n"
               "local co = coroutine.wrap(function() call(coroutine.yield, 1) end)\n"
               "ok, e = pcall(co) assert(not ok and e:find('attempt to yield across a C%-call'))\n"
               "assert(call(coroutine.wrap(function() coroutine.yield('out') end)) == 'out')");
}

/* Holds results, takes a buffer for its reply, and copies what was held. */
static const mp_frame *copy_held(mp_frame *in, size_t byte_size) {
  const char *chunk = "local t = {} for i = 1, 100 do t[i] = ('x'):rep(50) .. i end\n"
                      "return table.unpack(t)";
  frame_set(in, 0, NULL);
  CHECK_EQUAL(LUA_OK, mp_run(L, chunk, strlen(chunk), "=copy", "t", in, in, byte_size));
  CHECK(in->held);
  CHECK_EQUAL(100, in->count);
  size_t size = sizeof(mp_frame) + 100 * (sizeof(mp_slot) + 60);
  mp_frame *reply = mp_buffer(L, size);
  CHECK(reply != NULL);
  mp_fetch(L, 0, reply, size);
  CHECK_EQUAL(100, reply->written);
  mp_release(L);
  return reply;
}

static void buffersOutliveWhatIsHeld(void) {
  define("copy", copy_held);
  const char *chunk = "for i = 1, 100 do\n"
                      "  local t = table.pack(copy())\n"
                      "  assert(t.n == 100 and t[100] == ('x'):rep(50) .. 100)\n"
                      "end";
  host_does(L, chunk);
  host_does(L, "collectgarbage('generational')");
  host_does(L, chunk);
  host_does(L, "collectgarbage('incremental') collectgarbage('setpause', 0)");
  host_does(L, chunk);
  host_does(L, "collectgarbage('setpause', 200)");
}

static const mp_frame *use_everything(mp_frame *in, size_t byte_size) {
  CHECK_EQUAL(LUA_OK, mp_new_table(L, 0, 0, in, byte_size));
  int32_t table = result_handle(in, 0);
  const mp_slot pair[] = {slot_text("key"), slot_integer(5)};
  frame_set(in, 2, pair);
  CHECK_EQUAL(LUA_OK, mp_set(L, table, 0, in, byte_size));
  frame_set(in, 1, pair);
  CHECK_EQUAL(LUA_OK, mp_get(L, table, 0, in, byte_size));
  CHECK_EQUAL(5, result_integer(in, 0));
  const mp_slot one[] = {slot_integer(1), slot_handle(table)};
  frame_set(in, 2, one);
  CHECK_EQUAL(LUA_OK, mp_set(L, table, 0, in, byte_size));
  frame_set(in, 1, one);
  CHECK_EQUAL(LUA_OK, mp_get(L, table, 0, in, byte_size));
  host_forget(L, result_handle(in, 0));
  const mp_slot nil = slot_bare(MP_TAG_NIL);
  frame_set(in, 1, &nil);
  CHECK_EQUAL(LUA_OK, mp_next(L, table, 10, in, byte_size));
  CHECK_EQUAL(4, in->count);
  for (int i = 0; i < 4; i++)
    if (result_tag(in, i) == MP_TAG_TABLE) host_forget(L, result_handle(in, i));
  frame_set(in, 0, NULL);
  CHECK_EQUAL(LUA_ERRRUN, mp_run(L, "error('x')", 10, "=in", "t", in, in, byte_size));
  CHECK_EQUAL(LUA_OK, mp_collect(L, in, byte_size));
  host_forget(L, table);
  return reply_with(in, MP_RETURNED, 1, &pair[1]);
}

static void functionsDoAllThatTheRuntimeCan(void) {
  define("all", use_everything);
  host_does(L, "assert(all() == 5) assert(coroutine.wrap(all)() == 5)\n"
               "assert(coroutine.wrap(function() return call(all) end)() == 5)\n"
               "setmetatable({}, {__gc = function() assert(all() == 5) done = true end})\n"
               "collectgarbage() assert(done)");
}

/* Until the stack, Lua's or C's, is at its end. */
static void recursionComesToAnEnd(void) {
  host_does(L, "local function f() return call(f) end local ok, e = pcall(f) assert(not ok, e)\n"
               "assert(tostring(e):find('overflow'), e)\n"
               "local function g() return coroutine.wrap(call)(g) end\n"
               "ok, e = pcall(g) assert(not ok and tostring(e):find('overflow'), e)\n"
               "local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k)\n"
               "  return call(function() return t[k] end) end\n"
               "ok, e = pcall(function() return t.x end) assert(not ok)\n"
               "assert(tostring(e):find('overflow'), e)");
  CHECK(runtime.deepest > 10);
  CHECK_EQUAL(0, runtime.depth);
  host_works_on(L);
}

/* An error that jumped over a foreign function would leave it on the count. */
static const mp_frame *resume_dead_without_memory(mp_frame *in, size_t byte_size) {
  const char *chunk = "coroutine.resume(dead)";
  counting_heap_refuse(&heap, 0, INT64_MAX);
  frame_set(in, 0, NULL);
  mp_run(L, chunk, strlen(chunk), "=in", "t", in, in, byte_size);
  counting_heap_serve(&heap);
  int depth = runtime.depth;
  for (int after = 0; after < 20; after++) {
    int32_t resume = host_handle(L, "return coroutine.resume");
    int32_t dead = host_handle(L, "collectgarbage() return dead");
    const mp_slot slot = slot_handle(dead);
    frame_set(in, 1, &slot);
    counting_heap_refuse(&heap, after, INT64_MAX);
    mp_call(L, resume, in, byte_size);
    counting_heap_serve(&heap);
    CHECK_EQUAL(depth, runtime.depth);
    mp_release(L);
    host_forget(L, resume);
    host_forget(L, dead);
  }
  return reply_with(in, MP_RETURNED, 0, NULL);
}

static void noErrorJumpsOverAFunction(void) {
  define("attempt", resume_dead_without_memory);
  host_does(L, "dead = coroutine.create(function() end) coroutine.resume(dead)\n"
               "local co = coroutine.create(function() attempt() return 'came back' end)\n"
               "local ok, r = coroutine.resume(co) assert(ok and r == 'came back', r)");
  CHECK_EQUAL(0, runtime.depth);
}

/* What is known of an error is of that one, though others are caught while it is on its way. */
static const mp_frame *fail_inside(mp_frame *in, size_t byte_size) {
  frame_set(in, 0, NULL);
  CHECK_EQUAL(LUA_ERRRUN, mp_run(L, "error('inner')", 14, "=in", "t", in, in, byte_size));
  CHECK_TEXT("inner", in, ERROR_MESSAGE);
  mp_release(L);
  return reply_with(in, MP_RETURNED, 0, NULL);
}

static void errorsInsideOfErrorsAreToldApart(void) {
  define("fail", fail_inside);
  mp_frame *results = host_results(L, LUA_ERRRUN,
                                   "local x <close> = setmetatable({}, {__close = function() fail() end})\n"
                                   "error('outer')");
  CHECK_EQUAL(ERROR_VALUES, results->count);
  CHECK_TEXT("outer", results, ERROR_VALUE);
  CHECK_TEXT("outer", results, ERROR_MESSAGE);
  CHECK_TEXT("stack traceback:", results, ERROR_TRACEBACK);
  free(results);
}

/* ------------------------------------------------------------------------------- yielding */

static const mp_frame *yield_arguments(mp_frame *in, size_t byte_size) {
  echo(in, byte_size);
  memmove(&in->slots[1], &in->slots[0], (size_t)in->written * sizeof(mp_slot));
  in->slots[0] = slot_bare(MP_TAG_NIL);
  in->count = ++in->written;
  in->outcome = MP_YIELDED;
  return in;
}

/* Counts down from its argument by yielding and going on; then returns what it was resumed with. */
static const mp_frame *count_down(mp_frame *in, size_t byte_size) {
  (void)byte_size;
  int64_t n = result_integer(in, 0);
  if (n == 0) {
    const mp_slot done = slot_text("done");
    return reply_with(in, MP_RETURNED, 1, &done);
  }
  const mp_slot slots[] = {slot_callable(new_id(count_down)), slot_integer(n)};
  return reply_with(in, MP_YIELDED, 2, slots);
}

static void functionsYield(void) {
  define("yield", yield_arguments);
  define("down", count_down);
  host_does(L, "local co = coroutine.wrap(function(...) local a, b = yield(...)\n"
               "  return 'end', a, b, yield() end)\n"
               "local a, b = co(1, 'two') assert(a == 1 and b == 'two')\n"
               "assert(select('#', co('x', 'y')) == 0)\n"
               "local e, x, y, z = co('z') assert(e == 'end' and x == 'x' and y == 'y' and z == 'z')");
  host_does(L, "local co = coroutine.wrap(function(n) local r = down(n) return r, 'end' end)\n"
               "local n = co(5)\n"
               "while n ~= 'done' do collectgarbage() n = co(n - 1) end\n"
               "assert(n == 'done')");
  host_does(L, "local ok, e = pcall(yield) assert(not ok and e:find('outside a coroutine'))\n"
               "local co = coroutine.create(function() call(yield) end)\n"
               "ok, e = coroutine.resume(co) assert(not ok and e:find('across a C%-call boundary'))\n"
               "co = coroutine.create(down) coroutine.resume(co, 5) assert(coroutine.close(co))\n"
               "co = coroutine.wrap(function() return pcall(down, 3) end)\n"
               "assert(co() == 3 and co(1) == 1) local ok, r = co(0) assert(ok and r == 'done')");
  int64_t before = runtime.discards;
  collect();
  CHECK(runtime.discards > before); /* the callables that went on */
}

static const mp_frame *status_of(mp_frame *in, size_t byte_size) {
  (void)byte_size;
  int32_t coroutine = result_handle(in, 0);
  const mp_slot status = slot_integer(mp_coroutine_status(L, coroutine));
  CHECK_EQUAL(LUA_ERRRUN, mp_resume(L, coroutine, in, byte_size));
  CHECK_TEXT("cannot resume", in, ERROR_MESSAGE);
  CHECK_EQUAL(LUA_ERRRUN, mp_close_coroutine(L, coroutine, in, byte_size));
  CHECK_TEXT("cannot close", in, ERROR_MESSAGE);
  host_forget(L, coroutine);
  return reply_with(in, MP_RETURNED, 1, &status);
}

static void runningAndNormalOnesCannotBeResumed(void) {
  define("status", status_of);
  host_does(L, "local main = coroutine.running()\n"
               "assert(status(main) == 1)\n"
               "local outer = coroutine.create(function(self)\n"
               "  assert(status(self) == 1 and status(main) == 2)\n"
               "  local inner = coroutine.create(function(own)\n"
               "    assert(status(self) == 2 and status(main) == 2 and status(own) == 1)\n"
               "    assert(call(function() return status(self) end) == 2)\n"
               "  end)\n"
               "  assert(coroutine.resume(inner, inner))\n"
               "end)\n"
               "local ok, e = coroutine.resume(outer, outer) assert(ok, e)");
}

static const mp_frame *resume_from_inside(mp_frame *in, size_t byte_size) {
  int32_t coroutine = result_handle(in, 0);
  const mp_slot argument = slot_integer(5);
  frame_set(in, 1, &argument);
  int status = mp_resume(L, coroutine, in, byte_size);
  host_forget(L, coroutine);
  echo(in, byte_size);
  if (status > LUA_YIELD) {
    in->count = in->written = 1;
    in->outcome = MP_RAISED;
  }
  return in;
}

static void functionsResumeCoroutines(void) {
  define("resume", resume_from_inside);
  host_does(L, "local co = coroutine.create(function(n) local m = yield(n + 1)\n"
               "  assert(m == 5) error('at last') end)\n"
               "assert(coroutine.wrap(function() return resume(co) end)() == 6)\n"
               "assert(coroutine.status(co) == 'suspended')\n"
               "local ok, e = pcall(resume, co) assert(not ok and e:find('at last'))\n"
               "assert(coroutine.status(co) == 'dead')\n"
               "local function f() return resume(coroutine.create(f)) end\n"
               "ok, e = pcall(f) assert(not ok and tostring(e):find('overflow'), e)");
  CHECK_EQUAL(0, runtime.depth);
}

/* ------------------------------------------------------------------------------- objects */

/* Makes an object a global. */
static void export_object(const char *name, int64_t id, int32_t class) {
  int32_t globals = host_handle(L, "return _G");
  const mp_slot slots[] = {slot_text(name), slot_foreign(id, class)};
  frame_set(frame, 2, slots);
  CHECK_EQUAL(LUA_OK, mp_set(L, globals, 0, frame, FRAME_BYTES));
  host_forget(L, globals);
}

static void objectsAreTheSameAgain(void) {
  int32_t class = class_in(L);
  int64_t id = new_id(NULL);
  export_object("a", id, class);
  export_object("b", id, class);
  export_object("c", new_id(NULL), class);
  host_does(L, "assert(a == b and a ~= c and rawequal(a, b))\n"
               "assert(tostring(a):find('^Account: ') and type(a) == 'userdata')");
  mp_frame *results = host_results(L, LUA_OK, "return a");
  CHECK_EQUAL(MP_TAG_FOREIGN, result_tag(results, 0));
  CHECK_EQUAL(id, results->slots[0].payload.integer);
  free(results);
  collect();
  CHECK_EQUAL(0, runtime.discarded[id]);
  host_does(L, "a = nil");
  collect();
  CHECK_EQUAL(0, runtime.discarded[id]);
  host_does(L, "b = nil");
  collect();
  CHECK_EQUAL(1, runtime.discarded[id]);
  host_does(L, "c = nil");
  host_forget(L, class);
}

static void theClassIsOutOfReach(void) {
  int32_t class = class_in(L);
  int64_t id = new_id(NULL);
  export_object("a", id, class);
  host_does(L, "assert(getmetatable(a) == false)\n"
               "assert(not pcall(setmetatable, a, {}) and not pcall(function() return a.x end))\n"
               "assert(getmetatable(echo) == nil)");
  int32_t object = host_handle(L, "return {}"); /* the runtime can get at it */
  host_forget(L, object);
  const mp_slot index[] = {slot_text("__index"), slot_callable(new_id(echo))};
  frame_set(frame, 2, index);
  CHECK_EQUAL(LUA_OK, mp_set(L, class, 0, frame, FRAME_BYTES));
  host_does(L, "assert(a.x == a) a = nil");
  collect();
  CHECK_EQUAL(1, runtime.discarded[id]);
  host_forget(L, class);
}

static void functionsAreDiscardedOnce(void) {
  int64_t id = define("temporary", echo);
  host_does(L, "assert(temporary(1) == 1) local t = {temporary, temporary} temporary = nil kept = t");
  collect();
  CHECK_EQUAL(0, runtime.discarded[id]);
  host_does(L, "kept = nil");
  collect();
  CHECK_EQUAL(1, runtime.discarded[id]);
}

static void objectsInFinalizersAreGoneOrNot(void) {
  int32_t class = class_in(L);
  for (int order = 0; order < 2; order++) {
    int64_t id = new_id(NULL);
    if (order == 0) host_does(L, "t = setmetatable({}, {__gc = function(t) saved = t[1] end})");
    export_object("a", id, class);
    if (order == 1) host_does(L, "t = setmetatable({}, {__gc = function(t) saved = t[1] end})");
    host_does(L, "t[1] = a a, t = nil");
    collect();
    CHECK_EQUAL(1, runtime.discarded[id]);
    mp_frame *results = host_results(L, LUA_OK, "return saved");
    CHECK_EQUAL(MP_TAG_USERDATA, result_tag(results, 0)); /* the runtime's no more */
    host_forget(L, result_handle(results, 0));
    free(results);
    host_does(L, "saved = nil");
    collect();
    CHECK_EQUAL(1, runtime.discarded[id]);
  }
  host_forget(L, class);
}

/*
 * A hook that lets go of an object at each event around an operation: what the frame has in the end
 * is no object that the runtime was told of.
 */
static void hooksLeaveObjectsOfFramesAlone(void) {
  int32_t class = class_in(L);
  int32_t table = host_handle(L, "t = {} return t");
  const mp_slot nil = slot_bare(MP_TAG_NIL);
  int found = 0;
  for (int event = 1; event <= 20; event++) {
    int64_t id = new_id(NULL);
    char script[200];
    export_object("a", id, class);
    snprintf(script, sizeof script,
             "t[1] = a a = nil local n = 0\n"
             "debug.sethook(function() n = n + 1 if n == %d then t[1] = nil collectgarbage() end end,"
             " 'cr')",
             event);
    host_does(L, script);
    frame_set(frame, 1, &nil);
    CHECK_EQUAL(LUA_OK, mp_next(L, table, 5, frame, FRAME_BYTES));
    int has_object = frame->written > 1 && result_tag(frame, 1) == MP_TAG_FOREIGN;
    if (has_object) CHECK_EQUAL(0, runtime.discarded[id]);
    found += has_object;
    host_does(L, "debug.sethook() t[1] = nil");
    collect();
    CHECK_EQUAL(1, runtime.discarded[id]);
  }
  CHECK(0 < found && found < 20);
  host_forget(L, table);
  host_forget(L, class);
}

static void closingDiscardsAll(void) {
  counting_heap own_heap;
  mp_config config = foreign_config(&own_heap);
  lua_State *own = host_open(&config);
  int64_t first = runtime.last_id + 1;
  for (int i = 0; i < 10; i++) define_in(own, i % 2 ? "odd" : "even", echo);
  int64_t last = runtime.last_id;
  host_close(own);
  for (int64_t id = first; id <= last; id++) CHECK_EQUAL(1, runtime.discarded[id]);
}

/* ------------------------------------------------------------------------------ tampering */

static void tamperingDoesNotCrash(void) {
  int32_t class = class_in(L);
  int64_t id = new_id(NULL);
  export_object("a", id, class);
  define("victim", echo);
  host_does(L, "for _, v in ipairs{1, 'x', {}, io.stdout, a, print} do\n"
               "  debug.setupvalue(victim, 1, v) assert(not pcall(victim, 1))\n"
               "end\n"
               "debug.setupvalue(victim, 1, nil) assert(not pcall(victim, 1))\n"
               "collectgarbage()");
  int64_t other = define("victim", echo);
  host_does(L, "local _, box = debug.getupvalue(victim, 1)\n"
               "assert(getmetatable(box) == false)\n"
               "local gc = debug.getmetatable(box).__gc\n"
               "gc(box) gc(box) gc(a) gc({}) gc() gc(io.stdout) gc(1)\n"
               "assert(not pcall(victim, 1))\n"
               "victim, box = nil collectgarbage()");
  CHECK_EQUAL(1, runtime.discarded[other]);
  CHECK_EQUAL(1, runtime.discarded[id]);
  define("victim", echo);
  host_does(L, "local _, box = debug.getupvalue(victim, 1)\n"
               "debug.setmetatable(box, nil) assert(victim(1) == 1)\n"
               "debug.setmetatable(box, {__gc = function(o) saved = o end})\n"
               "victim, box = nil collectgarbage() echo(saved) saved = nil collectgarbage()\n"
               "local mt = debug.getmetatable(a) mt.__gc = nil mt.__name = nil\n"
               "mt.__metatable = nil assert(getmetatable(a) == mt) a = nil collectgarbage()");
  host_does(L, "local r = debug.getregistry() for k in pairs(r) do\n"
               "  if type(k) ~= 'number' and k ~= '_LOADED' then r[k] = r[k] end end\n"
               "for level = 0, 10 do if not debug.getinfo(level) then break end\n"
               "  for i = 1, 20 do local n, v = debug.getlocal(level, i)\n"
               "    if n == nil then break end echo(v) end end");
  host_forget(L, class);
  host_works_on(L);
}

/* ------------------------------------------------------------------------------ finalizers */

static int finalized;

static const mp_frame *finalize(mp_frame *in, size_t byte_size) {
  finalized++;
  for (int i = 0; i < in->written; i++) CHECK_TEXT("finalizer's", in, i);
  memset((char *)in + sizeof *in, 0x33, byte_size - sizeof *in); /* the frame is the function's own */
  frame_set(in, 0, NULL);
  return in;
}

/* A frame that is full of strings, the bytes of which are in it. */
enum { STRINGS = 7, STRING_BYTES = 48 };

static char letter(int index, int round) { return (char)('a' + (index + round) % 26); }

static void fill(mp_frame *in, size_t byte_size, int round) {
  char *end = (char *)in + byte_size;
  frame_set(in, 0, NULL);
  for (int i = 0; i < STRINGS; i++) {
    end -= STRING_BYTES;
    memset(end, letter(i, round), STRING_BYTES);
    in->slots[i] = slot_string(end, STRING_BYTES);
  }
  in->count = in->written = STRINGS;
}

/* The frame is the io frame itself, from which strings are pushed, while finalizers call. */
static const mp_frame *push_strings(mp_frame *in, size_t byte_size) {
  static int round;
  const char *chunk = "litter() return ...";
  for (int i = 0; i < 5; i++) {
    fill(in, byte_size, ++round);
    CHECK_EQUAL(LUA_OK, mp_run(L, chunk, strlen(chunk), "=in", "t", in, in, byte_size));
    CHECK_EQUAL(STRINGS, in->count);
    CHECK_EQUAL(STRINGS, in->written);
    for (int k = 0; k < STRINGS; k++) {
      CHECK_EQUAL(STRING_BYTES, result_length(in, k));
      const char *bytes = in->slots[k].payload.address;
      for (int b = 0; b < STRING_BYTES; b++) CHECK_EQUAL(letter(k, round), bytes[b]);
    }
    mp_release(L);
  }
  fill(in, byte_size, 0);
  return in;
}

static void finalizersLeaveFramesAlone(void) {
  define("finalize", finalize);
  define("strings", push_strings);
  host_does(L, "function litter() for i = 1, 50 do\n"
               "  setmetatable({}, {__gc = function() finalize(\"finalizer's\") end}) end end\n"
               "collectgarbage('setpause', 0) collectgarbage('setstepmul', 1000)\n"
               "for i = 1, 300 do\n"
               "  litter()\n"
               "  local t = table.pack(strings())\n"
               "  assert(t.n == 7)\n"
               "  for k = 1, 7 do assert(t[k] == string.char(96 + k):rep(48), t[k]) end\n"
               "end\n"
               "collectgarbage('setpause', 200) collectgarbage('setstepmul', 100)");
  collect();
  CHECK(finalized > 1000);
}

/* Held values and buffers are the caller's, whatever finalizers do meanwhile. */
static const mp_frame *hold_and_buffer(mp_frame *in, size_t byte_size) {
  const char *chunk = "local t = {} for i = 1, 60 do t[i] = i end litter() return table.unpack(t)";
  frame_set(in, 0, NULL);
  CHECK_EQUAL(LUA_OK, mp_run(L, chunk, strlen(chunk), "=in", "t", in, in, byte_size));
  CHECK(in->held);
  mp_frame *last = NULL;
  for (int i = 0; i < 20; i++) {
    CHECK((last = mp_buffer(L, FRAME_BYTES)) != NULL);
    memset(last, i, FRAME_BYTES);
    mp_fetch(L, 50 + i % 10, in, byte_size);
    CHECK_EQUAL(60, in->count);
    CHECK_EQUAL(51 + i % 10, result_integer(in, 0));
  }
  mp_release(L);
  fill(last, FRAME_BYTES, 0);
  return last;
}

static void finalizersLeaveHeldValuesAlone(void) {
  define("hold", hold_and_buffer);
  host_does(L, "collectgarbage('setpause', 0) collectgarbage('setstepmul', 1000)\n"
               "for i = 1, 200 do local t = table.pack(hold())\n"
               "  assert(t.n == 7 and t[7] == ('g'):rep(48)) end\n"
               "collectgarbage('setpause', 200) collectgarbage('setstepmul', 100)");
}

/* At the end too, when memory runs out: the host is needed until the last of them. */
static void finalizersRunWhileTheStateCloses(void) {
  for (int refuses = 0; refuses < 2; refuses++) {
    counting_heap own_heap;
    mp_config config = foreign_config(&own_heap);
    lua_State *own = host_open(&config);
    int64_t first = define_in(own, "finalize", finalize);
    host_does(own, "for i = 1, 20 do setmetatable({}, {__gc = function()\n"
                   "  finalize(\"finalizer's\") pcall(string.rep, 'x', 1000)\n"
                   "  pcall(function() local t = {} for i = 1, 100 do t[i] = {} end end)\n"
                   "  finalize(\"finalizer's\") end}) end");
    int before = finalized;
    if (refuses) counting_heap_refuse(&own_heap, 0, INT64_MAX);
    host_close(own);
    CHECK(refuses ? finalized > before : finalized == before + 40);
    CHECK_EQUAL(1, runtime.discarded[first]);
  }
}

static const mp_frame *collect_all(mp_frame *in, size_t byte_size) {
  CHECK_EQUAL(LUA_OK, mp_collect(L, in, byte_size));
  return reply_with(in, MP_RETURNED, 0, NULL);
}

/* Objects of the frame that are dead in Lua come back, whatever a finalizer does meanwhile. */
static void finalizersThatCollectLeaveFramesAlone(void) {
  enum { OBJECTS = 200 };
  mp_slot slots[1 + 2 * OBJECTS];
  int32_t class = class_in(L);
  int tries = 0;
  define("collect", collect_all);
  for (int i = 0; i < 50; i++) {
    int64_t id = new_id(NULL);
    host_does(L, "collectgarbage() collectgarbage('stop')\n"
                 "kept = setmetatable({}, {__gc = function() collect() end})");
    export_object("object", id, class);
    host_does(L, "object = nil kept = nil");
    int32_t nodes = host_handle(L, "nodes = {} return nodes");
    slots[0] = slot_bare(MP_TAG_NODE | 1 << MP_LENGTH_SHIFT);
    for (int k = 1; k <= OBJECTS; k++) {
      slots[2 * k - 1] = slot_integer(k);
      slots[2 * k] = slot_foreign(k < OBJECTS ? new_id(NULL) : id, class);
    }
    mp_frame *large = frame_of(1 + 2 * OBJECTS, slots);
    host_does(L, "collectgarbage('restart')");
    if (!runtime.discarded[id]) {
      tries++;
      CHECK_EQUAL(LUA_OK, mp_fill(L, nodes, large, sizeof(mp_frame) + sizeof slots));
      CHECK_EQUAL(0, runtime.discarded[id]);
    }
    free(large);
    host_forget(L, nodes);
    host_does(L, "nodes = nil");
  }
  CHECK(tries > 0);
  host_forget(L, class);
  collect();
}

/* ------------------------------------------------------------------------- out of memory */

static int32_t prepared;
static int32_t prepared_class;
static int32_t prepared_nodes;

static void prepare(lua_State *state) {
  L = state; /* for the functions, until it is closed */
  define_in(state, "call", call_back);
  define_in(state, "yield", yield_arguments);
  define_in(state, "down", count_down);
  define_in(state, "many", big_reply);
  prepared_class = class_in(state);
  prepared_nodes = host_handle(state, "return {}");
  prepared = host_handle(
      state, "return function(o, f) local t = {call(function(s) return s .. 'x' end, 'arg'), f}\n"
             "  local co = coroutine.wrap(function() yield('some', 'values') return down(2) end)\n"
             "  co() assert(co() == 2) assert(co(1) == 1)\n"
             "  setmetatable({}, {__gc = function() call(tostring, 'x') end})\n"
             "  collectgarbage()\n"
             "  return o, f, #table.pack(many()) end");
}

static int usesForeign(lua_State *state, mp_frame *f) {
  const mp_slot slots[] = {slot_foreign(new_id(NULL), prepared_class), slot_callable(new_id(echo))};
  frame_set(f, 2, slots);
  int status = mp_call(state, prepared, f, FRAME_BYTES);
  CHECK_EQUAL(0, runtime.depth);
  return status;
}

static int fillsATable(lua_State *state, mp_frame *f) {
  const mp_slot slots[] = {slot_bare(MP_TAG_NODE | 1 << MP_LENGTH_SHIFT),
                           slot_text("object"),
                           slot_foreign(new_id(NULL), prepared_class),
                           slot_text("function"),
                           slot_callable(new_id(echo))};
  frame_set(f, 5, slots);
  return mp_fill(state, prepared_nodes, f, FRAME_BYTES);
}

static int makesAClass(lua_State *state, mp_frame *f) {
  const mp_slot name = slot_text("a name of more than forty bytes, which is a lot");
  frame_set(f, 1, &name);
  return mp_new_class(state, f, FRAME_BYTES);
}

static void memoryMayRunOut(void) {
  counting_heap unused;
  mp_config config = foreign_config(&unused);
  lua_State *shared = L;
  int64_t last = runtime.last_id;
  host_runs_out_of_memory(&config, prepare, usesForeign, LUA_OK);
  host_runs_out_of_memory(&config, prepare, fillsATable, LUA_OK);
  host_runs_out_of_memory(&config, prepare, makesAClass, LUA_OK);
  L = shared;
  for (int64_t id = last + 1; id <= runtime.last_id; id++) CHECK_EQUAL(1, runtime.discarded[id]);
}

/* A state that does not open needs nothing of the runtime. */
static void statesOpenOrLeaveNothing(void) {
  int status;
  int64_t after = 0;
  do {
    counting_heap own_heap;
    mp_config config = foreign_config(&own_heap);
    config.libraries = MP_LIB_BASE;
    counting_heap_refuse(&own_heap, after++, INT64_MAX);
    lua_State *own;
    status = mp_open(&config, &own, frame, FRAME_BYTES);
    counting_heap_serve(&own_heap);
    if (status == LUA_OK) {
      host_close(own);
    } else {
      CHECK_EQUAL(LUA_ERRMEM, status);
      CHECK(own == NULL);
      CHECK_EQUAL(0, own_heap.live_bytes);
    }
  } while (status != LUA_OK);
}

int main(void) {
  mp_config config = foreign_config(&heap);
  L = host_open(&config);
  frame = frame_new(FRAME_BYTES);
  any_class = class_in(L);
  RUN(valuesComeBack);
  RUN(errorsAreRaised);
  RUN(moreArgumentsThanFitAreFetched);
  RUN(repliesMayBeLarge);
  RUN(functionsCallLuaAgain);
  RUN(buffersOutliveWhatIsHeld);
  RUN(functionsDoAllThatTheRuntimeCan);
  RUN(recursionComesToAnEnd);
  RUN(noErrorJumpsOverAFunction);
  RUN(errorsInsideOfErrorsAreToldApart);
  RUN(functionsYield);
  RUN(runningAndNormalOnesCannotBeResumed);
  RUN(functionsResumeCoroutines);
  RUN(objectsAreTheSameAgain);
  RUN(theClassIsOutOfReach);
  RUN(functionsAreDiscardedOnce);
  RUN(objectsInFinalizersAreGoneOrNot);
  RUN(hooksLeaveObjectsOfFramesAlone);
  RUN(closingDiscardsAll);
  RUN(tamperingDoesNotCrash);
  RUN(finalizersLeaveFramesAlone);
  RUN(finalizersThatCollectLeaveFramesAlone);
  RUN(finalizersLeaveHeldValuesAlone);
  RUN(finalizersRunWhileTheStateCloses);
  RUN(memoryMayRunOut);
  RUN(statesOpenOrLeaveNothing);
  free(frame);
  host_works_on(L);
  host_close(L);
  for (int64_t id = 1; id <= runtime.last_id; id++) CHECK(runtime.discarded[id] <= 1);
  return 0;
}
