/* C's standard streams: warnings on the standard error, lines from the standard input. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

static const char *const error_file = "test-stderr.txt";
static const char *const input_file = "test-stdin.txt";
static const char *const output_file = "test-stdout.txt";

/* What is in a file; free() it. */
static char *content(const char *name) {
  FILE *file = fopen(name, "rb");
  CHECK(file != NULL);
  char *text = calloc(1, 4096);
  CHECK(text != NULL);
  CHECK(fread(text, 1, 4095, file) < 4095);
  fclose(file);
  return text;
}

static void checkWarnings(uint32_t flags, const char *chunk, const char *expected) {
  CHECK(freopen(error_file, "w", stderr) != NULL);
  counting_heap heap;
  mp_config config = host_config(&heap);
  config.flags = flags;
  lua_State *L = host_open(&config);
  host_does(L, chunk);
  host_close(L);
  fflush(stderr);
  char *text = content(error_file);
  if (strcmp(expected, text) != 0) check_failed(chunk, 0, text);
  free(text);
}

static void warningsFollowTheFlagAndTheScript(void) {
  checkWarnings(0, "warn('unseen')", "");
  checkWarnings(MP_WARNINGS_ON, "warn('a')", "Lua warning: a\n");
  checkWarnings(MP_WARNINGS_ON, "warn('a', 'b', 'c') warn('d')",
                "Lua warning: abc\nLua warning: d\n");
  checkWarnings(0, "warn('x') warn('@on') warn('y')", "Lua warning: y\n");
  checkWarnings(MP_WARNINGS_ON, "warn('x') warn('@off') warn('y')", "Lua warning: x\n");
}

static void controlMessagesAreNotShown(void) {
  checkWarnings(MP_WARNINGS_ON, "warn('@unknown') warn('@on')", "");
  checkWarnings(MP_WARNINGS_ON, "warn('@off', 'is no control message')",
                "Lua warning: @offis no control message\n");
  checkWarnings(MP_WARNINGS_ON, "warn('a', '@off') warn('b')",
                "Lua warning: a@off\nLua warning: b\n");
}

static void errorsInFinalizersAreWarnings(void) {
  checkWarnings(MP_WARNINGS_ON,
                "setmetatable({}, {__gc = function() error('oops', 0) end}) collectgarbage()",
                "Lua warning: error in __gc (oops)\n");
}

static void linesComeFromTheStreamThatLuaReads(void) {
  FILE *file = fopen(input_file, "wb");
  CHECK(file != NULL);
  fputs("first\nsecond\n\na longer line\nlast", file);
  fclose(file);
  CHECK(freopen(input_file, "rb", stdin) != NULL);

  counting_heap heap;
  mp_config config = host_config(&heap);
  lua_State *L = host_open(&config);
  char line[8];
  CHECK_EQUAL(6, mp_read_line(line, sizeof line));
  CHECK(strcmp("first\n", line) == 0);
  host_does(L, "assert(io.read() == 'second')");
  CHECK_EQUAL(1, mp_read_line(line, sizeof line));
  CHECK_EQUAL(7, mp_read_line(line, sizeof line)); /* no more than fits, then the rest */
  CHECK(strcmp("a longe", line) == 0);
  CHECK_EQUAL(7, mp_read_line(line, sizeof line));
  CHECK(strcmp("r line\n", line) == 0);
  CHECK_EQUAL(4, mp_read_line(line, sizeof line));
  CHECK(strcmp("last", line) == 0);
  CHECK_EQUAL(-1, mp_read_line(line, sizeof line));
  CHECK_EQUAL(-1, mp_read_line(line, 0));
  host_close(L);
}

/* The last test: it takes the standard output away from those before it. */
static void flushWritesWhatPrintHoldsBack(void) {
  CHECK(freopen(output_file, "wb", stdout) != NULL);
  setvbuf(stdout, NULL, _IOFBF, 4096);
  counting_heap heap;
  mp_config config = host_config(&heap);
  lua_State *L = host_open(&config);
  host_does(L, "io.write('written')");
  char *before = content(output_file);
  mp_flush();
  char *after = content(output_file);
  host_close(L);
  if (strcmp("", before) != 0 || strcmp("written", after) != 0) exit(EXIT_FAILURE);
  free(before);
  free(after);
}

int main(void) {
  RUN(warningsFollowTheFlagAndTheScript);
  RUN(controlMessagesAreNotShown);
  RUN(errorsInFinalizersAreWarnings);
  RUN(linesComeFromTheStreamThatLuaReads);
  RUN(flushWritesWhatPrintHoldsBack);
  return 0;
}
