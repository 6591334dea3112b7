/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loadcast/random.h"

#include <string.h>

#include "splitmix.h"

static uint64_t absorb(uint64_t hash, uint64_t word)
{
    return splitmix_mix((hash ^ word) + UINT64_C(0x9e3779b97f4a7c15));
}

/* Eight bytes at a time, in an order that does not depend on the machine; the length keeps ("ab", "c") and ("a", "bc")
 * apart. */
static uint64_t absorb_text(uint64_t hash, const char *text)
{
    const size_t length = strlen(text);
    hash = absorb(hash, length);
    for (size_t i = 0; i < length; i += 8) {
        uint64_t word = 0;
        for (size_t k = i; k < length && k < i + 8; k++)
            word |= (uint64_t)(unsigned char)text[k] << (8 * (k - i));
        hash = absorb(hash, word);
    }
    return hash;
}

void lc_random_init(struct lc_random *stream, uint64_t seed, uint64_t replication, const char *name, const char *role)
{
    uint64_t state = absorb(absorb(0, seed), replication);
    state = absorb_text(absorb_text(state, name), role);
    /* Four successive outputs of SplitMix64 are distinct, so never all zero: the one state xoshiro must not have. */
    for (int i = 0; i < 4; i++)
        stream->s[i] = splitmix_next(&state);
}
