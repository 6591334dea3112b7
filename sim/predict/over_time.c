/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mode: transient: every point gives curves over time. Nothing is refined: as many runs as were asked for. */
#include <math.h>
#include <stdlib.h>

#include "base/text.h"
#include "predict.h"
#include "sim/elsewhere.h"
#include "sim/transient.h"

static bool tells_more(const struct lc_transient *new, const struct lc_transient *old)
{
    if (new->unfinished || old->unfinished)
        return new->unfinished < old->unfinished || (old->unfinished && new->bins > old->bins);
    return new->replications > old->replications;
}

static int simulate(const struct lc_verdict *verdict, struct lc_point *p, double seconds, unsigned threads,
                    struct lc_diag *diag)
{
    struct lcp_part part = {.bar = &verdict->work->bar, .weight = 1};
    struct lc_transient_options options = verdict->scenario->curves;
    options.duration /= verdict->time_unit;
    options.step /= verdict->time_unit;
    options.warmup /= verdict->time_unit;
    options.seed = verdict->scenario->simulation.seed;
    options.jobs = threads;
    options.max_time_s = seconds;
    options.max_queue = verdict->scenario->simulation.max_queue;
    options.stop = verdict->scenario->simulation.stop;
    options.progress = lcp_show;
    options.context = &part;
    struct lc_slower *slower = lcp_slower(verdict, &options.slower_count);
    options.slower = slower;
    bool *counted = lcp_counted(verdict, p);
    options.counted = counted;
    struct lc_transient *curves = lc_simulate_transient(p->model, &options, diag);
    free(slower);
    free(counted);
    if (curves == NULL)
        return -1;
    if (p->curves != NULL && !tells_more(curves, p->curves)) { /* in less time than before */
        lc_transient_free(curves);
        return 0;
    }
    lc_transient_free(p->curves);
    p->curves = curves;
    lcp_judge_curves(verdict, p);
    return 0;
}

static enum lc_status status_of(const struct lc_verdict *verdict)
{
    enum lc_status status = LC_OK;
    for (size_t i = 0; i < verdict->point_count; i++) {
        const struct lc_transient *t = verdict->points[i].curves;
        if (t->recovery.judged && !t->recovery.recovered)
            return LC_MISSED;
        if (!t->complete)
            status = LC_UNDECIDED;
        for (size_t g = 0; g < verdict->points[i].goal_count; g++) {
            const enum lc_judgement judgement = verdict->points[i].goals[g].judgement;
            const bool swept = verdict->points[i].change != NULL && verdict->points[i].change->swept;
            if (judgement == LC_GOAL_MISSED)
                return LC_MISSED;
            if (judgement == LC_GOAL_UNDECIDED && !swept)
                status = LC_UNDECIDED;
        }
    }
    return status;
}

/* ---- all points -------------------------------------------------------------------------------------------------- */

struct points {
    double deadline;
    struct lc_diag *diags; /* of each */
    size_t *open, count;   /* those that are not complete, in their order */
};

/* Not enough runs in the time that it had, for curves or for all of them. */
static bool is_cut(const struct lc_verdict *verdict, size_t index, const struct points *points)
{
    const struct lc_transient *t = verdict->points[index].curves;
    return t != NULL ? t->unfinished || t->replications < verdict->scenario->curves.replications
                     : lc_diag_status(&points->diags[index]) == LC_UNDECIDED;
}

static void try_point(struct lc_verdict *verdict, struct points *points, size_t index, double seconds, unsigned threads)
{
    struct lc_diag own = {0}, *said = &points->diags[index];
    const bool known = verdict->points[index].curves != NULL;
    if (simulate(verdict, &verdict->points[index], seconds, threads, &own) != 0 && known) {
        lc_diag_free(&own);
        return;
    }
    lc_diag_free(said);
    *said = own;
}

/* One point by a rank with all its threads, or by one thread here. */
static void simulate_one(struct lc_verdict *verdict, size_t i, void *context)
{
    struct points *points = context;
    const double rounds = ceil((double)points->count / lci_ranks_count());
    try_point(verdict, points, points->open[i], fmax(points->deadline - lci_seconds(), 0.01) / rounds,
              lci_elsewhere_bound() > 0 ? verdict->work->threads : 1);
}

/* All points by all ranks; without others one after the other, each by all threads. */
static void simulate_open(struct lc_verdict *verdict, struct points *points)
{
    if (lci_ranks_count() > 1 && points->count > 1) {
        lcp_parallel(verdict, points->count, simulate_one, points);
        return;
    }
    for (size_t i = 0; i < points->count; i++)
        try_point(verdict, points, points->open[i],
                  fmax(points->deadline - lci_seconds(), 0.01) / (double)(points->count - i), verdict->work->threads);
}

static bool is_stopped(const struct lc_verdict *verdict)
{
    const atomic_int *stop = verdict->scenario->simulation.stop;
    return stop != NULL && atomic_load(stop) != 0;
}

/* Each first has its share of the time. Those that needed more have what the others left of theirs: how many runs there
 * are depends on the clock only when all of the time is used up. */
static void simulate_all(struct lc_verdict *verdict, struct points *points)
{
    for (size_t i = 0; i < verdict->point_count; i++)
        points->open[points->count++] = i;
    while (points->count > 0) {
        simulate_open(verdict, points);
        size_t open = 0;
        for (size_t i = 0; i < points->count; i++)
            if (is_cut(verdict, points->open[i], points))
                points->open[open++] = points->open[i];
        const bool none_was_left = open == points->count; /* more time would not help them */
        points->count = open;
        if (none_was_left || is_stopped(verdict) || lci_seconds() >= points->deadline)
            break;
        lcp_bar_add(verdict, (double)open);
    }
}

/* What is said is said in the order of the points, up to the first that fails. */
static int tell(const struct lc_verdict *verdict, struct points *points, struct lc_diag *diag)
{
    int status = 0;
    for (size_t i = 0; i < verdict->point_count; i++) {
        const struct lc_point *p = &verdict->points[i];
        if (status == 0)
            lc_diag_append(diag, &points->diags[i]);
        if (status == 0 && p->curves != NULL && is_cut(verdict, i, points)) {
            char *text = lci_curves_short(p->curves, verdict->scenario->curves.replications);
            lc_warn(diag, NULL, "load %s: %s", p->label, text);
            free(text);
        }
        status = status != 0 || p->curves == NULL ? -1 : 0;
        lc_diag_free(&points->diags[i]);
    }
    return status;
}

int lcp_curves(struct lc_verdict *verdict, struct lc_diag *diag)
{
    if (lcp_points(verdict, diag) != 0 || lcp_check_method(verdict, diag) != 0)
        return -1;
    const double deadline = lci_seconds() + verdict->scenario->simulation.max_time_s;
    lcp_bar_add(verdict, (double)verdict->point_count);
    struct points points = {.deadline = deadline,
                            .diags = lc_calloc(verdict->point_count, sizeof *points.diags),
                            .open = lc_calloc(verdict->point_count, sizeof *points.open)};
    simulate_all(verdict, &points);
    const int status = tell(verdict, &points, diag);
    free(points.open);
    free(points.diags);
    if (status != 0)
        return -1;
    verdict->status = status_of(verdict);
    return lcp_predict_recorded(verdict, deadline, diag);
}
