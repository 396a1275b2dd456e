/*
 * Asks glibc's malloc what an allocation trace asked for, and prints the most memory that it held
 * for that, in bytes: `arena + hblkhd` of mallinfo2, so what it took from the system, with what is
 * free in it.
 *
 * Usage: replay-libc TRACE. For the format see TraceFormat.java; a trace is trusted, but a number
 * or block that cannot be ends the program with status 1, as does a request that malloc refuses.
 *
 * The file and the table of blocks are mapped, not allocated: malloc has nothing when the replay
 * begins, or, in a build with sanitizers, what these have, which does not count. mallinfo2 looks at
 * all free blocks, too expensive for every request. What malloc holds can rise in two ways only: the
 * break moves, or a block is mapped, which is never one smaller than MAPPED. After requests that may
 * have done either, and only then, it is asked; so no peak is missed.
 */
#define _GNU_SOURCE /* mallinfo2, sbrk, MAP_ANONYMOUS */
#include <fcntl.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAPPED (128 * 1024) /* where glibc's threshold starts; it only rises */

static const unsigned char HEADER[] = {'M', 'P', 'A', 'T', 1};

enum { ALLOCATE, REALLOCATE, FREE, FAILED_ALLOCATE, FAILED_REALLOCATE, END };

static const unsigned char *next, *end; /* of the trace */
static void **blocks;                   /* by id */
static uint64_t count;                  /* so many ids were given */
static void *last_break;
static size_t peak;

static void fail(const char *what) {
  fprintf(stderr, "replay-libc: %s\n", what);
  exit(1);
}

static uint64_t number(void) {
  uint64_t value = 0;
  for (int shift = 0; shift < 63 && next < end; shift += 7) {
    unsigned char byte = *next++;
    value |= (uint64_t)(byte & 127) << shift;
    if (byte < 128) return value;
  }
  fail("the trace is cut off, or a number is too long");
  return 0;
}

static void look(size_t size) {
  void *now = sbrk(0);
  if (now == last_break && size < MAPPED) return;
  last_break = now;
  struct mallinfo2 info = mallinfo2();
  if (info.arena + info.hblkhd > peak) peak = info.arena + info.hblkhd;
}

static void **block(uint64_t distance) {
  if (distance >= count) fail("a block is none of the trace's");
  return &blocks[count - 1 - distance];
}

static void resize(void **slot, size_t size) {
  *slot = realloc(*slot, size);
  if (*slot == NULL) fail("there is no memory for a block");
  look(size);
}

static void replay(void) {
  for (;;) {
    uint64_t head = number();
    uint64_t value = head >> 3;
    switch (head & 7) {
      case ALLOCATE:
        resize(&blocks[count++], number());
        break;
      case REALLOCATE:
        number();
        resize(block(value), number());
        break;
      case FREE:
        number();
        free(*block(value));
        break;
      case FAILED_ALLOCATE: /* the program went on without the block */
        number();
        break;
      case FAILED_REALLOCATE:
        number();
        number();
        break;
      case END:
        return;
      default:
        fail("a record is of no known kind");
    }
  }
}

static void *map(size_t size, int flags, int file) {
  void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, file, 0);
  if (memory == MAP_FAILED) fail("memory cannot be mapped");
  return memory;
}

static void open_trace(const char *path) {
  struct stat status;
  int file = open(path, O_RDONLY);
  if (file < 0 || fstat(file, &status) != 0) fail("the trace cannot be opened");
  size_t size = (size_t)status.st_size;
  if (size < sizeof HEADER) fail("the file is no trace of this version");
  next = map(size, MAP_PRIVATE, file);
  end = next + size;
  if (memcmp(next, HEADER, sizeof HEADER) != 0) fail("the file is no trace of this version");
  next += sizeof HEADER;
  /* A record takes at least two bytes, so there are more slots than blocks. */
  blocks = map(size / 2 * sizeof *blocks, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
}

int main(int argc, char **argv) {
  if (argc != 2) fail("usage: replay-libc TRACE");
  open_trace(argv[1]);
  last_break = sbrk(0);
  struct mallinfo2 info = mallinfo2();
  size_t before = info.uordblks + info.hblkhd; /* what is free of it serves the trace, too */
  peak = before;
  replay();
  printf("%zu\n", peak - before);
  return 0;
}
