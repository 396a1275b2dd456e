#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* dladdr */
#endif

#include "process.h"

#include <locale.h>

#include "moonpool.h"

static int own_process;

int mp_process_is_own(void) { return own_process; }

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

int mp_own_process(void) {
  own_process = 1;
  setlocale(LC_ALL, "C");
  return share_symbols();
}
