/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "advice.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "advice_options.h"
#include "questions.h"

enum { SIZES = 4, CALLS = 2, RESPONSES = 2 };

/* ---- screening --------------------------------------------------------------------------------------------------- */

struct screen {
    double factor, response;
    int processor, task;
};

/* Response times of all sources without waiting, weighted by their rates. */
static double response_of(const struct lc_model *m, const struct lc_flow *flow)
{
    double sum = 0;
    for (size_t e = 0; e < m->entry_count; e++)
        if (lc_is_source(&m->tasks[m->entries[e].task]))
            sum += flow->entry_rate[e] * flow->entry_total[e];
        else if (m->entries[e].open_rate > 0 || m->entries[e].open_arrivals.family != NULL)
            sum += flow->entry_rate[e] * flow->entry_phase1[e];
    return sum;
}

static int screen(const struct run *run, const struct lc_what_if *change, struct screen *screen, struct lc_model **kept,
                  struct lc_flow *flow)
{
    const struct lc_load_point one = {.factor = 1};
    struct lc_diag unheard = {0};
    *flow = (struct lc_flow){0};
    *kept = run_model(run, &one, change, &unheard);
    int status = *kept != NULL && lc_model_check(*kept, &unheard) == 0 ? 0 : -1;
    if (status == 0)
        status = run_open_closed_sources(*kept, &unheard);
    if (status == 0)
        status = lc_flow_solve(*kept, flow, &unheard);
    if (status == 0)
        *screen = (struct screen){flow->limit_factor, response_of(*kept, flow), flow->processor, flow->task};
    lc_diag_free(&unheard);
    return status;
}

static struct run_component component_of(const struct lc_model *m, int processor, int task)
{
    if (processor == LC_NONE && task == LC_NONE)
        return (struct run_component){0};
    return (struct run_component){.name = processor != LC_NONE ? m->processors[processor].name : m->tasks[task].name,
                                  .processor = processor != LC_NONE,
                                  .limited = true,
                                  .index = processor != LC_NONE ? processor : task};
}

static void free_option(struct advice_option *o)
{
    free(o->what);
    free(o->about);
    free(o->change.name);
    for (size_t i = 0; i < o->change.edit_count; i++) {
        free(o->change.edits[i].path);
        free(o->change.edits[i].value);
    }
    free(o->change.edits);
}

static void screen_all(const struct run *run, const struct screen *base, struct advice *advice)
{
    size_t kept = 0;
    for (size_t i = 0; i < advice->count; i++) {
        struct advice_option *o = &advice->options[i];
        struct screen s;
        struct lc_model *model;
        struct lc_flow flow;
        if (screen(run, &o->change, &s, &model, &flow) == 0) {
            o->gain = s.factor / base->factor;
            o->response = s.response / base->response - 1;
            /* Elements are added at the end: those of the base keep their places. */
            o->next = s.processor != LC_NONE || s.task != LC_NONE ? component_of(run->base, s.processor, s.task)
                                                                  : (struct run_component){0};
            advice->options[kept++] = *o;
        } else {
            free_option(o); /* a change that this model does not admit */
        }
        lc_flow_free(&flow);
        lc_model_free(model);
    }
    advice->count = kept;
}

/* Whether one of two edits does as much alone. */
static bool is_more_than_needed(const struct advice *advice, const struct advice_option *o)
{
    for (size_t i = 0; i < advice->count && o->change.edit_count > 1; i++) {
        const struct advice_option *one = &advice->options[i];
        for (size_t e = 0; e < 2 && one->change.edit_count == 1; e++)
            if (strcmp(one->change.edits[0].path, o->change.edits[e].path) == 0 && one->gain > o->gain * (1 - 1e-9))
                return true;
    }
    return false;
}

static void leave_out_needless(struct advice *advice)
{
    bool *needless = lc_calloc(advice->count, sizeof *needless);
    size_t kept = 0;
    for (size_t i = 0; i < advice->count; i++)
        needless[i] = is_more_than_needed(advice, &advice->options[i]);
    for (size_t i = 0; i < advice->count; i++)
        if (needless[i])
            free_option(&advice->options[i]);
        else
            advice->options[kept++] = advice->options[i];
    advice->count = kept;
    free(needless);
}

static int by_gain(const void *a, const void *b)
{
    const struct advice_option *x = a, *y = b;
    if (fabs(x->gain - y->gain) > 1e-9)
        return x->gain > y->gain ? -1 : 1;
    if (fabs(x->response - y->response) > 1e-9)
        return x->response < y->response ? -1 : 1;
    return strcmp(x->what, y->what);
}

/* ---- why threads are held ---------------------------------------------------------------------------------------- */

static void find_hold(const struct lc_model *m, const struct lc_flow *flow, int task, struct advice_hold *hold)
{
    const struct lc_task *t = &m->tasks[task];
    const struct lc_processor *p = &m->processors[t->processor];
    double busy = 0, waits = 0, *of = lc_calloc(m->task_count, sizeof *of);
    for (size_t i = 0; i < t->entry_count; i++) {
        const struct lc_entry *e = &m->entries[t->entries[i]];
        const double rate = flow->entry_rate[t->entries[i]];
        busy += rate * flow->entry_total[t->entries[i]];
        for (int k = 0; k < LC_PHASES && e->start == LC_NONE; k++)
            for (size_t c = 0; c < e->phases[k].call_count; c++) {
                const struct lc_call *call = &e->phases[k].calls[c];
                const double time = rate * call->mean * flow->entry_phase1[call->entry];
                of[m->entries[call->entry].task] += call->kind == LC_CALL_SYNC ? time : 0;
                waits += call->kind == LC_CALL_SYNC ? time : 0;
            }
        for (size_t a = 0; a < t->activity_count && e->start != LC_NONE; a++)
            for (size_t c = 0; c < t->activities[a].call_count; c++) {
                const struct lc_call *call = &t->activities[a].calls[c]; /* which is longest, not how long */
                of[m->entries[call->entry].task] +=
                    call->kind == LC_CALL_SYNC ? rate * call->mean * flow->entry_phase1[call->entry] : 0;
            }
    }
    double own = 0; /* processor time of this task alone */
    for (size_t i = 0; i < t->entry_count; i++) {
        const struct lc_entry *e = &m->entries[t->entries[i]];
        for (int k = 0; k < LC_PHASES && e->start == LC_NONE; k++)
            if (e->phases[k].demand.family != NULL)
                own += flow->entry_rate[t->entries[i]] * lc_dist_mean(&e->phases[k].demand) / p->speed;
    }
    const double servers = lc_processor_servers(p);
    *hold =
        (struct advice_hold){.own = t->activity_count == 0 ? own / busy : NAN,
                             .below = t->activity_count == 0 ? waits / busy : NAN,
                             .processor = isfinite(servers) ? flow->processor_load[t->processor] / flow->load : NAN};
    double most = 0;
    for (size_t i = 0; i < m->task_count; i++)
        if (of[i] > most) {
            most = of[i];
            hold->longest = m->tasks[i].name;
        }
    free(of);
}

/* ---- simulation -------------------------------------------------------------------------------------------------- */

/* The highest load of the scenario that has a steady state without a change. */
static void choose_load(const struct run *run, struct advice *advice)
{
    advice->own = (struct lc_load_point){.name = NULL, .factor = 0.9 * advice->factor};
    for (size_t i = 0; i < run->scenario->point_count; i++) {
        const struct lc_load_point *p = &run->scenario->points[i];
        if (p->levels == NULL && p->factor < 0.98 * advice->factor &&
            (advice->load == NULL || p->factor > advice->load->factor))
            advice->load = p;
    }
    if (advice->load == NULL)
        advice->load = &advice->own;
}

static struct lc_estimate *estimate_of(const struct advice *a, const struct run_point *p)
{
    struct lc_result *r = p->result;
    for (size_t i = 0; i < r->workload_count && a->goal_workload != NULL; i++) {
        static const int percentiles[LC_PERCENTILES] = {50, 90, 95, 99};
        struct lc_workload_result *w = &r->workloads[i];
        if (strcmp(run_source_name(p->model, w), a->goal_workload) != 0)
            continue;
        if (a->goal != NULL && a->goal->kind == LC_GOAL_THROUGHPUT)
            return &w->throughput;
        for (int k = 0; k < LC_PERCENTILES && a->goal != NULL; k++)
            if (percentiles[k] == a->goal->percentile)
                return &w->percentiles.value[k];
        return &w->response_time;
    }
    size_t count;
    struct run_component *components = run_components(p->model, &count);
    struct lc_estimate *found = NULL;
    for (size_t i = 0; i < count && a->goal_component != NULL; i++)
        if (components[i].limited && strcmp(components[i].name, a->goal_component) == 0 && found == NULL)
            found = components[i].processor ? &r->processors[components[i].index].load
                                            : &r->tasks[components[i].index].load;
    free(components);
    return found;
}

static double unit_of(const struct run *run, const struct advice *a)
{
    if (a->goal == NULL || a->goal->kind == LC_GOAL_RESPONSE)
        return run->time_unit;
    return a->goal->kind == LC_GOAL_THROUGHPUT ? 1 / run->time_unit : 1;
}

/* The goal that is missed by most, relative to its limit; without goals the slowest workload. */
static void choose_goal(const struct run *run, const struct run_point *p, struct advice *a)
{
    double most = -INFINITY;
    for (size_t i = 0; i < p->goal_count; i++) {
        const struct run_goal *g = &p->goals[i];
        const double part =
            g->goal->kind == LC_GOAL_THROUGHPUT ? g->goal->limit / g->value.mean : g->value.mean / g->goal->limit;
        if (!(part > most))
            continue;
        most = part;
        a->goal = g->goal;
        free(a->goal_workload);
        free(a->goal_component);
        a->goal_workload = g->goal->workload != NULL ? lc_strdup(g->goal->workload) : NULL;
        a->goal_component = g->component != NULL ? lc_strdup(g->component) : NULL;
    }
    for (size_t i = 0; i < p->result->workload_count && p->goal_count == 0; i++)
        if (p->result->workloads[i].response_time.mean > most) {
            most = p->result->workloads[i].response_time.mean;
            free(a->goal_workload);
            a->goal_workload = lc_strdup(run_source_name(p->model, &p->result->workloads[i]));
        }
    const struct lc_estimate *e = estimate_of(a, p);
    a->before = e != NULL ? e->mean * unit_of(run, a) : NAN;
}

static const double *column(const struct lc_result *r, const struct lc_estimate *e)
{
    for (size_t i = 0; i < r->samples.count; i++)
        if (r->samples.of[i] == e)
            return r->samples.values + i;
    return NULL;
}

/* Mean and intervals of the differences of pairs; replications are paired by their numbers. */
static struct lc_estimate difference(const struct lc_result *a, const struct lc_estimate *of_a,
                                     const struct lc_result *b, const struct lc_estimate *of_b)
{
    const double *x = column(a, of_a), *y = column(b, of_b);
    const uint32_t n =
        a->samples.replications < b->samples.replications ? a->samples.replications : b->samples.replications;
    double mean = 0, squares = 0;
    if (x == NULL || y == NULL || n < 2)
        return (struct lc_estimate){.mean = of_b->mean - of_a->mean, .ci95 = NAN, .ci99 = NAN};
    for (uint32_t i = 0; i < n; i++)
        mean += (y[i * b->samples.count] - x[i * a->samples.count]) / n;
    for (uint32_t i = 0; i < n; i++) {
        const double d = y[i * b->samples.count] - x[i * a->samples.count] - mean;
        squares += d * d;
    }
    const double error = sqrt(squares / (n - 1) / n);
    return (struct lc_estimate){.mean = mean,
                                .ci95 = error * gsl_cdf_tdist_Pinv(0.975, n - 1),
                                .ci99 = error * gsl_cdf_tdist_Pinv(0.995, n - 1)};
}

static int simulate(const struct run *run, struct run_point *p, const struct lc_result *base, double seconds,
                    struct lc_diag *diag)
{
    struct lc_sim_options options = run->scenario->simulation;
    options.jobs = run->common->jobs;
    options.max_time_s = seconds;
    options.samples = true;
    if (options.warmup > 0)
        options.warmup /= run->time_unit;
    if (base != NULL) {
        options.replications = base->replications;
        options.first_replication = base->first_replication;
        options.run_time = base->simulated_time;
        options.warmup = base->warmup;
    }
    struct lc_diag own = {0};
    p->result = lc_simulate(p->model, &options, &own);
    const enum lc_status wrong = lc_diag_status(&own);
    for (size_t i = 0; i < own.count && wrong != LC_OK && wrong != LC_UNDECIDED; i++)
        lc_error(diag, wrong, NULL, "%s", own.messages[i].text);
    lc_diag_free(&own);
    return p->result != NULL || wrong == LC_UNDECIDED ? 0 : -1;
}

/* The best by capacity, of changes of sizes and speeds and of calls that are left out; then those that shorten the way
 * most. */
static void choose(const struct advice *advice, bool *chosen)
{
    size_t left[2] = {SIZES, CALLS};
    for (size_t i = 0; i < advice->count; i++) {
        const struct advice_option *o = &advice->options[i];
        if (o->gain > 1.0005 && left[o->call] > 0) {
            chosen[i] = true;
            left[o->call]--;
        }
    }
    for (size_t k = 0; k < RESPONSES + left[0] + left[1]; k++) {
        size_t best = advice->count;
        for (size_t i = 0; i < advice->count; i++)
            if (!chosen[i] && advice->options[i].response < -1e-6 &&
                (best == advice->count || advice->options[i].response < advice->options[best].response))
                best = i;
        if (best < advice->count)
            chosen[best] = true;
    }
}

static int simulate_best(struct run *run, struct advice *advice, struct lc_diag *diag)
{
    const double deadline = cli_seconds() + run->scenario->simulation.max_time_s;
    struct run_point before = {.load = advice->load};
    bool *chosen = lc_calloc(advice->count, sizeof *chosen);
    struct cli_progress progress;
    choose(advice, chosen);
    cli_progress_start(&progress, "trying changes", "", run->common);
    int status = run_build_point(run, &before, diag);
    if (status == 0 && !before.overloaded)
        status = simulate(run, &before, NULL, deadline - cli_seconds(), diag);
    advice->complete = before.result != NULL;
    if (before.result != NULL) {
        run_judge(run, &before);
        choose_goal(run, &before, advice);
    }
    const struct lc_estimate *was = before.result != NULL ? estimate_of(advice, &before) : NULL;
    for (size_t i = 0, done = 0; i < advice->count && status == 0 && was != NULL; i++) {
        if (!chosen[i])
            continue;
        struct advice_option *o = &advice->options[i];
        struct run_point after = {.load = advice->load, .change = &o->change};
        const double left = deadline - cli_seconds();
        status = left > 0 ? run_build_point(run, &after, diag) : 0;
        if (status == 0 && left > 0 && !after.overloaded)
            status = simulate(run, &after, before.result, left, diag);
        const struct lc_estimate *is = after.result != NULL ? estimate_of(advice, &after) : NULL;
        advice->complete &= after.result != NULL || after.overloaded;
        if (is != NULL) {
            const double unit = unit_of(run, advice);
            o->simulated = true;
            o->difference = difference(before.result, was, after.result, is);
            o->difference.mean *= unit;
            o->difference.ci95 *= unit;
            o->difference.ci99 *= unit;
            o->after = is->mean * unit;
        }
        run_point_free(&after);
        cli_progress_show(&progress, (double)++done, SIZES + CALLS + RESPONSES);
    }
    cli_progress_end(&progress);
    run_point_free(&before);
    free(chosen);
    return status;
}

/* ------------------------------------------------------------------------------------------------------------------ */

int run_advise(struct run *run, struct advice *advice, struct lc_diag *diag)
{
    const struct lc_load_point one = {.factor = 1};
    struct screen base;
    struct lc_flow flow = {0};
    struct lc_model *model = run_model(run, &one, NULL, diag);
    if (model == NULL || lc_model_check(model, diag) != 0 || run_open_closed_sources(model, diag) != 0 ||
        lc_flow_solve(model, &flow, diag) != 0) {
        lc_model_free(model);
        return -1;
    }
    base = (struct screen){flow.limit_factor, response_of(model, &flow), flow.processor, flow.task};
    advice->factor = base.factor;
    if (isfinite(base.factor))
        advice->limit = component_of(run->base, base.processor, base.task);
    if (base.task != LC_NONE)
        find_hold(run->base, &flow, base.task, &advice->hold);
    lc_flow_free(&flow);
    lc_model_free(model);
    advice_collect(run->base, advice);
    screen_all(run, &base, advice);
    leave_out_needless(advice);
    if (advice->count > 1)
        qsort(advice->options, advice->count, sizeof *advice->options, by_gain);
    choose_load(run, advice);
    return isfinite(advice->factor) ? simulate_best(run, advice, diag) : 0;
}

void advice_free(struct advice *advice)
{
    for (size_t i = 0; i < advice->count; i++)
        free_option(&advice->options[i]);
    free(advice->options);
    free(advice->goal_workload);
    free(advice->goal_component);
}
