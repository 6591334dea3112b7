/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The forms in which 'loadcast extract' shows trees and what was read. Fields: docs/extraction.md.
 */
#ifndef EXTRACT_H
#define EXTRACT_H

#include "base/table.h"
#include "loadcast/tree.h"

/* One tree as one line of JSON. */
void extract_json(FILE *out, const struct lc_tree *tree, const struct lc_symbols *symbols);
/* One tree as an indented timeline of `width` columns. */
void extract_text(FILE *out, const struct lc_tree *tree, const struct lc_symbols *symbols, int width);

/* How rows of DeepFlow were put together, as one line of JSON. */
void extract_spans(FILE *out, const struct lc_assembled *trace, const struct lc_symbols *symbols);

/* Network time per hop, summed over trees. All zero: none. */
struct extract_hops {
    struct hop_row *rows;
    size_t count, capacity;
    struct lci_table table;
};
void extract_hops_add(struct extract_hops *hops, const struct lc_tree *tree);
void extract_hops_text(FILE *out, const struct extract_hops *hops, const struct lc_symbols *symbols);
void extract_hops_json(FILE *out, const struct extract_hops *hops, const struct lc_symbols *symbols);
void extract_hops_free(struct extract_hops *hops);

struct extract_counts { /* what the command counts itself */
    struct extract_hops hops;
    uint64_t services;
};
/* What was read, as a table and as a JSON document. */
void extract_summary(FILE *out, const struct lc_extraction *extraction, const struct extract_counts *counts,
                     const struct lc_symbols *symbols);
void extract_summary_json(FILE *out, const struct lc_extraction *extraction, const struct extract_counts *counts,
                          const struct lc_symbols *symbols);

/* By how much hosts' clocks differ, as a table. */
void extract_clocks(FILE *out, const struct lc_extraction *extraction, const struct lc_symbols *symbols);

#endif
