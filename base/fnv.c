/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/fnv.h"

#include <string.h>

uint64_t lci_fnv(uint64_t hash, const void *bytes, size_t length)
{
    const unsigned char *b = bytes;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ b[i]) * UINT64_C(0x100000001b3);
    return hash;
}

uint64_t lci_fnv_text(uint64_t hash, const char *text)
{
    return lci_fnv(hash, text, strlen(text) + 1);
}
