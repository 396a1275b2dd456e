#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Standard output, because some tests redirect the standard error. */
void check_begin(const char *test) {
  printf("%s\n", test);
  fflush(stdout);
}

void check_failed(const char *file, int line, const char *condition) {
  printf("%s:%d: failed: %s\n", file, line, condition);
  exit(EXIT_FAILURE);
}

void check_equal(const char *file, int line, const char *what, int64_t expected, int64_t actual) {
  if (expected == actual) return;
  printf("%s:%d: %s: expected=%lld actual=%lld\n", file, line, what, (long long)expected,
         (long long)actual);
  exit(EXIT_FAILURE);
}

void check_contains(const char *file, int line, const char *part, const char *whole) {
  if (strstr(whole, part) != NULL) return;
  printf("%s:%d: expected \"%s\" within \"%s\"\n", file, line, part, whole);
  exit(EXIT_FAILURE);
}
