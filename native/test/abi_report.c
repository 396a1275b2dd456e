/*
 * Prints what the C compiler says of the types and functions that cross into Java, one line each:
 *
 *   constant NAME VALUE
 *   struct   NAME SIZE ALIGNMENT
 *   field    STRUCT NAME OFFSET SIZE       a flexible array has size 0
 *   function NAME RETURN(PARAMETERS)       a letter per type, see CODE
 *
 * Usage: abi-report [FILE]. A list that is out of date does not compile, or ends with status 1.
 */
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>

#include "abi_functions.h"
#include "moonpool.h"

/* ------------------------------------------------------------------------------ constants */

#define CONSTANTS(C)                                                                           \
  C(LUA_OK) C(LUA_YIELD) C(LUA_ERRRUN) C(LUA_ERRSYNTAX) C(LUA_ERRMEM) C(LUA_ERRERR)            \
  C(LUA_VERSION_NUM) C(LUA_VERSION_RELEASE_NUM) C(LUA_REGISTRYINDEX) C(LUA_MULTRET)            \
  C(MP_CONTROL_MAGIC) C(MP_CONTROL_VERSION) C(MP_TAGS) C(MP_GRANULE) C(MP_EXACT_BINS)          \
  C(MP_BINS) C(MP_BIN_WORDS) C(MP_TRIM_SHIFT) C(MP_MIN_TRIM_BELOW) C(MP_TIGHT_SHIFT)           \
  C(MP_TIGHT_TRIGGER_SHIFT)                                                                    \
  C(MP_KIND_STATE) C(MP_KIND_UPVALUE) C(MP_KIND_PROTOTYPE)                                     \
  C(LUA_TSTRING) C(LUA_TTABLE) C(LUA_TFUNCTION) C(LUA_TUSERDATA) C(LUA_TTHREAD)                \
  C(MP_TAG_NIL) C(MP_TAG_FALSE) C(MP_TAG_TRUE) C(MP_TAG_INTEGER) C(MP_TAG_FLOAT)               \
  C(MP_TAG_STRING) C(MP_TAG_TABLE) C(MP_TAG_FUNCTION) C(MP_TAG_USERDATA) C(MP_TAG_THREAD)      \
  C(MP_TAG_LIGHTUSERDATA) C(MP_TAG_NODE) C(MP_TAG_FOREIGN) C(MP_TAG_HANDLE) C(MP_TAG_CALLABLE)                \
  C(MP_LENGTH_SHIFT) C(MP_RETURNED) C(MP_RAISED) C(MP_YIELDED)                                 \
  C(MP_SUSPENDED) C(MP_RUNNING) C(MP_NORMAL) C(MP_DEAD)                                        \
  C(MP_STACK_BYTES) C(MP_FOREIGN_STACK_BYTES) C(MP_ERRSTACK)                                   \
  C(MP_LIB_BASE) C(MP_LIB_PACKAGE) C(MP_LIB_COROUTINE) C(MP_LIB_TABLE) C(MP_LIB_IO)            \
  C(MP_LIB_OS) C(MP_LIB_STRING) C(MP_LIB_MATH) C(MP_LIB_UTF8) C(MP_LIB_DEBUG)                  \
  C(MP_IGNORE_ENVIRONMENT) C(MP_WARNINGS_ON) C(MP_GENERATIONAL) C(MP_TRUSTED)

#define PRINT_CONSTANT(name) printf("constant %s %lld\n", #name, (long long)(name));

/* -------------------------------------------------------------------------------- structs */

/* S begins a struct, F is a field, A a flexible array at the end, E ends the struct. */
#define STRUCTS(S, F, A, E)                                                                    \
  S(mp_control)                                                                                \
  F(mp_control, magic) F(mp_control, version)                                                  \
  F(mp_control, code_offset) F(mp_control, code_size)                                          \
  F(mp_control, data_offset) F(mp_control, data_size)                                          \
  F(mp_control, pool_offset) F(mp_control, pool_size)                                          \
  F(mp_control, io_offset) F(mp_control, io_size)                                              \
  F(mp_control, growth_offset) F(mp_control, growth_size)                                      \
  F(mp_control, limit) F(mp_control, allocator) F(mp_control, top) F(mp_control, end)          \
  F(mp_control, live_bytes) F(mp_control, peak_bytes)                                          \
  F(mp_control, used_bytes) F(mp_control, high_used_bytes) F(mp_control, peak_used_bytes)      \
  F(mp_control, trim_below) F(mp_control, frees) F(mp_control, grown_in_place)                 \
  F(mp_control, moved) F(mp_control, shrunk) F(mp_control, failures)                           \
  F(mp_control, consolidations) F(mp_control, merged_blocks) F(mp_control, recovered_bytes)    \
  F(mp_control, tag_requests) F(mp_control, tag_bytes)                                         \
  E(mp_control)                                                                                \
  S(mp_bins)                                                                                   \
  F(mp_bins, freed_since) F(mp_bins, occupied) F(mp_bins, heads)                               \
  E(mp_bins)                                                                                   \
  S(mp_pool)                                                                                   \
  F(mp_pool, base) F(mp_pool, control) F(mp_pool, slow) F(mp_pool, ud)                         \
  E(mp_pool)                                                                                   \
  S(mp_slot) F(mp_slot, head) F(mp_slot, payload) E(mp_slot)                                   \
  S(mp_frame)                                                                                  \
  F(mp_frame, count) F(mp_frame, written) F(mp_frame, held) F(mp_frame, outcome)              \
  A(mp_frame, slots)                                                                           \
  E(mp_frame)                                                                                  \
  S(mp_config)                                                                                 \
  F(mp_config, allocate) F(mp_config, ud) F(mp_config, libraries) F(mp_config, flags)          \
  F(mp_config, invoke) F(mp_config, discard) F(mp_config, runtime)                             \
  F(mp_config, io) F(mp_config, io_byte_size)                                                  \
  E(mp_config)

static size_t field_end; /* where the field before ended */

static void print_field(const char *type, const char *name, size_t offset, size_t size) {
  printf("field %s %s %zu %zu\n", type, name, offset, size);
  if (offset != field_end) { /* no struct here has padding, so a gap is a field left out */
    fprintf(stderr, "abi-report: a field is missing before %s.%s\n", type, name);
    exit(EXIT_FAILURE);
  }
  field_end = offset + size;
}

static void end_struct(const char *type, size_t size) {
  if (field_end != size) {
    fprintf(stderr, "abi-report: a field is missing at the end of %s\n", type);
    exit(EXIT_FAILURE);
  }
}

#define PRINT_STRUCT(type)                                         \
  printf("struct %s %zu %zu\n", #type, sizeof(type), alignof(type)); \
  field_end = 0;
#define PRINT_FIELD(type, name) \
  print_field(#type, #name, offsetof(type, name), sizeof(((type *)0)->name));
#define PRINT_ARRAY(type, name) print_field(#type, #name, offsetof(type, name), 0);
#define END_STRUCT(type) end_struct(#type, sizeof(type));

/* ------------------------------------------------------------------------------ functions */

/*
 * v void, i and I signed and unsigned 32 bits, j and s signed and unsigned 64 bits, d double,
 * p pointer, ? what no function here may have. It looks at a pointer to the type, since void has
 * no values.
 */
#define CODE(type)                                    \
  _Generic((type *)0,                                 \
      void *: 'v',                                    \
      int *: 'i',                                     \
      unsigned int *: 'I',                            \
      long *: sizeof(long) == 8 ? 'j' : 'i',          \
      unsigned long *: sizeof(long) == 8 ? 's' : 'I', \
      long long *: 'j',                               \
      unsigned long long *: 's',                      \
      double *: 'd',                                  \
      _Bool *: '?', char *: '?', signed char *: '?', unsigned char *: '?', short *: '?', \
      unsigned short *: '?', float *: '?', long double *: '?',                           \
      default: 'p')

/* CODES(a, b, c) is CODE(a), CODE(b), CODE(c) */
#define CODES_1(t) CODE(t)
#define CODES_2(t, ...) CODE(t), CODES_1(__VA_ARGS__)
#define CODES_3(t, ...) CODE(t), CODES_2(__VA_ARGS__)
#define CODES_4(t, ...) CODE(t), CODES_3(__VA_ARGS__)
#define CODES_5(t, ...) CODE(t), CODES_4(__VA_ARGS__)
#define CODES_6(t, ...) CODE(t), CODES_5(__VA_ARGS__)
#define CODES_7(t, ...) CODE(t), CODES_6(__VA_ARGS__)
#define CODES_8(t, ...) CODE(t), CODES_7(__VA_ARGS__)
#define CODES_9(t, ...) CODE(t), CODES_8(__VA_ARGS__)
#define CODES_10(t, ...) CODE(t), CODES_9(__VA_ARGS__)
#define CODES_NAME(a, b, c, d, e, f, g, h, i, j, name, ...) name
#define CODES(...)                                                                            \
  CODES_NAME(__VA_ARGS__, CODES_10, CODES_9, CODES_8, CODES_7, CODES_6, CODES_5, CODES_4,     \
             CODES_3, CODES_2, CODES_1, )(__VA_ARGS__)

#define ASSERT_PROTOTYPE(name, result, ...)                                       \
  _Static_assert(_Generic(&(name), result(*)(__VA_ARGS__) : 1, default : 0),      \
                 "abi_functions.h is out of date: " #name);
ABI_FUNCTIONS(ASSERT_PROTOTYPE)

#define PRINT_FUNCTION(name, result, ...)                       \
  {                                                             \
    const char codes[] = {CODES(__VA_ARGS__), '\0'};            \
    print_function(#name, CODE(result), codes);                 \
  }

static void print_function(const char *name, char result, const char *parameters) {
  printf("function %s %c(%s)\n", name, result, parameters[0] == 'v' ? "" : parameters);
}

int main(int argc, char **argv) {
  if (argc > 1 && freopen(argv[1], "w", stdout) == NULL) {
    perror(argv[1]);
    return EXIT_FAILURE;
  }
  CONSTANTS(PRINT_CONSTANT)
  STRUCTS(PRINT_STRUCT, PRINT_FIELD, PRINT_ARRAY, END_STRUCT)
  ABI_FUNCTIONS(PRINT_FUNCTION)
  return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
