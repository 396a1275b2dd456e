/*
 * Lua includes this between luaconf.h and its own declarations (LUA_USER_H). The library is
 * compiled with hidden visibility; what Lua marks as API becomes visible again here.
 * LUALIB_API and LUAMOD_API are defined as LUA_API and follow it.
 */
#undef LUA_API
#define LUA_API extern __attribute__((visibility("default")))
