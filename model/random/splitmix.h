/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SPLITMIX_H
#define SPLITMIX_H

#include <stdint.h>

/* The finaliser of SplitMix64 (Stafford's variant 13): every bit of the result depends on every bit of `z`. */
static inline uint64_t splitmix_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* SplitMix64 (Steele, Lea & Flood 2014): the next number of the sequence. */
static inline uint64_t splitmix_next(uint64_t *state)
{
    return splitmix_mix(*state += UINT64_C(0x9e3779b97f4a7c15));
}

#endif
