/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a load is answered: by simulation or by the solver. What the solver finds looks like a simulation without any
 * chance in it: as many replications as were asked for, all alike, and intervals of no width. So goals, searches,
 * differences and bootstrap replicates treat both in the same way; in the end the intervals are taken away, for the
 * solver has errors of another kind. */
#include <math.h>
#include <stdlib.h>

#include "loadcast/sim.h"
#include "loadcast/solve.h"
#include "predict.h"

#define ROUNDING 1e-5       /* relative: what is left of the solver's tolerance */
enum { REPLICATIONS = 20 }; /* where none are asked for: more than the pairs that a difference needs */

/* ---- what is counted as measured --------------------------------------------------------------------------------- */

struct measures {
    struct lc_estimate **items;
    size_t count, capacity;
};

static void add(struct measures *m, struct lc_estimate *e)
{
    LC_GROW(m->items, m->count, m->capacity);
    m->items[m->count++] = e;
}

static void add_percentiles(struct measures *m, const struct lc_result *r, struct lc_percentiles *p)
{
    for (unsigned k = 0; k < r->percentile_list.count && p->known; k++)
        add(m, &p->value[k]);
}

static struct measures measures_of(struct lc_result *r)
{
    struct measures m = {0};
    for (size_t i = 0; i < r->model->processor_count; i++) {
        add(&m, &r->processors[i].utilization);
        add(&m, &r->processors[i].load);
        add(&m, &r->processors[i].queue_length);
    }
    for (size_t i = 0; i < r->model->task_count; i++) {
        struct lc_task_result *t = &r->tasks[i];
        struct lc_estimate *const of[] = {&t->throughput,   &t->utilization, &t->load, &t->processor_utilization,
                                          &t->queue_length, &t->waiting_time};
        for (size_t k = 0; k < sizeof of / sizeof *of; k++)
            add(&m, of[k]);
    }
    for (size_t i = 0; i < r->model->entry_count; i++) {
        add(&m, &r->entries[i].throughput);
        add(&m, &r->entries[i].utilization);
        add(&m, &r->entries[i].service_time);
        add(&m, &r->entries[i].open_response_time);
        add_percentiles(&m, r, &r->entries[i].percentiles);
        add_percentiles(&m, r, &r->entries[i].open_percentiles);
    }
    for (size_t i = 0; i < r->workload_count; i++) {
        add(&m, &r->workloads[i].throughput);
        add(&m, &r->workloads[i].response_time);
        add_percentiles(&m, r, &r->workloads[i].percentiles);
    }
    return m;
}

/* Replicates that all say the same leave nothing open but rounding. */
static void set_intervals(struct lc_estimate *e, double half)
{
    e->learned = e->learned && !(e->ci95 < ROUNDING * fabs(e->mean));
    if (!e->learned)
        e->ci95 = e->ci99 = half;
    e->simulation_ci95 = half;
}

/* ---- answers ----------------------------------------------------------------------------------------------------- */

static struct lc_result *solve(const struct lc_model *model, const struct lc_sim_options *options, struct lc_diag *diag)
{
    struct lc_solve_options solving = lc_solve_defaults();
    solving.unsteady = true;
    solving.percentiles = options->percentiles;
    struct lc_result *r = lc_solve(model, &solving, diag);
    if (r == NULL)
        return NULL;
    const struct measures m = measures_of(r);
    r->samples.of = m.items;
    r->samples.count = m.count;
    r->replications = r->samples.replications = options->replications > 0 ? options->replications : REPLICATIONS;
    r->samples.values = lc_calloc(r->replications * m.count, sizeof *r->samples.values);
    for (size_t i = 0; i < m.count; i++) {
        set_intervals(m.items[i], 0);
        for (size_t k = 0; k < r->replications; k++)
            r->samples.values[k * m.count + i] = m.items[i]->mean;
    }
    return r;
}

enum lc_method lcp_decides(const struct lc_verdict *verdict)
{
    return verdict->method == LC_METHOD_ANALYTIC ? LC_METHOD_ANALYTIC : LC_METHOD_SIMULATE;
}

struct lc_result *lcp_answer(enum lc_method method, const struct lc_model *model, const struct lc_sim_options *options,
                             struct lc_diag *diag)
{
    return method == LC_METHOD_ANALYTIC ? solve(model, options, diag) : lc_simulate(model, options, diag);
}

/* ---- the method of a verdict ------------------------------------------------------------------------------------- */

/* What a point says of the model of all of them is said once. */
static int refuse(struct lc_verdict *verdict, struct lc_diag *own, struct lc_diag *diag)
{
    if (verdict->method == LC_METHOD_ANALYTIC) {
        lc_diag_append(diag, own);
        return -1;
    }
    for (size_t i = 0; i < own->count; i++) {
        const char *text = own->messages[i].text, *advice = strstr(text, "; simulate the model instead");
        const int length = (int)(advice != NULL ? (size_t)(advice - text) : strlen(text));
        if (own->messages[i].severity == LC_ERROR)
            lc_note(diag, NULL, "%.*s: the simulation answers alone", length, text);
    }
    verdict->method = LC_METHOD_SIMULATE;
    return 0;
}

int lcp_check_method(struct lc_verdict *verdict, struct lc_diag *diag)
{
    int status = 0;
    struct lc_diag curves = {0};
    if (verdict->scenario->curves.duration > 0 && verdict->method != LC_METHOD_SIMULATE) {
        lc_error(&curves, LC_INPUT, NULL,
                 "curves over time (mode: transient) have no analytic treatment; simulate the model instead");
        status = refuse(verdict, &curves, diag);
        lc_diag_free(&curves);
    }
    for (size_t i = 0; i < verdict->scenario->goal_count && status == 0; i++)
        if (verdict->scenario->goals[i].completion && verdict->method != LC_METHOD_SIMULATE) {
            lc_error(&curves, LC_INPUT, &verdict->scenario->goals[i].place,
                     "a goal for the completion time has no analytic treatment; simulate the model instead");
            status = refuse(verdict, &curves, diag);
            lc_diag_free(&curves);
        }
    for (size_t i = 0; i < verdict->point_count && status == 0 && verdict->method != LC_METHOD_SIMULATE; i++) {
        struct lc_diag own = {0};
        if (!lc_solve_accepts(verdict->points[i].model, &own))
            status = refuse(verdict, &own, diag);
        else if (i == 0)
            lc_diag_append(diag, &own); /* warnings */
        lc_diag_free(&own);
    }
    return status;
}

static void solve_beside(struct lc_verdict *verdict, size_t index, void *context)
{
    struct lc_point *p = &verdict->points[index];
    struct lc_diag unheard = {0}; /* it was accepted, and an overload is part of the result */
    struct lc_sim_options options = verdict->scenario->simulation;
    (void)context;
    if (p->result != NULL)
        options.percentiles = p->result->percentile_list;
    p->analytic = solve(p->model, &options, &unheard);
    lc_diag_free(&unheard);
}

void lcp_solve_beside(struct lc_verdict *verdict)
{
    if (verdict->method == LC_METHOD_BOTH)
        lcp_parallel(verdict, verdict->point_count, solve_beside, NULL);
}

static void forget(struct lc_result *r)
{
    for (size_t i = 0; r != NULL && r->solver[0] == 'a' && i < r->samples.count; i++)
        set_intervals(r->samples.of[i], NAN);
}

void lcp_forget_intervals(struct lc_verdict *verdict)
{
    for (size_t i = 0; i < verdict->point_count; i++) {
        struct lc_point *p = &verdict->points[i];
        forget(p->result);
        forget(p->analytic);
        for (size_t g = 0; g < p->goal_count && verdict->method == LC_METHOD_ANALYTIC; g++)
            set_intervals(&p->goals[g].value, NAN);
    }
    for (size_t i = 0; i < verdict->recorded_count && verdict->method == LC_METHOD_ANALYTIC; i++)
        for (size_t w = 0; w < verdict->scenario->workload_count; w++) {
            set_intervals(&verdict->recorded[i].workloads[w].predicted, NAN);
            set_intervals(&verdict->recorded[i].workloads[w].predicted_p95, NAN);
        }
}
