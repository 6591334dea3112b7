/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which spans hold a thread of their service. A limit on concurrency often sits inside of the handler: the server's
 * span begins before it (parsing, middleware) and ends after it. Rules: docs/extraction.md.
 */
#ifndef TREE_SLOTS_H
#define TREE_SLOTS_H

#include "loadcast/tree.h"

struct lci_span_slots;
/* The list is borrowed. */
struct lci_span_slots *lci_span_slots_new(const struct lc_tree_slot *list, size_t count,
                                          const struct lc_symbols *symbols);
void lci_span_slots_free(struct lci_span_slots *slots);

/* A server's or consumer's span: what arrives from outside. */
bool lci_span_slots_request(const struct lc_span *span);
/* First pass: every span. */
void lci_span_slots_see(struct lci_span_slots *slots, const struct lc_span *span);
/* Has the service any? */
bool lci_span_slots_of(const struct lci_span_slots *slots, lc_symbol service);
/* Is the span, which lies in a request of its service, called like the service's slots? Counts that. */
bool lci_span_slots_match(struct lci_span_slots *slots, const struct lc_span *span);
/* −1 with errors appended for every service without a match so far. */
int lci_span_slots_check(const struct lci_span_slots *slots, struct lc_diag *diag);

#endif
