/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * FNV-1a, 64 bits: the same on every machine and in every version, for what is kept in files. (Tables in memory hash
 * faster: base/table.h.) */
#ifndef LCI_BASE_FNV_H
#define LCI_BASE_FNV_H

#include <stddef.h>
#include <stdint.h>

#define LCI_FNV_BEGIN UINT64_C(0xcbf29ce484222325)
/* The hash of what `hash` is of, followed by these bytes; of a text with its 0. */
uint64_t lci_fnv(uint64_t hash, const void *bytes, size_t length);
uint64_t lci_fnv_text(uint64_t hash, const char *text);

#endif
