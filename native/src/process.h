/* The process around a state, of which a state is a guest unless mp_own_process says otherwise. */
#ifndef MOONPOOL_PROCESS_H
#define MOONPOOL_PROCESS_H

#include "lua.h"

/* Replaces what the library `os` does to the whole process. May raise. */
void mp_replace_process_functions(lua_State *L);

/*
 * Runtimes set the user's locale for the whole process, and in some of them Lua could not read its
 * own numbers. A guest therefore runs in the C locale, which only its thread sees, between these
 * two; in a process of its own they do nothing.
 */
void *mp_enter_locale(void);
void mp_leave_locale(void *entered);

#endif
