#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* dladdr */
#endif

#include "process.h"

#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "lauxlib.h"
#include "lualib.h"
#include "moonpool.h"

static int own_process;

/* Not in a state: debug.setupvalue and the registry put anything anywhere there. */
static mp_exit_hook process_exit;

/* ----------------------------------------------------------------------- functions of os */

/* os.exit([code [, close]]). C's exit would end the runtime without asking it. */
static int os_exit(lua_State *L) {
  void *ud;
  int status = lua_isboolean(L, 1)
                   ? (lua_toboolean(L, 1) ? EXIT_SUCCESS : EXIT_FAILURE)
                   : (int)luaL_optinteger(L, 1, EXIT_SUCCESS);
  int close = lua_toboolean(L, 2);
  if (process_exit == NULL) {
    return luaL_error(L, "os.exit is not available in an embedded state");
  }
  lua_getallocf(L, &ud);
  if (close) lua_close(L);
  process_exit(ud, status, close);
  abort(); /* the hook must not return: there may be no state to return to */
}

/* os.setlocale([locale [, category]]) of a guest: there is the C locale, and no other. */
static int os_setlocale(lua_State *L) {
  const char *wanted = luaL_optstring(L, 1, "C");
  int is_c = *wanted == '\0' || strcmp(wanted, "C") == 0 || strcmp(wanted, "POSIX") == 0;
  if (is_c) {
    lua_pushliteral(L, "C");
  } else {
    luaL_pushfail(L);
  }
  return 1;
}

void mp_replace_process_functions(lua_State *L) {
  lua_getglobal(L, LUA_OSLIBNAME);
  lua_pushcfunction(L, os_exit);
  lua_setfield(L, -2, "exit");
  if (!own_process) {
    lua_pushcfunction(L, os_setlocale);
    lua_setfield(L, -2, "setlocale");
  }
  lua_pop(L, 1);
}

/* --------------------------------------------------------------------- locale and symbols */

#if defined(__linux__) || defined(__APPLE__)

#include <dlfcn.h>
#if defined(__APPLE__)
#include <xlocale.h>
#endif

static locale_t c_locale;

/* Before any thread can ask for it. */
__attribute__((constructor)) static void make_locale(void) {
  c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

void *mp_enter_locale(void) { return own_process ? NULL : (void *)uselocale(c_locale); }

void mp_leave_locale(void *entered) {
  if (entered != NULL) uselocale((locale_t)entered);
}

static int share_symbols(void) {
  Dl_info self;
  if (dladdr(&own_process, &self) == 0) return 0;
  return dlopen(self.dli_fname, RTLD_NOW | RTLD_GLOBAL | RTLD_NOLOAD) != NULL;
}

#else

void *mp_enter_locale(void) { return NULL; }

void mp_leave_locale(void *entered) { (void)entered; }

static int share_symbols(void) { return 0; }

#endif

int mp_own_process(mp_exit_hook exit_hook) {
  own_process = 1;
  process_exit = exit_hook;
  setlocale(LC_ALL, "C");
#if defined(SIGPIPE)
  signal(SIGPIPE, SIG_DFL); /* runtimes ignore it, and `print` does not look at errors */
#endif
  return share_symbols();
}
