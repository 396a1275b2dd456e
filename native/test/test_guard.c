/* Guests: what can crash the process is not there, and what is there works as Lua's own. */
#include <stdlib.h>
#include <string.h>

#include "host.h"

static counting_heap heap;
static lua_State *L;

static void loadTakesTextOnly(void) {
  host_does(L,
            "local code = string.dump(function() return 1 end)\n"
            "local f, message = load(code) assert(not f and message:find('binary chunk'))\n"
            "f, message = load(code, 'name', 'b') assert(not f and message:find('binary chunk'))\n"
            "f, message = load(code, 'name', 'bt', {}) assert(not f)\n"
            "local pieces = {code, nil} local i = 0\n"
            "f = load(function() i = i + 1 return pieces[i] end) assert(not f)\n"
            "f, message = load('return 1', '=x', 'b') assert(not f and message:find('text chunk'))\n"
            "assert(load('return 1')() == 1)\n"
            "assert(load('return ...', '=x', 't')(2) == 2)\n"
            "assert(load('return y', '=x', 'bt', {y = 3})() == 3)\n"
            "assert(load('return y', '=x', nil, {y = 3})() == 3)\n"
            "assert(not pcall(load('return y.z', '=x', 't', nil)))\n"
            "assert(not pcall(load)) assert(not pcall(load, {}))\n"
            "f, message = load('x x', '=name') assert(message:find('^name:1:'))");
}

static void filesAreTextToo(void) {
  host_does(L,
            "local name = 'guard_module.lua'\n"
            "local function write(text)\n"
            "  local file = assert(io.open(name, 'wb')) file:write(text) file:close() end\n"
            "write('local a = ... return 7, a, own')\n"
            "assert(loadfile(name)() == 7)\n"
            "assert(select(3, loadfile(name, 't', {own = 8})()) == 8)\n"
            "assert(select('#', dofile(name)) == 3 and dofile(name) == 7)\n"
            "package.path = './?.lua'\n"
            "local value, from = require 'guard_module'\n"
            "assert(value == 7 and from == './guard_module.lua')\n"
            "package.loaded.guard_module = nil\n"
            "write(string.dump(function() return 1 end))\n"
            "assert(not loadfile(name)) assert(not pcall(dofile, name))\n"
            "local ok, message = pcall(require, 'guard_module')\n"
            "assert(not ok and message:find('error loading module', 1, true))\n"
            "write('return (') ok, message = pcall(require, 'guard_module')\n"
            "assert(not ok and message:find('unexpected symbol'))\n"
            "os.remove(name) ok, message = pcall(require, 'guard_module')\n"
            "assert(not ok and message:find(\"no file './guard_module.lua'\", 1, true))\n"
            "assert(not loadfile(name)) assert(not pcall(dofile, name))\n"
            "package.preload.ready = function() return 9 end assert(require 'ready' == 9)");
}

static void dofileMayYield(void) {
  host_does(L,
            "local file = assert(io.open('guard_yield.lua', 'wb'))\n"
            "file:write('return coroutine.yield(1)') file:close()\n"
            "local co = coroutine.wrap(function() return dofile('guard_yield.lua') end)\n"
            "assert(co() == 1 and co(2) == 2) os.remove('guard_yield.lua')");
}

static void nativeModulesAreNotLoaded(void) {
  host_does(L,
            "assert(package.loadlib == nil and package.cpath == '')\n"
            "assert(#package.searchers == 2)\n"
            "package.cpath = './?.so' assert(not pcall(require, 'nothing'))");
}

static void debugKeepsToLua(void) {
  host_does(L,
            "assert(debug.getregistry == nil)\n"
            "assert(not pcall(debug.setmetatable, io.stdout, {}))\n"
            "local t, m = {}, {} assert(debug.setmetatable(t, m) == t)\n"
            "assert(debug.getmetatable(t) == m)\n"
            "local next_word = ('a b'):gmatch('%a')\n"
            "assert(not pcall(debug.setupvalue, next_word, 1, 'x'))\n"
            "assert(debug.getupvalue(next_word, 1) == nil)\n"
            "local of_strings = debug.getmetatable('')\n"
            "assert(of_strings.__index == string and getmetatable('') == of_strings)\n"
            "local of_files = debug.getmetatable(io.stdout) assert(of_files.__name == 'FILE*')\n"
            "of_files.__metatable = 'shown' assert(debug.getmetatable(io.stdout) == 'shown')\n"
            "of_files.__metatable = nil assert(not pcall(debug.getmetatable))\n"
            "local up = 1 local function f() return up end\n"
            "assert(debug.getupvalue(f, 1) == 'up')\n"
            "assert(debug.setupvalue(f, 1, 5) == 'up' and f() == 5 and up == 5)");
}

static void localsAreThoseOfLuaFunctions(void) {
  host_does(L,
            "local function inner()\n"
            "  local name, value = debug.getlocal(2, 1) assert(name == 'mine' and value == 1)\n"
            "  assert(debug.setlocal(2, 1, 2) == 'mine')\n"
            "end\n"
            "local function outer() local mine = 1 inner() return mine end\n"
            "assert(outer() == 2)\n"
            "local seen = 0\n"
            "('abc'):gsub('.', function()\n"
            "  assert(debug.getlocal(2, 1) == nil and debug.setlocal(2, 1, 0) == nil)\n"
            "  seen = seen + 1 end)\n"
            "assert(seen == 3)\n"
            "assert(debug.getlocal(0, 1) == nil)\n"
            "assert(debug.getlocal(function(a, b) end, 2) == 'b')\n"
            "assert(not pcall(debug.getlocal, 1000, 1)) assert(not pcall(debug.getlocal, -1, 1))\n"
            "assert(not pcall(debug.getlocal, 1 << 40, 1)) assert(not pcall(debug.getlocal))\n"
            "local co = coroutine.create(function(a) local b = 3 coroutine.yield() return b end)\n"
            "coroutine.resume(co, 1)\n"
            "assert(debug.getlocal(co, 1, 2) == 'b' and debug.setlocal(co, 1, 2, 4) == 'b')\n"
            "assert(debug.getlocal(co, 0, 1) == nil)\n"
            "assert(select(2, coroutine.resume(co)) == 4)");
}

/* A register that is no variable is what the virtual machine works with. */
static void temporariesAreNotChanged(void) {
  host_does(L,
            "local function tamper()\n"
            "  for i = 1, 20 do\n"
            "    local name = debug.getlocal(2, i)\n"
            "    if name and name:find('^%(') then assert(debug.setlocal(2, i, 5) == nil) end\n"
            "  end\n"
            "  return 1\n"
            "end\n"
            "local function victim() return {2, tamper(), tamper()} end\n"
            "local t = victim() assert(t[1] == 2 and t[3] == 1)\n"
            "for i = 1, 3 do tamper() end");
}

static void levelsAreCountedAsInLua(void) {
  host_does(L,
            "local function me() return debug.getinfo(1, 'f').func end assert(me() == me)\n"
            "local function who() return debug.getinfo(2, 'l').currentline end\n"
            "assert(who() == 3)\n"
            "assert(debug.getinfo(0, 'S').what == 'C') assert(debug.getinfo(1 << 20) == nil)\n"
            "assert(debug.getinfo(me, 'L').activelines) assert(debug.getinfo(1, 'L').activelines)\n"
            "local co = coroutine.create(me)\n"
            "assert(not pcall(debug.getinfo, co, 0, 'L'))\n"
            "assert(debug.getinfo(co, me, 'S').what == 'Lua')\n"
            "assert(not pcall(debug.getinfo)) assert(not pcall(debug.getinfo, 1, 'X'))");
}

static void partsCanBeLeftOut(void) {
  counting_heap own;
  mp_config config = host_config(&own);
  config.flags = 0;
  for (uint32_t bit = 0; bit < 10; bit++) {
    config.libraries = (uint32_t)1 << bit;
    host_close(host_open(&config));
  }
}

int main(void) {
  mp_config config = host_config(&heap);
  config.flags = 0;
  L = host_open(&config);
  RUN(loadTakesTextOnly);
  RUN(filesAreTextToo);
  RUN(dofileMayYield);
  RUN(nativeModulesAreNotLoaded);
  RUN(debugKeepsToLua);
  RUN(localsAreThoseOfLuaFunctions);
  RUN(temporariesAreNotChanged);
  RUN(levelsAreCountedAsInLua);
  RUN(partsCanBeLeftOut);
  host_close(L);
  return 0;
}
