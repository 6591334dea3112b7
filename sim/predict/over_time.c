/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mode: transient: every point gives curves over time. Nothing is refined: as many runs as were asked for. */
#include <math.h>
#include <stdlib.h>

#include "base/text.h"
#include "predict.h"

static int simulate(const struct lc_verdict *verdict, struct lc_point *p, double seconds, struct lc_diag *diag)
{
    struct lcp_part part = {.bar = &verdict->work->bar, .weight = 1};
    struct lc_transient_options options = verdict->scenario->curves;
    options.duration /= verdict->time_unit;
    options.step /= verdict->time_unit;
    options.warmup /= verdict->time_unit;
    options.seed = verdict->scenario->simulation.seed;
    options.jobs = verdict->work->threads;
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

int lcp_curves(struct lc_verdict *verdict, struct lc_diag *diag)
{
    if (lcp_points(verdict, diag) != 0 || lcp_check_method(verdict, diag) != 0)
        return -1;
    const double deadline = lci_seconds() + verdict->scenario->simulation.max_time_s;
    lcp_bar_add(verdict, (double)verdict->point_count);
    for (size_t i = 0; i < verdict->point_count; i++) {
        const double share = fmax(deadline - lci_seconds(), 0.01) / (double)(verdict->point_count - i);
        if (simulate(verdict, &verdict->points[i], share, diag) != 0)
            return -1;
    }
    verdict->status = status_of(verdict);
    return lcp_predict_recorded(verdict, diag);
}
