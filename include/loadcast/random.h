/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Random numbers. A stream belongs to a source (an arrival process, an entry's demand, a branch), keyed by the source's
 * name and role and not by its position, so that adding an element to a model leaves every other stream as it was: what
 * makes common random numbers work across edited models. Generator: xoshiro256++ (Blackman & Vigna 2021), seeded by
 * SplitMix64 from a hash of (seed, replication, name, role). Exponential and normal variates: ziggurat (Marsaglia &
 * Tsang 2000, in McFarland's 2016 form where that is faster).
 */
#ifndef LOADCAST_RANDOM_H
#define LOADCAST_RANDOM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lc_random {
    uint64_t s[4];
};

/* Seeds a stream. `name` and `role` are any texts (not NULL). */
void lc_random_init(struct lc_random *stream, uint64_t seed, uint64_t replication, const char *name, const char *role);

#ifdef __cplusplus
}
#endif

#endif
