/*
 * Warnings, on stderr. One arrives in pieces. The functions below are the states of a small
 * machine: off, at the start of a message, within one. Control messages ("@on", "@off") come in
 * one piece.
 */
#include <stdio.h>
#include <string.h>

#include "host.h"

static void warn_off(void *ud, const char *piece, int more);
static void warn_on(void *ud, const char *piece, int more);
static void warn_within(void *ud, const char *piece, int more);

static int is_control(const char *piece, int more) { return !more && piece[0] == '@'; }

static void control_warnings(lua_State *L, const char *command) {
  if (strcmp(command, "@on") == 0) lua_setwarnf(L, warn_on, L);
  if (strcmp(command, "@off") == 0) lua_setwarnf(L, warn_off, L);
}

static void warn_off(void *ud, const char *piece, int more) {
  if (is_control(piece, more)) control_warnings(ud, piece);
}

static void warn_within(void *ud, const char *piece, int more) {
  fputs(piece, stderr);
  if (!more) fputc('\n', stderr);
  fflush(stderr);
  lua_setwarnf(ud, more ? warn_within : warn_on, ud);
}

static void warn_on(void *ud, const char *piece, int more) {
  if (is_control(piece, more)) {
    control_warnings(ud, piece);
  } else {
    fputs("Lua warning: ", stderr);
    warn_within(ud, piece, more);
  }
}

void open_warnings(lua_State *L, int on) { lua_setwarnf(L, on ? warn_on : warn_off, L); }
