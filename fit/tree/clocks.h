/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Clocks of hosts: how coarse they write times, and by how much they differ.
 *
 * A synchronous call lies inside the span of the client that made it. With P the client's span and C the server's, the
 * offset t of the server's clock (to be subtracted from its times) obeys C.end - P.end <= t <= C.start - P.start. All
 * calls between two hosts together narrow t to an interval.
 */
#ifndef TREE_CLOCKS_H
#define TREE_CLOCKS_H

#include "loadcast/tree.h"

struct lci_clocks;
struct lci_clocks *lci_clocks_new(void);
void lci_clocks_free(struct lci_clocks *clocks);

/* The name under which a span's clock goes: its host, else its instance, else its service. */
lc_symbol lci_clock_of(const struct lc_span *span);

/* Evidence of the first pass: every span; every pair of parent and child whose clocks differ. `contained`: the parent
 * is the client's span of the call, so that it ends after the child; otherwise only its start is evidence. */
void lci_clocks_span(struct lci_clocks *clocks, const struct lc_span *span);
void lci_clocks_pair(struct lci_clocks *clocks, const struct lc_span *parent, const struct lc_span *child,
                     bool contained);

/* Settles the offsets. Warns about pairs of hosts whose spans contradict each other. */
void lci_clocks_finish(struct lci_clocks *clocks, const struct lc_symbols *symbols, struct lc_diag *diag);
/* ns to subtract from the clock's times to compare them with those of any other clock. */
int64_t lci_clock_offset(const struct lci_clocks *clocks, lc_symbol clock);
/* Half the width of what the spans allow for the difference of two clocks; 0 for one clock or when nothing is known. */
int64_t lci_clock_doubt(const struct lci_clocks *clocks, lc_symbol caller, lc_symbol callee);
/* Resolution of the service's start times: 1, 1000 or 1000000 ns. */
int64_t lci_clock_tick(const struct lci_clocks *clocks, lc_symbol service);
/* The pairs, sorted by caller and callee in the order in which they were met; owned by the caller. */
struct lc_clock_offset *lci_clocks_list(const struct lci_clocks *clocks, size_t *count);

#endif
