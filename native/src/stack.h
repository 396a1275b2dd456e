/* How much of the calling thread's C stack is left. */
#ifndef MOONPOOL_STACK_H
#define MOONPOOL_STACK_H

#include <stddef.h>

/* Bytes from here to the end of the stack; SIZE_MAX where the system does not tell. */
size_t mp_stack_left(void);

#endif
