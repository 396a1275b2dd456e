#include "heap_client_blocks.h"

static _Thread_local int64_t last_refused;

/* SplitMix64 (Steele, Lea, Flood 2014). */
uint64_t walk_random(walk *w) {
  uint64_t z = w->random += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

int walk_one_in(walk *w, unsigned chances) { return walk_random(w) % chances == 0; }

size_t walk_size(walk *w) {
  static const size_t limits[16] = {1,  16, 16, 32, 32,  64,  64,  64,
                                    64, 64, 64, 96, 256, 256, 1024, 32768};
  uint64_t random = walk_random(w);
  return (size_t)(random >> 4) % limits[random & 15];
}

static unsigned char pattern_byte(const walk_block *b, size_t index) {
  return (unsigned char)(b->pattern >> (index & 7) * 8) ^ (unsigned char)(index >> 3);
}

int walk_enter(walk *w, walk_block *b, void *address, size_t size) {
  for (int i = 0; i < WALK_BLOCKS; i++) {
    if (&w->blocks[i] != b && w->blocks[i].address == address) return HEAP_CLIENT_SHARED;
  }
  b->address = address;
  b->size = size;
  b->pattern = walk_random(w);
  for (size_t i = 0; i < size; i++) b->address[i] = pattern_byte(b, i);
  return 0;
}

int walk_intact(const walk_block *b, const void *address, size_t length) {
  const unsigned char *bytes = address;
  for (size_t i = 0; i < length; i++) {
    if (bytes[i] != pattern_byte(b, i)) return 0;
  }
  return 1;
}

int walk_aligned(const void *address, size_t alignment) {
  return (uintptr_t)address % alignment == 0;
}

int64_t walk_result(const walk *w, int64_t step, int code) {
  last_refused = w->refused;
  return code == 0 ? 0 : step << 8 | code;
}

int64_t heap_client_refused(void) { return last_refused; }
