/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "questions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CONFIDENCE 0.99 /* of each of the decisions, of which a search takes several */

void run_trial_free(struct run_trial *trial)
{
    if (trial == NULL)
        return;
    run_point_free(&trial->point);
    free(trial->load.levels);
    free(trial);
}

enum lc_judgement run_search_judge(const struct run_search *s, const struct run_point *point)
{
    if (point->overloaded && (s->goal == NULL || s->goal->kind != LC_GOAL_LOAD))
        return LC_GOAL_MISSED;
    enum lc_judgement all = point->result != NULL || point->overloaded ? LC_GOAL_MET : LC_GOAL_UNDECIDED;
    for (size_t i = 0; i < point->goal_count; i++) {
        const struct run_goal *g = &point->goals[i];
        if ((s->goal != NULL && g->goal != s->goal) ||
            (s->component != NULL && (g->processor != s->processor || strcmp(g->component, s->component) != 0)))
            continue;
        const enum lc_judgement j =
            point->result != NULL ? lc_goal_judge(g->goal, &g->value, CONFIDENCE) : g->judgement;
        if (j == LC_GOAL_MISSED)
            return LC_GOAL_MISSED;
        if (j == LC_GOAL_UNDECIDED)
            all = LC_GOAL_UNDECIDED;
    }
    return all;
}

static struct run_trial *new_trial(const struct run *run, const struct run_search *s, double factor)
{
    struct run_trial *trial = lc_calloc(1, sizeof *trial);
    trial->load.factor = s->workload == LC_NONE ? factor : NAN;
    if (s->workload != LC_NONE) {
        trial->load.levels = lc_calloc(run->scenario->workload_count, sizeof *trial->load.levels);
        for (size_t w = 0; w < run->scenario->workload_count; w++) {
            const struct lc_workload *load = &run->scenario->workloads[w];
            trial->load.levels[w] =
                (load->closed ? (double)load->users : load->rate) * ((int)w == s->workload ? factor : 1);
        }
    }
    trial->point.load = &trial->load;
    trial->point.change = s->change;
    trial->point.precision = run->scenario->simulation.precision;
    return trial;
}

/* Simulates a load until it is clear what it says, or that this cannot be told with four times the effort and again. */
static int try_load(const struct run *run, const struct run_search *s, double factor, struct run_trial **trial,
                    enum lc_judgement *judgement, struct lc_diag *diag)
{
    enum { ROUNDS = 3 };
    *trial = new_trial(run, s, factor);
    struct run_point *p = &(*trial)->point;
    if (run_build_point(run, p, diag) != 0)
        return -1;
    if (p->overloaded)
        run_judge(run, p);
    for (int round = 0; round < ROUNDS; round++) {
        *judgement = run_search_judge(s, p);
        const double left = s->deadline - cli_seconds();
        if ((*judgement != LC_GOAL_UNDECIDED) || left <= 0 || (round > 0 && run->scenario->simulation.replications > 0))
            return 0;
        p->precision /= round > 0 ? 2 : 1;
        if (run_simulate_point(run, p, left, diag) != 0)
            return -1;
    }
    *judgement = run_search_judge(s, p);
    return 0;
}

/* Loads that cannot be told from the limit lie between these. */
struct doubt {
    double low, high;
    bool any;
};

/* Which load is tried next; NaN: none would tell more. The side that is wider goes first. */
static double next_load(const struct run_search *s, const struct doubt *doubt)
{
    const double fine = s->within / 2;
    if (isinf(s->misses))
        return s->keeps > 0 || doubt->any ? 1.5 * fmax(s->keeps, doubt->high) : 1;
    if (!doubt->any)
        return s->misses - s->keeps > s->within * s->misses ? (s->keeps + s->misses) / 2 : NAN;
    const double below = doubt->low - s->keeps, above = s->misses - doubt->high;
    if (fmax(below, above) <= fine * s->misses)
        return NAN;
    return below >= above ? (s->keeps + doubt->low) / 2 : (doubt->high + s->misses) / 2;
}

int run_search(const struct run *run, struct run_search *s, struct lc_diag *diag)
{
    enum { TRIALS = 40 };
    struct doubt doubt = {0};
    int status = 0;
    double lowest = 0;
    s->decided = false;
    for (int i = 0; i < TRIALS && status == 0; i++) {
        double factor = next_load(s, &doubt);
        if (s->keeps == 0 && s->miss != NULL) { /* perhaps none keeps them: that is told by a hundredth */
            if (lowest > 0)
                break;
            factor = lowest = s->misses / 100;
        }
        struct run_trial *trial = NULL;
        enum lc_judgement judgement = LC_GOAL_UNDECIDED;
        if (isnan(factor) || factor > 1e6 || cli_seconds() >= s->deadline)
            break;
        status = try_load(run, s, factor, &trial, &judgement, diag);
        if (status == 0 && judgement == LC_GOAL_MISSED) {
            s->misses = factor;
            run_trial_free(s->miss);
            s->miss = trial;
            trial = NULL;
        } else if (status == 0 && judgement == LC_GOAL_MET) {
            s->keeps = factor;
        } else if (status == 0) {
            doubt.low = doubt.any ? fmin(doubt.low, factor) : factor;
            doubt.high = doubt.any ? fmax(doubt.high, factor) : factor;
            doubt.any = true;
        }
        run_trial_free(trial);
    }
    s->decided = s->misses - s->keeps <= 2.5 * s->within * s->misses || (lowest > 0 && s->misses == lowest);
    return status;
}
