/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the history says of every measure and every prediction: where its level changed, how it goes on, and when that
 * passes a limit. */
#ifndef TREND_H
#define TREND_H

#include <jansson.h>

#include "fit/series/changes.h"
#include "fit/series/slope.h"
#include "history/store.h"

struct trend_change {
    struct lci_level_change level; /* `at` counts the series' points */
    bool only;                     /* of one release, after which it came back */
};

struct trend {
    const struct history_series *series; /* borrowed */
    struct trend_change *changes;
    size_t change_count;
    size_t since;           /* the first point of the stretch that the slope is of: since the last change */
    struct lci_slope slope; /* for each release, or run where there is one release only; none of fewer than three */
    bool has_limit, passes; /* a limit; the line goes there */
    double limit;
    struct lci_crossing ahead; /* releases from the last one */
};

struct trends {
    const struct history_runs *runs; /* borrowed */
    struct trend *items;
    size_t count;
    bool by_run; /* there is one release only: its runs are compared */
};

#define TREND_LIMIT 0.8 /* of predicted loads, unless another one is asked for */

struct trend_options {
    struct lci_change_options changes;
    double limit; /* of predicted loads */
};

/* Looks at every series. `runs` and `table` must outlive what is returned; the caller frees it. */
struct trends trends_of(const struct history_runs *runs, const struct history_table *table,
                        const struct trend_options *options);
void trends_free(struct trends *trends);
/* Adds what follows from measures: "blocked_share", the part of the process time in which processes wait for others. */
void trend_derive(struct history_table *table);

/* What is wanted of the history: measures of whole activities, unless a service or an operation is named, and
 * predictions. 0, or −1 with errors appended. */
int trend_gather(struct history *history, const struct history_runs *runs, const struct history_wanted *wanted,
                 struct history_table *table, struct lc_diag *diag);
/* trend_document() of all of it; NULL with errors appended. */
json_t *trend_of_history(struct history *history, struct lc_diag *diag);

/* The release, or the run of the only one, of a point. */
const char *trend_name(const struct trends *trends, const struct trend *trend, size_t point);
/* Where a point stands among the releases, or runs. */
double trend_place(const struct trends *trends, const struct trend *trend, size_t point);

/* Ways out. */
json_t *trend_document(const struct trends *trends); /* "loadcast.trend/1" */
void trend_text(const struct trends *trends, FILE *out);
int trend_json(const struct trends *trends, FILE *out, struct lc_diag *diag);
void trend_csv(const struct trends *trends, FILE *out);

#endif
