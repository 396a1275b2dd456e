/*
 * PoolAllocator's fast path. The one invariant this file lives by: each function either does all
 * that PoolAllocator.java would do for the same request, or changes nothing (but for marks of empty
 * bins, and peaks that were due) and leaves the request to Java.
 */
#include <string.h>

#include "counters.h"
#include "moonpool.h"

#define MAX_EXACT (MP_EXACT_BINS * MP_GRANULE)
#define LOG_EXACT 8
#define LOG_PER_DOUBLING 3
#define NONE 0
#define DAMAGED (-1)

_Static_assert(1 << LOG_EXACT == MP_EXACT_BINS, "the bins behind the exact ones start elsewhere");
_Static_assert(MP_GRANULE == sizeof(int64_t), "an exact size does not tell where its head is");

/* What is rare stays out of line, so that what is frequent needs no stack. */
#if defined(__GNUC__)
#define RARE __attribute__((noinline))
#define UNLIKELY(condition) __builtin_expect((condition) != 0, 0)
#define PREFETCH(address) __builtin_prefetch(address)
/* Else it is chance how the hottest code lies in cache lines, and that is worth up to 5 % of it. */
#define STARTS_LINE __attribute__((aligned(64)))
#else
#define RARE
#define UNLIKELY(condition) (condition)
#define PREFETCH(address) ((void)(address))
#define STARTS_LINE
#endif

static mp_bins *bins_of(mp_control *c) { return (mp_bins *)(c + 1); }

static int64_t *links_of(const mp_pool *p, int64_t block) { return (int64_t *)(p->base + block); }

/* What lists end with: no block lies here, and what is prefetched for it is in the cache. */
static int64_t last_of(const mp_pool *p, const mp_bins *bins) { return (const char *)bins - p->base; }

/* Whether a head says that its list is empty. */
static int is_end(const mp_pool *p, const mp_bins *bins, int64_t head) {
  return head == NONE || head == last_of(p, bins);
}

/*
 * Whether what was read can be a block of so many bytes: else the list is empty, or somebody wrote
 * into a block that he had given back. Java says so then. It looks closer; here what does not lie
 * between the pool's start and the end is found.
 */
static int lies(const mp_control *c, int64_t block, int64_t size) {
  return block >= c->pool_offset && block <= c->end - size;
}

static int64_t round_up(size_t size) {
  return (int64_t)((size + MP_GRANULE - 1) & ~(size_t)(MP_GRANULE - 1));
}

static int lowest_bit(uint64_t bits) { return __builtin_ctzll(bits); }

static int highest_bit(uint64_t bits) { return 63 - __builtin_clzll(bits); }

static int bin_of(int64_t size) {
  int64_t granules = size / MP_GRANULE;
  if (granules <= MP_EXACT_BINS) return (int)granules - 1;
  int log = highest_bit((uint64_t)granules);
  int eighth = (int)(granules >> (log - LOG_PER_DOUBLING)) & ((1 << LOG_PER_DOUBLING) - 1);
  return MP_EXACT_BINS + ((log - LOG_EXACT) << LOG_PER_DOUBLING) + eighth;
}

static void mark_occupied(mp_bins *bins, int64_t bin) {
  bins->occupied[bin >> 6] |= (uint64_t)1 << (bin & 63);
}

/* Where the list of an exact size begins: a granule is as long as a head. */
static int64_t *head_of(mp_bins *bins, int64_t size) {
  return (int64_t *)((char *)bins->heads + (size - MP_GRANULE));
}

static void push(const mp_pool *p, mp_bins *bins, int64_t block, int64_t size) {
  int bin = bin_of(size);
  int64_t *links = links_of(p, block);
  links[0] = bins->heads[bin];
  if (size > MAX_EXACT) links[1] = size;
  if (bins->heads[bin] == NONE) {
    links[0] = last_of(p, bins);
    mark_occupied(bins, bin);
  }
  bins->heads[bin] = block;
}

/* The first bin from `bin` on that is not empty, or -1. */
static int first_occupied(const mp_pool *p, mp_bins *bins, int bin) {
  uint64_t mask = ~(uint64_t)0 << (bin & 63);
  for (int word = bin >> 6; word < MP_BIN_WORDS; word++, mask = ~(uint64_t)0) {
    for (uint64_t bits = bins->occupied[word] & mask; bits != 0; bits &= bits - 1) {
      int found = (word << 6) + lowest_bit(bits);
      if (!is_end(p, bins, bins->heads[found])) return found;
      bins->heads[found] = NONE;
      bins->occupied[word] &= ~((uint64_t)1 << (found & 63));
    }
  }
  return -1;
}

static int is_tight(const mp_control *c, const mp_bins *bins) {
  return c->used_bytes > c->limit >> MP_TIGHT_SHIFT &&
         bins->freed_since > c->limit >> MP_TIGHT_TRIGGER_SHIFT;
}

/*
 * Takes the first block out of a list. The one behind it is the first then, and its link is read when
 * the next one is taken: it can be on its way to the cache until then.
 */
static void pop(const mp_pool *p, int64_t *head, int64_t block) {
  int64_t next = links_of(p, block)[0];
  *head = next;
  PREFETCH((const void *)((uintptr_t)p->base + (uintptr_t)next)); /* which may be damaged */
}

/* The front of a larger free block; NONE if there is none, DAMAGED if it cannot be one. */
static int64_t split(const mp_pool *p, mp_control *c, mp_bins *bins, int64_t size) {
  int bin = first_occupied(p, bins, bin_of(size) + 1);
  if (bin < 0) return NONE;
  int64_t block = bins->heads[bin];
  if (!lies(c, block, size)) return DAMAGED;
  int64_t whole =
      bin < MP_EXACT_BINS ? (bin + 1) * (int64_t)MP_GRANULE : links_of(p, block)[1];
  if (whole <= size || !lies(c, block, whole)) return DAMAGED;
  if (whole % MP_GRANULE != 0 || bin_of(whole) != bin) return DAMAGED;
  pop(p, &bins->heads[bin], block);
  push(p, bins, block + size, whole - size);
  return block;
}

/*
 * When there is no block of just this size: a part of a larger one, or the top's; or NONE, as for
 * a damaged link.
 */
RARE static int64_t take_other(const mp_pool *p, mp_control *c, mp_bins *bins, int64_t size) {
  if (!is_end(p, bins, *head_of(bins, size))) return NONE;
  int64_t top = c->top;
  /* Else nothing is free; in the growth area the lists say so. */
  if (c->used_bytes != top - c->pool_offset) {
    if (is_tight(c, bins)) return NONE;
    int64_t block = split(p, c, bins, size);
    if (block != NONE) return block == DAMAGED ? NONE : block; /* NONE: Java is asked */
  }
  if (size > c->end - top) return NONE;
  c->top = top + size;
  return top;
}

/* A block of `size` bytes, which an exact bin can hold, or NONE. */
static int64_t take(const mp_pool *p, mp_control *c, mp_bins *bins, int64_t size) {
  int64_t *head = head_of(bins, size);
  int64_t block = *head;
  if (UNLIKELY(!lies(c, block, size))) return take_other(p, c, bins, size);
  pop(p, head, block);
  return block;
}

static void give(const mp_pool *p, mp_control *c, mp_bins *bins, int64_t block, int64_t size) {
  if (block + size == c->top) {
    c->top = block;
  } else {
    bins->freed_since += size;
    push(p, bins, block, size);
  }
}

static void *ask(const mp_pool *p, void *block, size_t old_size, size_t new_size) {
  return p->slow(p->ud, block, old_size, new_size);
}

/* When there is no block of just this size, its link is damaged, or it is not for an exact bin. */
RARE static void *allocate_other(const mp_pool *p, size_t kind, size_t size) {
  mp_control *c = p->control;
  int64_t rounded = round_up(size);
  int64_t block = size <= MAX_EXACT ? take_other(p, c, bins_of(c), rounded) : NONE;
  if (block == NONE) return ask(p, NULL, kind, size);
  count_allocated(c, size, rounded, kind);
  return p->base + block;
}

static void *allocate(const mp_pool *p, size_t kind, size_t size) {
  mp_control *c = p->control;
  if (UNLIKELY(size > MAX_EXACT)) return allocate_other(p, kind, size);
  int64_t rounded = round_up(size);
  int64_t *head = head_of(bins_of(c), rounded);
  int64_t block = *head;
  if (UNLIKELY(!lies(c, block, rounded))) return allocate_other(p, kind, size);
  pop(p, head, block);
  count_allocated(c, size, rounded, kind);
  return p->base + block;
}

/* When there is more to do than to put the block before others of its size. */
RARE static void *release_other(const mp_pool *p, void *address, size_t size) {
  mp_control *c = p->control;
  int64_t rounded = round_up(size);
  update_peaks(c);
  if (c->used_bytes - rounded < c->trim_below) return ask(p, address, size, 0);
  count_less(c, size, rounded);
  c->frees++;
  give(p, c, bins_of(c), (char *)address - p->base, rounded);
  return NULL;
}

/*
 * All that is asked comes first, then what the next request waits for, and the counters last. The
 * block, which has often not been touched for long, is on its way to the cache meanwhile.
 */
static void *release(const mp_pool *p, void *address, size_t size) {
  PREFETCH(address);
  mp_control *c = p->control;
  mp_bins *bins = bins_of(c);
  int64_t rounded = round_up(size);
  int64_t block = (char *)address - p->base;
  if (UNLIKELY(c->used_bytes - rounded < c->trim_below) ||
      UNLIKELY(c->used_bytes > c->high_used_bytes) || UNLIKELY(c->live_bytes > c->peak_bytes) ||
      UNLIKELY(size > MAX_EXACT))
    return release_other(p, address, size);
  int64_t *head = head_of(bins, rounded);
  int64_t next = *head;
  if (UNLIKELY(next == NONE) || UNLIKELY(block + rounded == c->top))
    return release_other(p, address, size);
  *(int64_t *)address = next;
  *head = block;
  bins->freed_since += rounded;
  count_less(c, size, rounded);
  c->frees++;
  return NULL;
}

RARE static void *shrink(const mp_pool *p, void *address, size_t old_size, size_t new_size) {
  mp_control *c = p->control;
  int64_t size = round_up(new_size);
  int64_t tail = round_up(old_size) - size;
  update_peaks(c);
  if (tail != 0 && c->used_bytes - tail < c->trim_below) return ask(p, address, old_size, new_size);
  count_less(c, old_size - new_size, tail);
  c->shrunk++;
  if (tail != 0) give(p, c, bins_of(c), (char *)address - p->base + size, tail);
  return address;
}

RARE static void *grow(const mp_pool *p, void *address, size_t old_size, size_t new_size) {
  mp_control *c = p->control;
  if (new_size > (size_t)(c->end)) return ask(p, address, old_size, new_size); /* no overflow below */
  int64_t block = (char *)address - p->base;
  int64_t old_rounded = round_up(old_size);
  int64_t rounded = round_up(new_size);
  int at_top = block + old_rounded == c->top && rounded <= c->end - block;
  if (rounded == old_rounded || at_top) {
    if (at_top) c->top = block + rounded;
    count_more(c, new_size - old_size, rounded - old_rounded);
    c->grown_in_place++;
    return address;
  }
  if (block + old_rounded == c->top || new_size > MAX_EXACT)
    return ask(p, address, old_size, new_size);
  int64_t moved = take(p, c, bins_of(c), rounded);
  if (moved == NONE) return ask(p, address, old_size, new_size);
  count_more(c, new_size - old_size, rounded - old_rounded);
  c->moved++;
  memcpy(p->base + moved, address, old_size);
  give(p, c, bins_of(c), block, old_rounded);
  return p->base + moved;
}

STARTS_LINE void *mp_pool_allocate(void *ud, void *block, size_t old_size, size_t new_size) {
  const mp_pool *p = ud;
  if (new_size == 0) return block == NULL ? NULL : release(p, block, old_size);
  if (block == NULL) return allocate(p, old_size, new_size);
  return new_size <= old_size ? shrink(p, block, old_size, new_size)
                              : grow(p, block, old_size, new_size);
}
