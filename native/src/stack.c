/*
 * The end of a thread's stack is asked for once and kept per thread, so that a check costs two
 * loads. Stacks grow downwards on every system that this is built for.
 */
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* pthread_getattr_np */
#endif

#include "stack.h"

#include <stdint.h>

#if defined(__linux__) || defined(__APPLE__)

#include <pthread.h>

#if defined(__GNUC__)
#define IN_THREAD_BLOCK __attribute__((tls_model("initial-exec"))) /* no call to find it */
#else
#define IN_THREAD_BLOCK
#endif

static _Thread_local uintptr_t stack_end IN_THREAD_BLOCK;

#if defined(__linux__)

static uintptr_t find_end(void) {
  pthread_attr_t attributes;
  void *end = NULL;
  size_t size;
  if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
    if (pthread_attr_getstack(&attributes, &end, &size) != 0) end = NULL;
    pthread_attr_destroy(&attributes);
  }
  return (uintptr_t)end;
}

#else

static uintptr_t find_end(void) {
  pthread_t self = pthread_self();
  return (uintptr_t)pthread_get_stackaddr_np(self) - pthread_get_stacksize_np(self);
}

#endif

size_t mp_stack_left(void) {
  if (stack_end == 0) stack_end = find_end();
  return stack_end == 0 ? SIZE_MAX : (uintptr_t)__builtin_frame_address(0) - stack_end;
}

#else

size_t mp_stack_left(void) { return SIZE_MAX; }

#endif
