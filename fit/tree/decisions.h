/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What extraction decides over all traces, with the evidence: resolutions and differences of clocks, how much of
 * paths makes names, and which calls nobody waits for. The evidence of parts of the traces adds up to that of all of
 * them.
 */
#ifndef TREE_DECISIONS_H
#define TREE_DECISIONS_H

#include "tree/edges.h"
#include "tree/lost.h"
#include "tree/polling.h"
#include "tree/url_paths.h"

struct lc_decisions {
    const struct lc_symbols *symbols;
    struct lci_clocks *clocks;
    struct lci_edges *edges;
    struct lci_paths *paths;
    struct lci_polls polls;
    struct lci_lost *lost;
    uint64_t unjoined; /* jobs with traces of their own that say who sent them, while that is not in the input */
    size_t parts;      /* that were read */
};

struct lc_decisions *lci_decisions_new(const struct lc_symbols *symbols);
/* Lines of JSON, each an object with one key, in an order that does not depend on that of the input. */
void lci_decisions_write(struct lc_decisions *decisions, lci_put_line put, void *sink);
enum lci_line { LCI_LINE_OTHER, LCI_LINE_READ, LCI_LINE_WRONG };
/* Adds what the line tells, if it is one of these. */
enum lci_line lci_decisions_read(struct lc_decisions *decisions, struct lc_symbols *symbols, const json_t *line);
/* Decides on the evidence of all parts. */
void lci_decisions_settle(struct lc_decisions *decisions);
/* After that: 0 with warnings of what parts lost, or −1 with errors where a part was decided otherwise. */
int lci_decisions_agree(const struct lc_decisions *decisions, struct lc_diag *diag);

#endif
