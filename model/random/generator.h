/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Variates of a stream: xoshiro256++ inline, for hot loops. */
#ifndef LCI_MODEL_RANDOM_GENERATOR_H
#define LCI_MODEL_RANDOM_GENERATOR_H

#include "loadcast/random.h"

static inline uint64_t lci_random_bits(struct lc_random *r)
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
static inline double lci_random_uniform(struct lc_random *r)
{
    return (double)(lci_random_bits(r) >> 11) * 0x1.0p-53;
}
/* Uniform in (0, 1]: safe to take the logarithm of. */
static inline double lci_random_positive(struct lc_random *r)
{
    return (double)((lci_random_bits(r) >> 11) + 1) * 0x1.0p-53;
}
/* Uniform in 0 … n−1, n > 0, without bias beyond 2^-64 n (Lemire's multiplication). */
static inline uint64_t lci_random_below(struct lc_random *r, uint64_t n)
{
    __extension__ typedef unsigned __int128 wide;
    return (uint64_t)(((wide)lci_random_bits(r) * n) >> 64);
}
double lci_random_exponential(struct lc_random *r); /* mean 1; defined inline in variates.h for hot loops */
double lci_random_normal(struct lc_random *r);      /* mean 0, standard deviation 1 */

#endif
