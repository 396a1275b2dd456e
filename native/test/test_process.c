/* A state as the guest of a process, and then as its owner: what it sees of the locale. */
#define _POSIX_C_SOURCE 200809L

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

static void osSetlocaleOfAGuestKnowsTheCLocaleAlone(void) {
  counting_heap heap = {0};
  mp_config config = host_config(&heap);
  lua_State *L = host_open(&config);
  host_does(L, "assert(os.setlocale() == 'C')\n"
               "assert(os.setlocale('') == 'C' and os.setlocale('POSIX', 'numeric') == 'C')\n"
               "assert(os.setlocale('C.UTF-8') == nil and os.setlocale('xx') == nil)");
  host_close(L);
}

#if !defined(_WIN32)

/* Whatever the user's locale is; the one with a decimal comma if this system has it. */
static void aGuestLeavesTheLocaleOfTheThreadAndOfTheProcess(void) {
  counting_heap heap = {0};
  mp_config config = host_config(&heap);
  setlocale(LC_ALL, "");
  setlocale(LC_NUMERIC, "de_DE.UTF-8");
  char *before = strdup(setlocale(LC_ALL, NULL));
  lua_State *L = host_open(&config);
  host_does(L, "assert(tostring(1.5) == '1.5' and tonumber('2.5') == 2.5)\n"
               "setmetatable({}, {__gc = function() assert(tostring(1.5) == '1.5') end})");
  CHECK(uselocale((locale_t)0) == LC_GLOBAL_LOCALE);
  free(host_results(L, LUA_ERRRUN, "error()"));
  CHECK(uselocale((locale_t)0) == LC_GLOBAL_LOCALE);
  host_close(L);
  CHECK(uselocale((locale_t)0) == LC_GLOBAL_LOCALE);
  CHECK(strcmp(before, setlocale(LC_ALL, NULL)) == 0);
  free(before);
}

#endif

static void anOwnerStartsInTheCLocaleAndChangesIt(void) {
  counting_heap heap = {0};
  mp_config config = host_config(&heap);
  setlocale(LC_ALL, "");
  CHECK_EQUAL(1, mp_own_process(NULL));
  lua_State *L = host_open(&config);
  host_does(L, "assert(os.setlocale() == 'C')\n"
               "local changed = os.setlocale('C.UTF-8')\n"
               "assert(os.setlocale() == (changed or 'C'))");
  host_close(L);
}

int main(void) {
  RUN(osSetlocaleOfAGuestKnowsTheCLocaleAlone);
#if !defined(_WIN32)
  RUN(aGuestLeavesTheLocaleOfTheThreadAndOfTheProcess);
#endif
  RUN(anOwnerStartsInTheCLocaleAndChangesIt);
  return 0;
}
