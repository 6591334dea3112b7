/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sixteen bytes of a text, looked at at once. */
#ifndef LCI_BASE_SIXTEEN_H
#define LCI_BASE_SIXTEEN_H

#include <stdint.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

typedef uint8_t lci_sixteen __attribute__((vector_size(16)));

/* The lowest bit of each byte that is all ones, as comparisons make them, or none; the first byte's comes first. */
static inline uint32_t lci_sixteen_bits(lci_sixteen found)
{
#ifdef __SSE2__
    return (uint32_t)_mm_movemask_epi8((__m128i)found);
#else
    uint32_t bits = 0;
    for (unsigned i = 0; i < sizeof found; i++)
        bits |= (uint32_t)(found[i] & 1) << i;
    return bits;
#endif
}

#endif
