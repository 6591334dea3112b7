/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The forms in which 'loadcast extract' shows trees and what was read. Fields: docs/extraction.md.
 */
#ifndef EXTRACT_H
#define EXTRACT_H

#include "loadcast/tree.h"

/* One tree as one line of JSON. */
void extract_json(FILE *out, const struct lc_tree *tree, const struct lc_symbols *symbols);
/* One tree as an indented timeline of `width` columns. */
void extract_text(FILE *out, const struct lc_tree *tree, const struct lc_symbols *symbols, int width);

/* How rows of DeepFlow were put together, as one line of JSON. */
void extract_spans(FILE *out, const struct lc_assembled *trace, const struct lc_symbols *symbols);

struct extract_counts { /* what the command counts itself */
    uint64_t services;
};
/* What was read, as a table and as a JSON document. */
void extract_summary(FILE *out, const struct lc_extraction *extraction, const struct extract_counts *counts,
                     const struct lc_symbols *symbols);
void extract_summary_json(FILE *out, const struct lc_extraction *extraction, const struct extract_counts *counts,
                          const struct lc_symbols *symbols);

/* By how much hosts' clocks differ, as a table. */
void extract_clocks(FILE *out, const struct lc_extraction *extraction, const struct lc_symbols *symbols);

/* A JSON string with its quotes. */
void extract_quoted(FILE *out, const char *text);

#endif
