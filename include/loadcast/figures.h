/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The figures of a result file without its model: a flat list of what was measured, told by kind, name and metric. It
 * is what result files of different origin have in common (docs/results.md defines every metric).
 */
#ifndef LOADCAST_FIGURES_H
#define LOADCAST_FIGURES_H

#include "result.h"

#ifdef __cplusplus
extern "C" {
#endif

enum lc_figure_kind {
    LC_FIGURE_PROCESSOR,
    LC_FIGURE_TASK,
    LC_FIGURE_ENTRY,
    LC_FIGURE_ACTIVITY, /* "TASK: ACTIVITY", and phases: "ENTRY, phase 2" */
    LC_FIGURE_JOIN,     /* "TASK: a & b" */
    LC_FIGURE_CALL, /* "ENTRY, phase 1 → DESTINATION (sync)", "TASK: ACTIVITY → …", "ENTRY → … (forward)" */
    LC_FIGURE_WORKLOAD,
    LC_FIGURE_KINDS
};

struct lc_figure {
    enum lc_figure_kind kind;
    char *name;
    const char *metric; /* key of loadcast.result/1, "semaphore.holding_time" where that nests; static */
    struct lc_estimate value;
};

struct lc_figures {
    struct lc_figure *items; /* in the file's order, each (kind, name, metric) once */
    size_t count, capacity;
    struct lc_figure_index *index; /* for lc_figures_find() */
};

/* Reads the results in `text`: a loadcast.result/1 document, or LQN XML with results. A model without results gives no
 * figures. Half-widths in files of LQSIM, which are those of one block, are divided by the square root of the number of
 * blocks. 0, or −1 with errors appended. Free with lc_figures_free() in both cases. */
int lc_figures_parse(const char *text, size_t length, const char *name, struct lc_figures *figures,
                     struct lc_diag *diag);
/* The same from a file; "-" is standard input. */
int lc_figures_read(const char *file, struct lc_figures *figures, struct lc_diag *diag);
const struct lc_figure *lc_figures_find(const struct lc_figures *figures, enum lc_figure_kind kind, const char *name,
                                        const char *metric);
void lc_figures_free(struct lc_figures *figures);
const char *lc_figure_kind_name(enum lc_figure_kind kind); /* "processor", … */

#ifdef __cplusplus
}
#endif

#endif
