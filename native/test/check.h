/* Assertions of the tests. The first that fails ends the program. */
#ifndef MOONPOOL_TEST_CHECK_H
#define MOONPOOL_TEST_CHECK_H

#include <stdint.h>

/* Runs a test function; its name is on the standard output if one fails. */
#define RUN(test) (check_begin(#test), test())

#define CHECK(condition) \
  ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition))
#define CHECK_EQUAL(expected, actual) \
  check_equal(__FILE__, __LINE__, #actual, (int64_t)(expected), (int64_t)(actual))
#define CHECK_CONTAINS(part, whole) check_contains(__FILE__, __LINE__, (part), (whole))

void check_begin(const char *test);
void check_failed(const char *file, int line, const char *condition);
void check_equal(const char *file, int line, const char *what, int64_t expected, int64_t actual);
void check_contains(const char *file, int line, const char *part, const char *whole);

#endif
