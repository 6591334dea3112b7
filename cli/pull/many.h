/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Many small answers over several connections at a time: a server that takes a while for each is not waited for one by
 * one.
 */
#ifndef CLI_PULL_MANY_H
#define CLI_PULL_MANY_H

#include "sources.h"

/* Calls `fetch` for each index below `count`, by several threads, each with a pull of its own; what they pull is put
 * together in that of the caller. 0, or −1 with errors appended. */
typedef int (*pull_fetch)(struct pull *pull, void *shared, size_t index);
int pull_many(struct pull *pull, size_t count, pull_fetch fetch, void *shared);

#endif
