/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The figures of a result file without its model: a flat list of what was measured, told by kind, name and metric. It
 * is what result files of different origin have in common (docs/results.md defines every metric).
 */
#ifndef LCI_MODEL_FIGURES_H
#define LCI_MODEL_FIGURES_H

#include "loadcast/result.h"

enum lci_figure_kind {
    LCI_FIGURE_PROCESSOR,
    LCI_FIGURE_TASK,
    LCI_FIGURE_ENTRY,
    LCI_FIGURE_ACTIVITY, /* "TASK: ACTIVITY", and phases: "ENTRY, phase 2" */
    LCI_FIGURE_JOIN,     /* "TASK: a & b" */
    LCI_FIGURE_CALL, /* "ENTRY, phase 1 → DESTINATION (sync)", "TASK: ACTIVITY → …", "ENTRY → … (forward)" */
    LCI_FIGURE_WORKLOAD,
    LCI_FIGURE_KINDS
};

struct lci_figure {
    enum lci_figure_kind kind;
    char *name;
    const char *metric; /* key of loadcast.result/1, "semaphore.holding_time" where that nests; static */
    struct lc_estimate value;
};

struct lci_figures {
    struct lci_figure *items; /* in the file's order, each (kind, name, metric) once */
    size_t count, capacity;
    struct lc_figure_index *index; /* for lci_figures_find() */
};

/* Reads the results in `text`: a loadcast.result/1 document, or LQN XML with results. A model without results gives no
 * figures. Half-widths in files of LQSIM, which are those of one block, are divided by the square root of the number of
 * blocks. 0, or −1 with errors appended. Free with lci_figures_free() in both cases. */
int lci_figures_parse(const char *text, size_t length, const char *name, struct lci_figures *figures,
                      struct lc_diag *diag);
/* The same from a file; "-" is standard input. */
int lci_figures_read(const char *file, struct lci_figures *figures, struct lc_diag *diag);
const struct lci_figure *lci_figures_find(const struct lci_figures *figures, enum lci_figure_kind kind,
                                          const char *name, const char *metric);
void lci_figures_free(struct lci_figures *figures);
const char *lci_figure_kind_name(enum lci_figure_kind kind); /* "processor", … */

#endif
