/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "questions.h"

static void make_points(struct run *run)
{
    const struct lc_scenario *s = run->scenario;
    run->point_count = s->point_count * (1 + s->what_if_count);
    run->points = lc_calloc(run->point_count, sizeof *run->points);
    for (size_t i = 0; i < run->point_count; i++) {
        struct run_point *p = &run->points[i];
        const size_t change = i % (1 + s->what_if_count);
        p->load = &s->points[i / (1 + s->what_if_count)];
        p->change = change > 0 ? &s->what_ifs[change - 1] : NULL;
        p->label = change > 0 ? lc_format("%s, %s", p->load->name, p->change->name) : lc_strdup(p->load->name);
        p->precision = s->simulation.precision;
        p->base = change > 0 ? p - change : NULL;
        p->overload_share = NAN;
    }
}

/* What is doubtful in the first model is so in all. */
static int check(const struct lc_model *model, const struct lc_what_if *change, bool first, struct lc_diag *diag)
{
    struct lc_diag own = {0};
    const int status = lc_model_check(model, first ? diag : &own);
    for (size_t i = 0; i < own.count; i++)
        if (own.messages[i].severity == LC_ERROR)
            lc_error(diag, own.messages[i].status, change != NULL ? &change->place : NULL, "%s%s%s%s",
                     change != NULL ? "with the change '" : "", change != NULL ? change->name : "",
                     change != NULL ? "': " : "", own.messages[i].text);
    lc_diag_free(&own);
    return status;
}

static int build_point(const struct run *run, struct run_point *p, bool first, struct lc_diag *diag)
{
    p->model = run_model(run, p->load, p->change, diag);
    if (p->model == NULL || check(p->model, p->change, first, diag) != 0 ||
        lc_flow_solve(p->model, &p->flow, diag) != 0)
        return -1;
    p->overloaded = p->flow.load >= 1;
    if (!p->overloaded)
        return 0;
    const bool processor = p->flow.processor != LC_NONE;
    p->limit = (struct run_component){
        .processor = processor, .limited = true, .index = processor ? p->flow.processor : p->flow.task};
    p->limit.name = processor ? p->model->processors[p->limit.index].name : p->model->tasks[p->limit.index].name;
    return 0;
}

int run_build_point(const struct run *run, struct run_point *point, struct lc_diag *diag)
{
    return build_point(run, point, false, diag);
}

/* Models and flows of all points first: what is wrong in any of them is said before hours of simulation. */
static int build(struct run *run, struct lc_diag *diag)
{
    for (size_t i = 0; i < run->point_count; i++)
        if (build_point(run, &run->points[i], i == 0, diag) != 0)
            return -1;
    return 0;
}

/* Threads may be held longer than the flow can tell, by waiting further down, and retries make more of requests: what
 * is full then is seen only in the simulation. Where requests are refused or lost instead, there is a steady state. */
static void find_saturated(struct run_point *p)
{
    const struct lc_overload *o = &p->result->overload;
    const bool processor = o->processor != LC_NONE;
    p->overloaded = o->queue != LC_NONE;
    p->refuses = false;
    if (p->overloaded) {
        p->limit = (struct run_component){
            .processor = processor, .limited = true, .index = processor ? o->processor : o->task};
        p->limit.name = processor ? p->model->processors[o->processor].name : p->model->tasks[o->task].name;
        return;
    }
    for (size_t t = 0; t < p->model->task_count && !p->overloaded; t++)
        if (p->result->tasks[t].saturated && !lc_is_source(&p->model->tasks[t])) {
            p->overloaded = p->refuses = true;
            p->limit = (struct run_component){.name = p->model->tasks[t].name, .limited = true, .index = (int)t};
        }
}

/* A changed model is simulated on the random numbers of the one that it changes, and as long, as far as that suits it.
 */
static void pair_with_base(const struct run_point *p, struct lc_sim_options *options)
{
    if (p->base == NULL || p->base->result == NULL || !run_is_steady(p->base))
        return;
    options->first_replication = p->base->result->first_replication;
    options->least_warmup = p->base->result->warmup;
    options->least_run_time = p->base->result->simulated_time;
}

double run_work(const struct run *run, double share)
{
    const double speed = 1e7; /* events a second: half of what a core does */
    return share * speed * run->scenario->simulation.max_time_s;
}

/* The percentiles that goals are about. */
static unsigned asked_percentiles(const struct run *run)
{
    static const int percentiles[LC_PERCENTILES] = {50, 90, 95, 99};
    unsigned asked = 0;
    for (size_t i = 0; i < run->scenario->goal_count; i++)
        for (unsigned k = 0; k < LC_PERCENTILES; k++)
            if (run->scenario->goals[i].kind == LC_GOAL_RESPONSE &&
                run->scenario->goals[i].percentile == percentiles[k])
                asked |= 1u << k;
    return asked;
}

int run_simulate_point(const struct run *run, struct run_point *p, double seconds, double events, struct run_part *part,
                       struct lc_diag *diag)
{
    struct lc_sim_options options = run->scenario->simulation;
    options.answers = true;
    options.percentiles = asked_percentiles(run);
    options.max_events = events;
    options.precision = p->precision;
    if (p->replications > 0)
        options.replications = p->replications;
    options.max_time_s = seconds;
    options.jobs = run->threads;
    options.spare = run->spare;
    options.samples = true;
    options.progress = part != NULL ? run_show : NULL;
    options.context = part;
    pair_with_base(p, &options);
    if (options.warmup > 0)
        options.warmup /= run->time_unit;
    options.run_time /= run->time_unit;
    struct lc_diag own = {0};
    struct lc_result *result = lc_simulate(p->model, &options, &own);
    const enum lc_status wrong = lc_diag_status(&own);
    for (size_t i = 0; i < own.count && wrong != LC_OK && wrong != LC_UNDECIDED; i++)
        lc_error(diag, wrong, NULL, "%s", own.messages[i].text);
    lc_diag_free(&own);
    if (result == NULL && wrong == LC_UNDECIDED) { /* not one replication in the time allowed */
        run_judge(run, p);
        return 0;
    }
    if (result == NULL)
        return -1;
    p->exhausted = !result->converged;
    if (p->result != NULL && !result->converged && !(result->precision < p->result->precision)) {
        lc_result_free(result); /* cut short by the clock before it was the better one */
        return 0;
    }
    lc_result_free(p->result);
    p->result = result;
    find_saturated(p);
    run_join_errors(run, p);
    run_judge(run, p);
    return 0;
}

/* Whether another load under the same change misses the goal: then it is missed, whatever this point says. */
static bool missed_elsewhere(const struct run *run, const struct run_point *p, const struct run_goal *g)
{
    for (size_t i = 0; i < run->point_count; i++) {
        const struct run_point *other = &run->points[i];
        for (size_t k = 0; other->change == p->change && k < other->goal_count; k++)
            if (other->goals[k].goal == g->goal && other->goals[k].judgement == LC_GOAL_MISSED)
                return true;
    }
    return false;
}

/* Whether more simulation can help. What only more traces can decide is left alone. */
static bool undecided(const struct run *run, const struct run_point *p)
{
    if (p->result == NULL)
        return !p->overloaded;
    if (p->exhausted)
        return false;
    if (p->change != NULL && p->change->swept)
        return false; /* a grid shows where the limit lies: not every point of it has to be decided */
    for (size_t i = 0; i < p->goal_count; i++)
        if (p->goals[i].judgement == LC_GOAL_UNDECIDED && p->goals[i].traces == 0 && !isnan(p->goals[i].value.mean) &&
            !(p->goals[i].value.learned && isnan(p->goals[i].value.low)) && !missed_elsewhere(run, p, &p->goals[i]))
            return true;
    return false;
}

/* ---- many points at a time --------------------------------------------------------------------------------------- */

struct batch {
    struct run_point **points;
    size_t count;
    struct lc_diag *diags;   /* of each */
    double deadline, events; /* of each */
};

static void simulate_one(struct run *run, size_t index, void *context)
{
    struct batch *batch = context;
    struct run_part part = {run->bar, 1, 0};
    run_simulate_point(run, batch->points[index], fmax(batch->deadline - cli_seconds(), 0.01), batch->events, &part,
                       &batch->diags[index]);
    run_show(&part, 1, 0);
}

static int simulate_batch(struct run *run, struct batch *batch, struct lc_diag *diag)
{
    const size_t before = diag->errors;
    batch->diags = lc_calloc(batch->count, sizeof *batch->diags);
    run_parallel(run, batch->count, simulate_one, batch);
    for (size_t i = 0; i < batch->count; i++) {
        for (size_t k = 0; k < batch->diags[i].count; k++)
            lc_error(diag, batch->diags[i].messages[k].status, NULL, "%s", batch->diags[i].messages[k].text);
        lc_diag_free(&batch->diags[i]);
    }
    free(batch->diags);
    return diag->errors == before ? 0 : -1;
}

/* Points with or without a change. The highest loads take longest and come first, so that no core waits for them at
 * the end. */
static int simulate_all(struct run *run, bool changed, double deadline, struct lc_diag *diag)
{
    struct batch batch = {.deadline = deadline, .events = run_work(run, RUN_POINTS / (double)run->point_count)};
    batch.points = lc_calloc(run->point_count, sizeof(struct run_point *));
    for (size_t i = run->point_count; i-- > 0;) {
        struct run_point *p = &run->points[i];
        if ((p->change != NULL) != changed)
            continue;
        if (p->overloaded)
            run_judge(run, p);
        else
            batch.points[batch.count++] = p;
    }
    const int status = simulate_batch(run, &batch, diag);
    free(batch.points);
    return status;
}

/* Points whose goals are not decided are simulated again at half the interval, until that takes more than a point's
 * share of the work. */
static int refine(struct run *run, double deadline, struct lc_diag *diag)
{
    enum { ROUNDS = 12 }; /* 4^12 times the work: nothing is decided by more */
    if (run->scenario->simulation.replications > 0)
        return 0; /* as many as were asked for */
    int status = 0;
    struct batch batch = {.deadline = deadline, .events = run_work(run, RUN_REFINED / (double)run->point_count)};
    batch.points = lc_calloc(run->point_count, sizeof(struct run_point *));
    for (int round = 0; round < ROUNDS && status == 0 && cli_seconds() < deadline; round++) {
        batch.count = 0;
        for (size_t i = run->point_count; i-- > 0;) {
            struct run_point *p = &run->points[i];
            if (!undecided(run, p))
                continue;
            if (p->result != NULL)
                p->precision /= 2;
            batch.points[batch.count++] = p;
        }
        if (batch.count == 0)
            break;
        run_bar_add(run, (double)batch.count);
        status = simulate_batch(run, &batch, diag);
    }
    free(batch.points);
    return status;
}

int run_simulate_points(struct run *run, double deadline, struct lc_diag *diag)
{
    const double weight = run_simulated_draws(run) > 0 ? 0.5 : 0;
    size_t steady = 0;
    for (size_t i = 0; i < run->point_count; i++)
        steady += !run->points[i].overloaded;
    run_bar_add(run, (double)steady * (1 + weight));
    if (simulate_all(run, false, deadline, diag) != 0 || simulate_all(run, true, deadline, diag) != 0)
        return -1;
    if (weight > 0)
        run_simulate_draws(run, deadline, weight);
    return 0;
}

/* What is not decided then is simulated longer. */
static int simulate_points(struct run *run, double deadline, struct lc_diag *diag)
{
    if (run_simulate_points(run, deadline, diag) != 0 || refine(run, deadline, diag) != 0)
        return -1;
    run_doubt_goals(run);
    run_compare(run, deadline);
    return 0;
}

int run_points(struct run *run, struct lc_diag *diag)
{
    run_start(run);
    make_points(run);
    return build(run, diag);
}

int run_simulate(struct run *run, struct lc_diag *diag)
{
    if (run_points(run, diag) != 0 || run_find_limits(run, diag) != 0)
        return -1;
    const double deadline = cli_seconds() + run->scenario->simulation.max_time_s;
    run_bar_start(run);
    run_bar_add(run, run_search_weight(run));
    run_find_overloads(run);
    int status = run_predict_recorded(run, diag);
    if (status == 0)
        status = simulate_points(run, deadline, diag);
    if (status == 0)
        status = run_answer(run, deadline, diag); /* searches start from what the points say */
    run_bar_end(run);
    run->seconds = cli_seconds() - run->started;
    return status;
}

void run_point_free(struct run_point *point)
{
    run_free_goals(point);
    run_draws_free(point->draws);
    lc_result_free(point->result);
    lc_transient_free(point->curves);
    lc_result_free(point->best);
    lc_model_free(point->best_model);
    free(point->flow_low);
    free(point->flow_high);
    lc_flow_free(&point->flow);
    lc_model_free(point->model);
    free(point->label);
}
