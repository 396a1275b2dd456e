/* What jextract reads: every header whose symbols the bindings may hold. */
#include "lua.h"

#include "lauxlib.h"
#include "lualib.h"
#include "moonpool.h"
