/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mode: transient: every point gives curves over time. Nothing is refined: as many runs as were asked for. */
#include <math.h>
#include <stdlib.h>

#include "base/text.h"
#include "predict.h"
#include "sim/elsewhere.h"

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
    p->curves = lc_simulate_transient(p->model, &options, diag);
    free(slower);
    free(counted);
    if (p->curves != NULL)
        lcp_judge_curves(verdict, p);
    if (p->curves != NULL && p->curves->replications < options.replications)
        lc_warn(diag, NULL, "load %s: %u of %u runs were complete in the time allowed", p->label,
                p->curves->replications, options.replications);
    return p->curves != NULL ? 0 : -1;
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

struct points {
    double deadline;
    struct lc_diag *diags; /* of each */
    int *status;
};

/* One point by a rank with all its threads, or by one thread here. */
static void simulate_one(struct lc_verdict *verdict, size_t index, void *context)
{
    struct points *points = context;
    const double rounds = ceil((double)verdict->point_count / lci_ranks_count());
    const double share = fmax(points->deadline - lci_seconds(), 0.01) / rounds;
    points->status[index] = simulate(verdict, &verdict->points[index], share,
                                     lci_elsewhere_bound() > 0 ? verdict->work->threads : 1, &points->diags[index]);
}

/* All points by all ranks; what is said is said in their order, up to the first that fails. */
static int simulate_everywhere(struct lc_verdict *verdict, double deadline, struct lc_diag *diag)
{
    struct points points = {deadline, lc_calloc(verdict->point_count, sizeof *points.diags),
                            lc_calloc(verdict->point_count, sizeof *points.status)};
    int status = 0;
    lcp_parallel(verdict, verdict->point_count, simulate_one, &points);
    for (size_t i = 0; i < verdict->point_count; i++) {
        if (status == 0)
            lc_diag_append(diag, &points.diags[i]);
        status = status != 0 ? status : points.status[i];
        lc_diag_free(&points.diags[i]);
    }
    free(points.diags);
    free(points.status);
    return status;
}

/* One after the other, each by all threads. */
static int simulate_here(struct lc_verdict *verdict, double deadline, struct lc_diag *diag)
{
    for (size_t i = 0; i < verdict->point_count; i++) {
        const double share = fmax(deadline - lci_seconds(), 0.01) / (double)(verdict->point_count - i);
        if (simulate(verdict, &verdict->points[i], share, verdict->work->threads, diag) != 0)
            return -1;
    }
    return 0;
}

int lcp_curves(struct lc_verdict *verdict, struct lc_diag *diag)
{
    if (lcp_points(verdict, diag) != 0 || lcp_check_method(verdict, diag) != 0)
        return -1;
    const double deadline = lci_seconds() + verdict->scenario->simulation.max_time_s;
    lcp_bar_add(verdict, (double)verdict->point_count);
    if ((lci_ranks_count() > 1 && verdict->point_count > 1 ? simulate_everywhere : simulate_here)(verdict, deadline,
                                                                                                  diag) != 0)
        return -1;
    verdict->status = status_of(verdict);
    return lcp_predict_recorded(verdict, diag);
}
