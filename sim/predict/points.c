/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "apart.h"
#include "base/text.h"

static void make_points(struct lc_verdict *verdict)
{
    const struct lc_scenario *s = verdict->scenario;
    verdict->point_count = s->point_count * (1 + s->what_if_count);
    verdict->points = lc_calloc(verdict->point_count, sizeof *verdict->points);
    for (size_t i = 0; i < verdict->point_count; i++) {
        struct lc_point *p = &verdict->points[i];
        const size_t change = i % (1 + s->what_if_count);
        p->load = &s->points[i / (1 + s->what_if_count)];
        p->change = change > 0 ? &s->what_ifs[change - 1] : NULL;
        p->label = change > 0 ? lc_format("%s, %s", p->load->name, p->change->name) : lc_strdup(p->load->name);
        p->precision = s->simulation.precision;
        p->base = change > 0 ? p - change : NULL;
        p->overload_share = NAN;
    }
}

/* What is wrong under a change is said where the change stands. What is doubtful there, such as an entry that nothing
 * calls any more, is what the change is meant to do. */
static int check(const struct lc_model *model, const struct lc_what_if *change, struct lc_diag *diag)
{
    struct lc_diag own = {0};
    const int status = lc_model_check(model, &own);
    if (change == NULL)
        lc_diag_append(diag, &own);
    for (size_t i = 0; i < own.count && change != NULL; i++)
        if (own.messages[i].severity == LC_ERROR)
            lc_error(diag, own.messages[i].status, &change->place, "with the change '%s': %s", change->name,
                     own.messages[i].text);
    lc_diag_free(&own);
    return status;
}

int lcp_build_point(const struct lc_verdict *verdict, struct lc_point *p, struct lc_diag *diag)
{
    p->model = lcp_model(verdict, p->load, p->change, diag);
    if (p->model == NULL || check(p->model, p->change, diag) != 0 || lc_traffic_solve(p->model, &p->traffic, diag) != 0)
        return -1;
    p->overloaded = p->traffic.load >= 1;
    if (!p->overloaded)
        return 0;
    const bool processor = p->traffic.processor != LC_NONE;
    p->limit = (struct lc_component){
        .processor = processor, .limited = true, .index = processor ? p->traffic.processor : p->traffic.task};
    p->limit.name = processor ? p->model->processors[p->limit.index].name : p->model->tasks[p->limit.index].name;
    return 0;
}

/* Models and traffic of all points first: what is wrong in any of them is said before hours of simulation. */
static int build(struct lc_verdict *verdict, struct lc_diag *diag)
{
    for (size_t i = 0; i < verdict->point_count; i++)
        if (lcp_build_point(verdict, &verdict->points[i], diag) != 0)
            return -1;
    return 0;
}

/* Threads may be held longer than the traffic equations can tell, by waiting further down, and retries make more of
 * requests: what is full then is seen only in the simulation. Where requests are refused or lost instead, there is a
 * steady state. */
static void find_saturated(struct lc_point *p)
{
    const struct lc_overload *o = &p->result->overload;
    const bool processor = o->processor != LC_NONE;
    p->overloaded = o->queue != LC_NONE;
    p->refuses = false;
    if (p->overloaded) {
        p->limit =
            (struct lc_component){.processor = processor, .limited = true, .index = processor ? o->processor : o->task};
        p->limit.name = processor ? p->model->processors[o->processor].name : p->model->tasks[o->task].name;
        return;
    }
    for (size_t t = 0; t < p->model->task_count && !p->overloaded; t++)
        if (p->result->tasks[t].saturated && !lc_is_source(&p->model->tasks[t])) {
            p->overloaded = p->refuses = true;
            p->limit = (struct lc_component){.name = p->model->tasks[t].name, .limited = true, .index = (int)t};
        }
}

/* A changed model is simulated on the random numbers of the one that it changes, and as long, as far as that suits it.
 */
static void pair_with_base(const struct lc_point *p, struct lc_sim_options *options)
{
    if (p->base == NULL || p->base->result == NULL || !lc_point_is_steady(p->base))
        return;
    options->first_replication = p->base->result->first_replication;
    options->least_warmup = p->base->result->warmup;
    options->least_run_time = p->base->result->simulated_time;
}

double lcp_events(const struct lc_verdict *verdict, double share)
{
    const double speed = 1e7; /* events a second: half of what a core does */
    return share * speed * verdict->scenario->simulation.max_time_s;
}

/* The percentiles that goals are about. */
static struct lc_percentile_list asked_percentiles(const struct lc_verdict *verdict)
{
    struct lc_percentile_list asked = {0};
    for (size_t i = 0; i < verdict->scenario->goal_count; i++) {
        const struct lc_goal *goal = &verdict->scenario->goals[i];
        if (goal->kind == LC_GOAL_RESPONSE && goal->percentile > 0)
            lc_percentile_add(&asked, goal->percentile);
    }
    return asked;
}

int lcp_simulate_point(const struct lc_verdict *verdict, struct lc_point *p, double seconds, double events,
                       struct lcp_part *part, struct lc_diag *diag)
{
    struct lc_sim_options options = verdict->scenario->simulation;
    options.answers = true;
    options.percentiles = asked_percentiles(verdict);
    options.max_events = events;
    options.precision = p->precision;
    if (p->replications > 0)
        options.replications = p->replications;
    options.max_time_s = seconds;
    options.jobs = verdict->work->threads;
    options.spare = verdict->work->spare;
    options.samples = true;
    options.progress = part != NULL ? lcp_show : NULL;
    options.context = part;
    pair_with_base(p, &options);
    if (options.warmup > 0)
        options.warmup /= verdict->time_unit;
    options.run_time /= verdict->time_unit;
    struct lc_diag own = {0};
    const enum lc_method method = p->solved ? LC_METHOD_ANALYTIC : lcp_decides(verdict);
    struct lc_result *result = lcp_answer(method, p->model, &options, &own);
    const enum lc_status wrong = lc_diag_status(&own);
    const bool told =
        result != NULL && (result->overload.queue != LC_NONE || result->drifts != LC_NONE); /* by the point */
    if (wrong != LC_UNDECIDED && !told)
        lc_diag_append(diag, &own);
    lc_diag_free(&own);
    if (result == NULL && wrong == LC_UNDECIDED) { /* not one replication in the time allowed */
        lcp_judge(verdict, p);
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
    lcp_join_errors(verdict, p);
    lcp_judge(verdict, p);
    return 0;
}

/* Whether another load under the same change misses the goal: then it is missed, whatever this point says. */
static bool missed_elsewhere(const struct lc_verdict *verdict, const struct lc_point *p, const struct lc_goal_result *g)
{
    for (size_t i = 0; i < verdict->point_count; i++) {
        const struct lc_point *other = &verdict->points[i];
        for (size_t k = 0; other->change == p->change && k < other->goal_count; k++)
            if (other->goals[k].goal == g->goal && other->goals[k].judgement == LC_GOAL_MISSED)
                return true;
    }
    return false;
}

/* Whether more simulation can help. What only more traces can decide is left alone. */
static bool undecided(const struct lc_verdict *verdict, const struct lc_point *p)
{
    if (p->result == NULL)
        return !p->overloaded;
    if (p->exhausted)
        return false;
    if (p->change != NULL && p->change->swept)
        return false; /* a grid shows where the limit lies: not every point of it has to be decided */
    for (size_t i = 0; i < p->goal_count; i++)
        if (p->goals[i].judgement == LC_GOAL_UNDECIDED && p->goals[i].traces == 0 && !isnan(p->goals[i].value.mean) &&
            !(p->goals[i].value.learned && isnan(p->goals[i].value.low)) && !missed_elsewhere(verdict, p, &p->goals[i]))
            return true;
    return false;
}

/* ---- many points at a time --------------------------------------------------------------------------------------- */

struct batch {
    struct lc_point **points;
    size_t count;
    struct lc_diag *diags;   /* of each */
    double deadline, events; /* of each */
};

static void simulate_in(struct lc_verdict *verdict, struct batch *batch, size_t index, struct lcp_part *part)
{
    lcp_simulate_point(verdict, batch->points[index], fmax(batch->deadline - lci_seconds(), 0.01), batch->events, part,
                       &batch->diags[index]);
}

/* Where neither a precision is asked for nor what a change makes of it. */
static bool is_precision_free(const struct lc_verdict *verdict)
{
    const struct lc_scenario *s = verdict->scenario;
    return s->what_if_count == 0 && !s->precision_stated && s->simulation.replications == 0;
}

/* Whether a point that was simulated coarsely needs no more: all goals are clear, or there are none and the precision
 * that nobody stated would take minutes (thousands of services, each of which every request visits). */
static bool is_enough(const struct lc_verdict *verdict, struct lc_point *p, double coarse)
{
    if (p->result == NULL || !p->result->converged)
        return false;
    const double patience = 2e8, events = (double)p->result->events * pow(coarse, 2);
    p->clear = lcp_is_clear(verdict, p);
    p->costly = verdict->scenario->goal_count == 0 && events > patience;
    return p->clear || p->costly;
}

/* Runs have to be many mean responses long: what hardly varies is known then far better than was asked for. */
static bool is_more_than_precise(const struct lc_point *p, double times)
{
    return p->result != NULL && p->result->converged && p->result->precision * times < p->precision;
}

static void simulate_one(struct lc_verdict *verdict, size_t index, void *context)
{
    const double coarse = 5; /* times the precision: a 25th of the work */
    struct lc_point *p = ((struct batch *)context)->points[index];
    struct lcp_part part = {&verdict->work->bar, 1, 0};
    bool enough = false;
    if (is_precision_free(verdict) && p->result == NULL && lcp_decides(verdict) == LC_METHOD_SIMULATE) {
        p->precision *= coarse;
        simulate_in(verdict, context, index, NULL);
        enough = is_enough(verdict, p, coarse);
        p->precision /= enough ? 1 : coarse;
        enough |= is_more_than_precise(p, coarse);
    }
    if (!enough)
        simulate_in(verdict, context, index, &part);
    lcp_show(&part, 1, 0);
}

static int simulate_batch(struct lc_verdict *verdict, struct batch *batch, struct lc_diag *diag)
{
    const size_t before = diag->errors;
    batch->diags = lc_calloc(batch->count, sizeof *batch->diags);
    lcp_parallel(verdict, batch->count, simulate_one, batch);
    for (size_t i = 0; i < batch->count; i++) {
        lc_diag_append(diag, &batch->diags[i]);
        lc_diag_free(&batch->diags[i]);
    }
    free(batch->diags);
    return diag->errors == before ? 0 : -1;
}

/* Points with or without a change. The highest loads take longest and come first, so that no core waits for them at
 * the end; where only one works they come last, so that the others are known when the time is up. */
static int simulate_all(struct lc_verdict *verdict, bool changed, double deadline, struct lc_diag *diag)
{
    struct batch batch = {.deadline = deadline,
                          .events = lcp_events(verdict, LCP_POINTS / (double)verdict->point_count)};
    const struct lc_percentile_list asked = asked_percentiles(verdict);
    const size_t count = verdict->point_count;
    batch.points = lc_calloc(count, sizeof(struct lc_point *));
    for (size_t i = 0; i < count; i++) {
        struct lc_point *p = &verdict->points[verdict->work->threads > 1 ? count - 1 - i : i];
        if ((p->change != NULL) != changed)
            continue;
        if (p->overloaded) {
            lcp_judge(verdict, p);
            lcp_judge_apart(verdict, p, &asked, deadline);
        } else
            batch.points[batch.count++] = p;
    }
    const int status = simulate_batch(verdict, &batch, diag);
    free(batch.points);
    return status;
}

/* Points whose goals are not decided are simulated again at half the interval, until that takes more than a point's
 * share of the work. */
static int refine(struct lc_verdict *verdict, double deadline, struct lc_diag *diag)
{
    enum { ROUNDS = 12 }; /* 4^12 times the work: nothing is decided by more */
    if (verdict->scenario->simulation.replications > 0)
        return 0; /* as many as were asked for */
    int status = 0;
    struct batch batch = {.deadline = deadline,
                          .events = lcp_events(verdict, LCP_REFINED / (double)verdict->point_count)};
    batch.points = lc_calloc(verdict->point_count, sizeof(struct lc_point *));
    for (int round = 0; round < ROUNDS && status == 0 && lci_seconds() < deadline; round++) {
        batch.count = 0;
        for (size_t i = verdict->point_count; i-- > 0;) {
            struct lc_point *p = &verdict->points[i];
            if (!undecided(verdict, p))
                continue;
            if (p->result != NULL)
                p->precision /= 2;
            p->clear = false;
            batch.points[batch.count++] = p;
        }
        if (batch.count == 0)
            break;
        lcp_bar_add(verdict, (double)batch.count);
        status = simulate_batch(verdict, &batch, diag);
    }
    free(batch.points);
    return status;
}

int lcp_simulate_points(struct lc_verdict *verdict, double deadline, struct lc_diag *diag)
{
    const double weight = lcp_simulated_replicates(verdict) > 0 ? 0.5 : 0;
    size_t steady = 0;
    for (size_t i = 0; i < verdict->point_count; i++)
        steady += !verdict->points[i].overloaded;
    lcp_bar_add(verdict, (double)steady * (1 + weight));
    if (simulate_all(verdict, false, deadline, diag) != 0 || simulate_all(verdict, true, deadline, diag) != 0)
        return -1;
    if (weight > 0)
        lcp_simulate_replicates(verdict, deadline, weight);
    return 0;
}

/* What is not decided then is simulated longer. */
static int simulate_points(struct lc_verdict *verdict, double deadline, struct lc_diag *diag)
{
    if (lcp_simulate_points(verdict, deadline, diag) != 0 || refine(verdict, deadline, diag) != 0)
        return -1;
    lcp_explain_goals(verdict);
    lcp_compare(verdict, deadline);
    return 0;
}

int lcp_points(struct lc_verdict *verdict, struct lc_diag *diag)
{
    make_points(verdict);
    return build(verdict, diag);
}

/* Verdicts on steady states: searches start from what the points say. */
static int predict_steady(struct lc_verdict *verdict, struct lc_diag *diag)
{
    if (lcp_points(verdict, diag) != 0 || lcp_check_method(verdict, diag) != 0 || lcp_find_limits(verdict, diag) != 0)
        return -1;
    const double deadline = lci_seconds() + verdict->scenario->simulation.max_time_s;
    lcp_bar_add(verdict, lcp_search_weight(verdict));
    lcp_find_overloads(verdict);
    if (lcp_predict_recorded(verdict, deadline, diag) != 0 || simulate_points(verdict, deadline, diag) != 0 ||
        lcp_find_capacities(verdict, deadline, diag) != 0 || lcp_find_crossings(verdict, deadline, diag) != 0)
        return -1;
    lcp_solve_beside(verdict);
    verdict->out_of_time = lci_seconds() >= deadline;
    if (verdict->out_of_time)
        lcp_take_back(verdict);
    verdict->status = lcp_status(verdict);
    lcp_forget_intervals(verdict);
    return 0;
}

int lc_predict(struct lc_verdict *verdict, struct lc_diag *diag)
{
    const int status =
        verdict->scenario->curves.duration > 0 ? lcp_curves(verdict, diag) : predict_steady(verdict, diag);
    lcp_bar_end(verdict);
    if (status == 0)
        lcp_warn_cores(verdict, diag);
    return status;
}

void lcp_point_free(struct lc_point *point)
{
    lcp_free_goals(point);
    lcp_replicates_free(point->replicates);
    lc_result_free(point->result);
    lc_transient_free(point->curves);
    lc_result_free(point->analytic);
    lc_result_free(point->best);
    lc_model_free(point->best_model);
    free(point->traffic_low);
    free(point->traffic_high);
    lc_traffic_free(&point->traffic);
    lc_model_free(point->model);
    free(point->label);
}
