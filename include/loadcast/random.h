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

static inline uint64_t lc_random_bits(struct lc_random *r)
{
    const uint64_t sum = r->s[0] + r->s[3];
    const uint64_t result = ((sum << 23) | (sum >> 41)) + r->s[0];
    const uint64_t t = r->s[1] << 17;
    r->s[2] ^= r->s[0];
    r->s[3] ^= r->s[1];
    r->s[1] ^= r->s[2];
    r->s[0] ^= r->s[3];
    r->s[2] ^= t;
    r->s[3] = (r->s[3] << 45) | (r->s[3] >> 19);
    return result;
}
/* Uniform in [0, 1): 53 bits. */
static inline double lc_random_uniform(struct lc_random *r)
{
    return (double)(lc_random_bits(r) >> 11) * 0x1.0p-53;
}
/* Uniform in (0, 1]: safe to take the logarithm of. */
static inline double lc_random_positive(struct lc_random *r)
{
    return (double)((lc_random_bits(r) >> 11) + 1) * 0x1.0p-53;
}
/* Uniform in 0 … n−1, n > 0, without bias beyond 2^-64 n (Lemire's multiplication). */
static inline uint64_t lc_random_below(struct lc_random *r, uint64_t n)
{
    __extension__ typedef unsigned __int128 wide;
    return (uint64_t)(((wide)lc_random_bits(r) * n) >> 64);
}

double lc_random_exponential(struct lc_random *r); /* mean 1; defined inline in random_ziggurat.h for hot loops */
double lc_random_normal(struct lc_random *r);      /* mean 0, standard deviation 1 */

#ifdef __cplusplus
}
#endif

#endif
