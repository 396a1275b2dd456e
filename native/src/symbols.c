/*
 * A runtime loads a library for itself alone; modules in C expect Lua's API to be the process's.
 */
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* dladdr */
#endif

#include "moonpool.h"

#if defined(__linux__) || defined(__APPLE__)

#include <dlfcn.h>

int mp_share_symbols(void) {
  static const char in_this_library = 0;
  Dl_info self;
  if (dladdr(&in_this_library, &self) == 0) return 0;
  return dlopen(self.dli_fname, RTLD_NOW | RTLD_GLOBAL | RTLD_NOLOAD) != NULL;
}

#else

int mp_share_symbols(void) { return 0; }

#endif
