/*
 * What guests do without. A few functions of Lua's libraries can crash the process, as they can
 * crash `lua`: they trust precompiled code, load native code, or reach into what C functions rely
 * on. A guest gets variants that cannot:
 *
 *   load, loadfile, dofile, require   text only; without io, no loadfile and no dofile
 *   package                           no native code: no loadlib, no searchers for C modules
 *   debug                             no registry; of metatables of userdata, what getmetatable shows,
 *                                     and no others for them; of locals and upvalues, those of Lua
 *                                     functions, if they have a name; of functions in the stack, those
 *                                     of Lua
 */
#include <string.h>

#include "host.h"
#include "lualib.h"

/* ---------------------------------------------------------------------------------- loading */

/* The mode that the caller wants, at `index`, without its "b". What is left may allow nothing. */
static void keep_to_text(lua_State *L, int index) {
  const char *mode = luaL_optstring(L, index, "bt");
  if (lua_gettop(L) < index) lua_settop(L, index);
  lua_pushstring(L, strchr(mode, 't') != NULL ? "t" : "none");
  lua_replace(L, index);
}

/* Calls the function that is upvalue 1 with all arguments. */
static int call_original(lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

static int load_text(lua_State *L) {
  luaL_checkany(L, 1);
  keep_to_text(L, 3);
  return call_original(L);
}

static int loadfile_text(lua_State *L) {
  lua_settop(L, lua_gettop(L) < 1 ? 1 : lua_gettop(L));
  keep_to_text(L, 2);
  return call_original(L);
}

static int dofile_ends(lua_State *L, int status, lua_KContext context) {
  (void)status;
  (void)context;
  return lua_gettop(L) - 1;
}

static int dofile_text(lua_State *L) {
  const char *name = luaL_optstring(L, 1, NULL);
  lua_settop(L, 1);
  if (luaL_loadfilex(L, name, "t") != LUA_OK) return lua_error(L);
  lua_callk(L, 0, LUA_MULTRET, 0, dofile_ends);
  return dofile_ends(L, LUA_OK, 0);
}

/* ---------------------------------------------------------------------------------- package */

/* A searcher of require: a file of source on package.path; upvalue 1 is `package`. */
static int search_text(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  lua_getfield(L, lua_upvalueindex(1), "searchpath");
  lua_pushvalue(L, 1);
  lua_getfield(L, lua_upvalueindex(1), "path");
  lua_call(L, 2, 2);
  if (lua_isnil(L, -2)) return 1; /* what was tried */
  lua_pop(L, 1);
  const char *file = luaL_checkstring(L, -1);
  if (luaL_loadfilex(L, file, "t") != LUA_OK)
    return luaL_error(L, "error loading module '%s' from file '%s':\n\t%s", name, file,
                      lua_tostring(L, -1));
  lua_insert(L, -2);
  return 2;
}

static void guard_package(lua_State *L) {
  lua_pushnil(L);
  lua_setfield(L, -2, "loadlib");
  lua_pushliteral(L, "");
  lua_setfield(L, -2, "cpath");
  lua_getfield(L, -1, "searchers"); /* preload, files of source, C modules, C modules in one */
  lua_pushvalue(L, -2);
  lua_pushcclosure(L, search_text, 1);
  lua_rawseti(L, -2, 2);
  for (int i = 4; i >= 3; i--) {
    lua_pushnil(L);
    lua_rawseti(L, -2, i);
  }
  lua_pop(L, 1);
}

/* ------------------------------------------------------------------------------------ debug */

/*
 * Whether a script may have a local of a level of a stack: not those of C functions, which are
 * their working memory; and to change it, not one without a name, which the virtual machine trusts.
 * What does not exist is left to the original.
 */
static int is_harmless(lua_State *L, lua_State *of, lua_Integer level, int local, int changes) {
  lua_Debug ar;
  if (!lua_getstack(of, (int)level, &ar)) return 1;
  if (of != L && !lua_checkstack(of, 1)) return 0;
  lua_getinfo(of, "f", &ar);
  int is_c = lua_iscfunction(of, -1);
  lua_pop(of, 1);
  if (is_c || !changes) return !is_c;
  const char *name = lua_getlocal(of, &ar, local);
  if (name == NULL) return 1;
  lua_pop(of, 1);
  return name[0] != '(';
}

/* getlocal and setlocal: arguments [thread,] level or function, local [, value] */
static int local_of_lua(lua_State *L, int changes) {
  int has_thread = lua_isthread(L, 1);
  lua_State *of = has_thread ? lua_tothread(L, 1) : L;
  int index = has_thread ? 2 : 1;
  if (!lua_isfunction(L, index)) {
    lua_Integer level = luaL_checkinteger(L, index);
    luaL_argcheck(L, 0 <= level && level < INT32_MAX, index, "level out of range");
    int local = (int)luaL_checkinteger(L, index + 1);
    if (!is_harmless(L, of, level, local, changes)) {
      luaL_pushfail(L); /* as if there were no such local */
      return 1;
    }
    if (of == L) { /* the original finds this function in between */
      lua_pushinteger(L, level + 1);
      lua_replace(L, index);
    }
  }
  return call_original(L);
}

static int getlocal_of_lua(lua_State *L) { return local_of_lua(L, 0); }

static int setlocal_of_lua(lua_State *L) { return local_of_lua(L, 1); }

static int getupvalue_of_lua(lua_State *L) {
  if (!lua_iscfunction(L, 1)) return call_original(L);
  luaL_pushfail(L); /* as if it had none */
  return 1;
}

static int setupvalue_of_lua(lua_State *L) {
  if (lua_iscfunction(L, 1)) return luaL_argerror(L, 1, "Lua function expected");
  return call_original(L);
}

/* Takes a C function out of what is known of a level: some trust whoever calls them. */
static int without_function_of_c(lua_State *L, int results) {
  if (lua_istable(L, -1)) {
    lua_getfield(L, -1, "func");
    int is_c = lua_iscfunction(L, -1);
    lua_pop(L, 1);
    if (is_c) {
      lua_pushnil(L);
      lua_setfield(L, -2, "func");
    }
  }
  return results;
}

/* The lines of another thread's level are a table that is made on that thread, unprotected. */
static int getinfo_of_own(lua_State *L) {
  if (lua_isfunction(L, lua_isthread(L, 1) ? 2 : 1)) return call_original(L);
  if (lua_isthread(L, 1)) {
    if (strchr(luaL_optstring(L, 3, ""), 'L') != NULL)
      return luaL_argerror(L, 3, "'L' is not for other threads");
  } else {
    lua_Integer level = luaL_checkinteger(L, 1);
    if (level < 0 || level >= INT32_MAX) {
      luaL_pushfail(L);
      return 1;
    }
    if (level > 0) { /* the original finds this function in between */
      lua_pushinteger(L, level + 1);
      lua_replace(L, 1);
    }
  }
  return without_function_of_c(L, call_original(L));
}

/* With a userdata's own metatable, a script takes all objects of a class their finalizer. */
static int metatable_as_shown(lua_State *L) {
  if (lua_type(L, 1) == LUA_TUSERDATA && luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
    return 1;
  return call_original(L);
}

static int metatable_of_others(lua_State *L) {
  if (lua_type(L, 1) == LUA_TUSERDATA)
    return luaL_argerror(L, 1, "the metatable of a userdata cannot be changed");
  return call_original(L);
}

/* ------------------------------------------------------------------------------------- all */

/* Puts `variant` in the place of field `name` of the table on top, which it gets as upvalue 1. */
static void replace(lua_State *L, const char *name, lua_CFunction variant) {
  lua_getfield(L, -1, name);
  lua_pushcclosure(L, variant, 1);
  lua_setfield(L, -2, name);
}

void guard_libraries(lua_State *L, uint32_t libraries) {
  if (libraries & MP_LIB_BASE) {
    lua_pushglobaltable(L);
    replace(L, "load", load_text);
    if (libraries & MP_LIB_IO) {
      replace(L, "loadfile", loadfile_text);
      replace(L, "dofile", dofile_text);
    } else { /* they read files */
      lua_pushnil(L);
      lua_setfield(L, -2, "loadfile");
      lua_pushnil(L);
      lua_setfield(L, -2, "dofile");
    }
    lua_pop(L, 1);
  }
  if (libraries & MP_LIB_PACKAGE) {
    lua_getglobal(L, LUA_LOADLIBNAME);
    guard_package(L);
    lua_pop(L, 1);
  }
  if (libraries & MP_LIB_DEBUG) {
    lua_getglobal(L, LUA_DBLIBNAME);
    lua_pushnil(L);
    lua_setfield(L, -2, "getregistry");
    replace(L, "getinfo", getinfo_of_own);
    replace(L, "getlocal", getlocal_of_lua);
    replace(L, "setlocal", setlocal_of_lua);
    replace(L, "getupvalue", getupvalue_of_lua);
    replace(L, "setupvalue", setupvalue_of_lua);
    replace(L, "getmetatable", metatable_as_shown);
    replace(L, "setmetatable", metatable_of_others);
    lua_pop(L, 1);
  }
}
