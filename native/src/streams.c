/* C's standard streams, which Lua's `io` and `print` use too. */
#include <stdio.h>

#include "moonpool.h"

int64_t mp_read_line(char *buffer, size_t byte_size) {
  size_t length = 0;
  int c = 0;
  while (length + 1 < byte_size && c != '\n' && (c = getc(stdin)) != EOF)
    buffer[length++] = (char)c;
  if (length == 0) return -1;
  buffer[length] = '\0';
  return (int64_t)length;
}

void mp_flush(void) { fflush(stdout); }

const char *mp_copyright(void) { return LUA_COPYRIGHT; }
