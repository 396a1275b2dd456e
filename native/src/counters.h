/*
 * The counters of a control block, as ControlBlock.java keeps them: both must count alike, since
 * requests go to either.
 */
#ifndef MOONPOOL_COUNTERS_H
#define MOONPOOL_COUNTERS_H

#include "moonpool.h"

static inline void count_allocated(mp_control *c, size_t size, int64_t rounded, size_t kind) {
  size_t tag = kind < MP_TAGS ? kind : 0;
  c->live_bytes += (int64_t)size;
  c->used_bytes += rounded;
  c->tag_requests[tag]++;
  c->tag_bytes[tag] += (int64_t)size;
}

/* To be called before bytes go down. */
static inline void update_peaks(mp_control *c) {
  if (c->live_bytes > c->peak_bytes) c->peak_bytes = c->live_bytes;
  if (c->used_bytes > c->high_used_bytes) {
    c->high_used_bytes = c->used_bytes;
    int64_t below = c->used_bytes >> MP_TRIM_SHIFT;
    c->trim_below = below < MP_MIN_TRIM_BELOW ? 0 : below;
  }
}

static inline void count_less(mp_control *c, size_t size, int64_t rounded) {
  c->live_bytes -= (int64_t)size;
  c->used_bytes -= rounded;
}

static inline void count_more(mp_control *c, size_t size, int64_t rounded) {
  c->live_bytes += (int64_t)size;
  c->used_bytes += rounded;
}

#endif
