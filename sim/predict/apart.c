/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A queue that grows takes with it whoever waits for its component, and nobody else: not the sender of a job, nor a
 * workload that goes elsewhere. The traffic equations tell who waits. What the others see has a steady state, and so
 * has what is served of each workload, once the queue is there; both come from a simulation that goes on without one.
 * What the number of traces leaves open comes from the bootstrap replicates, each simulated likewise. */
#include "apart.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/sort.h"
#include "loadcast/base.h"
#include "model/traffic.h"
#include "model/walk.h"

/* ---- who waits --------------------------------------------------------------------------------------------------- */

static bool calls_growing(const struct lc_model *model, int entry, const bool *growing, bool jobs)
{
    struct lci_walk_step *steps;
    size_t count;
    struct lc_diag own = {0};
    bool waits = false;
    const struct lc_entry *e = &model->entries[entry];
    for (size_t i = 0; i < e->forward_count; i++)
        waits |= growing[e->forwards[i].entry];
    if (lci_entry_steps(model, entry, &steps, &count, &own) == 0) {
        for (size_t i = 0; i < count; i++)
            for (size_t k = 0; k < steps[i].activity->call_count; k++) {
                const struct lc_call *c = &steps[i].activity->calls[k];
                waits |= (jobs || c->kind == LC_CALL_SYNC) && c->mean > 0 && growing[c->entry];
            }
        free(steps);
    }
    lc_diag_free(&own);
    return waits;
}

static void spread(const struct lc_model *model, bool *growing, bool *full, bool jobs)
{
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t e = 0; e < model->entry_count; e++) {
            const int task = model->entries[e].task;
            if (growing[e] || !(full[task] || calls_growing(model, (int)e, growing, jobs)))
                continue;
            growing[e] = changed = true;
            full[task] |= !jobs && model->tasks[task].scheduling != LC_OPEN && /* all threads or customers wait */
                          isfinite(lci_task_threads(&model->tasks[task]));
        }
    }
}

bool *lcp_growing_entries(const struct lc_model *model, const struct lc_traffic *traffic)
{
    const size_t count = model->entry_count;
    bool *growing = lc_calloc(2 * count + 1, sizeof *growing);
    bool *full = lc_calloc(model->task_count + 1, sizeof *full);
    for (size_t t = 0; t < model->task_count; t++)
        full[t] = !lc_is_source(&model->tasks[t]) &&
                  (traffic->task_load[t] >= 1 || traffic->processor_load[model->tasks[t].processor] >= 1);
    spread(model, growing, full, false);
    memcpy(growing + count, growing, count * sizeof *growing);
    spread(model, growing + count, full, true);
    free(full);
    return growing;
}

bool lcp_source_grows(const struct lc_model *model, const bool *growing, const struct lc_workload_result *source,
                      bool completion)
{
    const bool *of = growing + (completion ? model->entry_count : 0);
    if (source->task == LC_NONE)
        return of[source->entry];
    bool grows = false;
    for (size_t i = 0; i < model->tasks[source->task].entry_count; i++)
        grows |= of[model->tasks[source->task].entries[i]];
    return grows;
}

/* ---- what the others see ----------------------------------------------------------------------------------------- */

enum {
    REPLICATIONS = 10, /* of each look */
    FIRST = 20000,     /* invocations in a replication of the first look */
    LONGER = 4,        /* times, from look to look */
    LOOKS = 7,
    EVENTS = 10, /* of an invocation, about */
};
#define WARM 0.25 /* of a replication: until the queue is there */
#define TAIL 0.025

struct apart {
    const struct lc_point *point;
    double deadline, run_time;
    const struct lc_percentile_list *percentiles;
    size_t goals;   /* of the point */
    double *values; /* [replicate][goal]; NaN: not known */
};

static struct lc_result *simulate(const struct lc_verdict *verdict, const struct apart *a, const struct lc_model *model,
                                  unsigned replications, unsigned jobs)
{
    struct lc_sim_options options = verdict->scenario->simulation;
    struct lc_diag own = {0};
    options.answers = options.unsteady = true;
    options.percentiles = *a->percentiles;
    options.replications = replications;
    options.run_time = a->run_time;
    options.warmup = WARM * a->run_time;
    options.jobs = jobs;
    options.max_time_s = a->deadline - lci_seconds();
    struct lc_result *result = options.max_time_s > 0 ? lc_simulate(model, &options, &own) : NULL;
    lc_diag_free(&own);
    return result;
}

/* Whether the goal is about something that does not grow with a queue. */
static bool settles(const struct lc_model *model, const bool *growing, const struct lc_result *result,
                    const struct lc_goal *goal)
{
    for (size_t i = 0; i < result->workload_count; i++)
        if (strcmp(lc_source_name(model, &result->workloads[i]), goal->workload) == 0)
            return goal->kind == LC_GOAL_THROUGHPUT ||
                   !lcp_source_grows(model, growing, &result->workloads[i], goal->completion);
    return false;
}

/* Judges what the result settles. False: it takes longer to decide some of that. */
static bool judge(const struct lc_verdict *verdict, struct lc_point *p, const struct lc_result *result,
                  const bool *growing)
{
    bool decided = true;
    for (size_t g = 0; g < p->goal_count; g++) {
        struct lc_goal_result *goal = &p->goals[g];
        if (goal->goal->kind == LC_GOAL_LOAD || !settles(p->model, growing, result, goal->goal))
            continue;
        const struct lc_estimate value = lcp_goal_value(verdict, p, result, goal->goal);
        if (!isnan(value.mean))
            lcp_judge_value(verdict, p, goal, value);
        decided &= goal->judgement != LC_GOAL_UNDECIDED;
    }
    return decided;
}

static void simulate_replicate(struct lc_verdict *verdict, size_t replicate, void *context)
{
    const struct apart *a = context;
    struct lc_model *model = lcp_shaped_model(verdict, a->point->model, (int)replicate);
    struct lc_traffic traffic = {0};
    struct lc_diag own = {0};
    struct lc_result *result = simulate(verdict, a, model, 1, 1);
    const bool solved = lc_traffic_solve(model, &traffic, &own) == 0;
    bool *growing = solved ? lcp_growing_entries(model, &traffic) : NULL;
    for (size_t g = 0; g < a->goals; g++) {
        const struct lc_goal *goal = a->point->goals[g].goal;
        double *value = &a->values[replicate * a->goals + g];
        *value = result == NULL || !solved || goal->kind == LC_GOAL_LOAD ? NAN
                 : settles(model, growing, result, goal) ? lcp_goal_value(verdict, a->point, result, goal).mean
                                                         : INFINITY;
    }
    free(growing);
    lc_traffic_free(&traffic);
    lc_diag_free(&own);
    lc_result_free(result);
    lc_model_free(model);
}

/* The interval of a value that holds the errors of the simulation and of the traces. */
static struct lc_estimate widened(struct lc_estimate e, const struct apart *a, size_t goal, size_t replicates)
{
    double *values = lc_calloc(replicates, sizeof *values);
    size_t count = 0;
    for (size_t b = 0; b < replicates; b++)
        if (!isnan(a->values[b * a->goals + goal]))
            values[count++] = a->values[b * a->goals + goal];
    e.learned = true;
    e.simulation_ci95 = e.ci95;
    e.low = e.high = e.ci95 = e.ci99 = NAN;
    if (count >= LCP_ENOUGH) {
        lci_sort_doubles(values, count);
        e.low = e.mean - hypot(fmax(e.mean - lcp_quantile(values, count, TAIL), 0), e.simulation_ci95);
        e.high = e.mean + hypot(fmax(lcp_quantile(values, count, 1 - TAIL) - e.mean, 0), e.simulation_ci95);
        e.ci95 = fmax(e.mean - e.low, e.high - e.mean);
        e.ci99 = e.ci95 * (2.576 / 1.960);
    }
    free(values);
    return e;
}

static void judge_replicates(struct lc_verdict *verdict, struct lc_point *p, struct apart *a)
{
    const size_t replicates = lcp_simulated_replicates(verdict);
    if (replicates == 0)
        return;
    a->values = lc_calloc(replicates * a->goals, sizeof *a->values);
    lcp_parallel(verdict, replicates, simulate_replicate, a);
    for (size_t g = 0; g < a->goals; g++)
        if (p->goals[g].goal->kind != LC_GOAL_LOAD && !isnan(p->goals[g].value.mean))
            lcp_judge_value(verdict, p, &p->goals[g], widened(p->goals[g].value, a, g, replicates));
    free(a->values);
}

/* Whether any goal can be settled. */
static bool asks(const struct lc_point *p)
{
    bool any = false;
    for (size_t g = 0; g < p->goal_count; g++)
        any |= p->goals[g].goal->kind != LC_GOAL_LOAD;
    return any;
}

void lcp_judge_apart(struct lc_verdict *verdict, struct lc_point *p, const struct lc_percentile_list *percentiles,
                     double deadline)
{
    double rate = 0;
    for (size_t e = 0; e < p->model->entry_count; e++)
        rate += p->traffic.entry_rate[e];
    if (!asks(p) || !(rate > 0) || lcp_decides(verdict) != LC_METHOD_SIMULATE)
        return;
    struct apart a = {p, deadline, FIRST / rate, percentiles, p->goal_count, NULL};
    const double most = lcp_events(verdict, LCP_POINTS / (double)verdict->point_count);
    bool *growing = lcp_growing_entries(p->model, &p->traffic), decided = false;
    for (int i = 0; i < LOOKS && !decided && a.run_time * rate * REPLICATIONS * EVENTS <= most; i++) {
        struct lc_result *result = simulate(verdict, &a, p->model, REPLICATIONS, verdict->work->threads);
        if (result == NULL)
            break;
        decided = judge(verdict, p, result, growing);
        a.run_time *= decided ? 1 : LONGER;
        lc_result_free(result);
    }
    free(growing);
    judge_replicates(verdict, p, &a);
}
