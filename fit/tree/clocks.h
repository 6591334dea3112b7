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

#include <jansson.h>

struct lci_clocks;
struct lci_clocks *lci_clocks_new(const struct lc_symbols *symbols);
void lci_clocks_free(struct lci_clocks *clocks);

/* The name under which a span's clock goes: its host, else its instance, else its service. */
lc_symbol lci_clock_of(const struct lc_span *span);

/* Evidence of the first pass: every span; every pair of parent and child whose clocks differ. `contained`: the parent
 * is the client's span of the call, so that it ends after the child; otherwise only its start is evidence. */
void lci_clocks_span(struct lci_clocks *clocks, const struct lc_span *span);
void lci_clocks_pair(struct lci_clocks *clocks, const struct lc_span *parent, const struct lc_span *child,
                     bool contained);

/* Settles offsets from the evidence. */
void lci_clocks_settle(struct lci_clocks *clocks);
/* The same for the trees that follow, or as `given`, which was settled, where that knows the clocks (NULL: nothing
 * given). Warns about pairs of hosts whose spans contradict each other. */
void lci_clocks_finish(struct lci_clocks *clocks, const struct lci_clocks *given, struct lc_diag *diag);
/* ns to subtract from the clock's times to compare them with those of any other clock. */
int64_t lci_clock_offset(const struct lci_clocks *clocks, lc_symbol clock);
/* Half the width of what the spans allow for the difference of two clocks; 0 for one clock or when nothing is known. */
int64_t lci_clock_uncertainty(const struct lci_clocks *clocks, lc_symbol caller, lc_symbol callee);
/* Whether only servers' spans tell that the clocks differ: moving them is a guess at the least that they differ by. */
bool lci_clock_guessed(const struct lci_clocks *clocks, lc_symbol caller, lc_symbol callee);
/* Resolution of the service's start times: 1, 1000 or 1000000 ns. */
int64_t lci_clock_tick(const struct lci_clocks *clocks, lc_symbol service);
/* The pairs, sorted by the names of caller and callee; owned by the caller. */
struct lc_clock_offset *lci_clocks_list(const struct lci_clocks *clocks, size_t *count);

/* ---- parts of the traces: evidence, and what was decided on it, as lines of JSON ------------------------------- */

#define LCI_MOST_TOLD 5                                 /* differences between parts that are told one by one */
typedef void (*lci_put_line)(void *sink, json_t *line); /* takes the reference */
/* Lines {"clock": …} of services and {"hosts": …} of pairs, in the order of their names. */
void lci_clocks_write(struct lci_clocks *clocks, lci_put_line put, void *sink);
/* Adds what the value of such a line tells. False: it is wrong. */
bool lci_clocks_read(struct lci_clocks *clocks, struct lc_symbols *symbols, const json_t *hosts);
bool lci_clocks_read_tick(struct lci_clocks *clocks, struct lc_symbols *symbols, const json_t *clock);
/* Of clocks that were settled on the evidence of all parts: errors where a part was decided otherwise. True: all parts
 * knew the clocks just as well, too, so that all else which depends on it can be added up. */
bool lci_clocks_agree(const struct lci_clocks *clocks, struct lc_diag *diag);

#endif
