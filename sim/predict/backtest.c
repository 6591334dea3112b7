/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Backtests: the model at each load that was measured, beside what was measured there. */
#include "loadcast/backtest.h"
#include "base/text.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/walk.h"
#include "predict.h"

#define FREEDOM   18   /* degrees, of intervals that come from 20 batches */
#define PRECISION 0.02 /* of the predictions, unless the scenario states one */

/* ---- levels → points --------------------------------------------------------------------------------------------- */

static double reference_rate(const struct lc_verdict *verdict)
{
    double rate = 0;
    for (size_t w = 0; w < verdict->scenario->workload_count; w++)
        if (!verdict->scenario->workloads[w].closed)
            rate += verdict->scenario->workloads[w].rate * verdict->requests[w];
    return rate;
}

/* The load of a level whose requests are not told apart by class. */
static struct lc_load_point load_of(const struct lc_verdict *verdict, const struct lc_measured_level *m)
{
    const size_t count = verdict->scenario->workload_count;
    struct lc_load_point load = {.name = lc_strdup(m->name), .factor = 1};
    if (m->workloads != NULL) {
        load.factor = NAN;
        load.levels = lc_calloc(count, sizeof *load.levels);
        memcpy(load.levels, m->workloads, count * sizeof *load.levels);
    } else if (!isnan(m->factor)) {
        load.factor = m->factor;
    } else if (m->rate > 0 && reference_rate(verdict) > 0) {
        load.factor = m->rate / reference_rate(verdict);
    }
    return load;
}

static int build_level(struct lc_verdict *verdict, struct lc_backtest_level *level, struct lc_point *point,
                       struct lc_diag *diag)
{
    const struct lc_measured_level *m = level->measured;
    level->load =
        m->rates == NULL ? load_of(verdict, m) : (struct lc_load_point){.name = lc_strdup(m->name), .factor = 1};
    level->workload_count = verdict->scenario->workload_count;
    level->change = (struct lc_what_if){.name = lc_strdup("as measured")};
    if (m->rates != NULL)
        level->change.workloads = lcp_as_recorded(verdict, m->rates, m->one_by_one);
    *point = (struct lc_point){.load = &level->load,
                               .change = level->change.workloads != NULL ? &level->change : NULL,
                               .label = lc_strdup(m->name),
                               .precision = verdict->scenario->precision_stated
                                                ? verdict->scenario->simulation.precision
                                                : fmin(PRECISION, verdict->scenario->simulation.precision),
                               .overload_share = NAN};
    level->point = point;
    return lcp_build_point(verdict, point, diag);
}

/* ---- what the model predicts ------------------------------------------------------------------------------------- */

struct figure { /* a sum of estimates whose errors go together */
    double mean, below, above;
    bool known;
};

struct looking { /* at the result of a point */
    const struct lc_verdict *verdict;
    const struct lc_point *point;
    const struct lc_model *model;
    double *each; /* [replication] the figure that is put together, as seen there */
};

static void add_estimate(const struct looking *l, struct figure *f, const struct lc_estimate *e, double factor)
{
    double low, high;
    lc_estimate_interval(e, 0.95, &low, &high);
    f->known = true;
    f->mean += factor * e->mean;
    f->below += factor * (isnan(low) ? 0 : e->mean - low);
    f->above += factor * (isnan(high) ? 0 : high - e->mean);
    lcp_add_each(l->point->result, e, factor, l->each);
}

/* "service/operation" of an entry; of what a deployment put before it: of what that passes on to. NULL: not known. */
static const char *operation_of(const struct looking *l, int entry)
{
    for (int hops = 0; hops < 8 && entry != LC_NONE; hops++) {
        if ((size_t)entry < l->verdict->evidence.operation_count && l->verdict->evidence.operations[entry] != NULL)
            return l->verdict->evidence.operations[entry];
        struct lci_walk_step *steps = NULL;
        size_t count = 0;
        int next = LC_NONE;
        struct lc_diag unheard = {0};
        if (lci_entry_steps(l->model, entry, &steps, &count, &unheard) == 0)
            for (size_t i = 0; i < count && next == LC_NONE; i++)
                if (steps[i].activity->call_count > 0)
                    next = steps[i].activity->calls[0].entry;
        lc_diag_free(&unheard);
        free(steps);
        entry = next;
    }
    return NULL;
}

static bool is_of(const char *operation, const char *service)
{
    const size_t length = strlen(service);
    return operation != NULL && strncmp(operation, service, length) == 0 && operation[length] == '/';
}

static bool same_service(const struct looking *l, const char *a, const char *b)
{
    for (size_t t = 0; t < l->model->task_count; t++)
        if (is_of(a, l->model->tasks[t].name) && is_of(b, l->model->tasks[t].name))
            return true;
    return false;
}

/* A call of an entry to an operation of another service. */
struct made_call {
    const char *caller, *callee;
    const struct lc_activity_result *result;
    const struct lc_activity *activity;
    double number; /* for one run of the activity */
    bool waits;    /* for the answer */
    bool alone;    /* the activity calls nothing else: its time is that of these calls */
    int entry;     /* that is called */
};

static size_t add_calls(const struct looking *l, int entry, const char *caller, const struct lci_walk_step *step,
                        bool graph, struct made_call **calls, size_t count, size_t *capacity)
{
    const struct lc_activity *a = step->activity;
    const int task = l->model->entries[entry].task;
    for (size_t i = 0; i < a->call_count; i++) {
        const char *callee = operation_of(l, a->calls[i].entry);
        if (callee == NULL || same_service(l, caller, callee))
            continue;
        bool alone = true;
        for (size_t k = 0; k < a->call_count; k++)
            alone = alone && a->calls[k].kind == LC_CALL_SYNC && a->calls[k].entry == a->calls[i].entry;
        LC_GROW(*calls, count, *capacity);
        (*calls)[count++] = (struct made_call){
            .caller = caller,
            .callee = callee,
            .result = graph ? &l->point->result->activities[task][step->index]
                            : &l->point->result->entries[entry].phases[step->index],
            .activity = a,
            .number = a->calls[i].mean,
            .waits = a->calls[i].kind == LC_CALL_SYNC,
            .alone = alone,
            .entry = a->calls[i].entry,
        };
    }
    return count;
}

/* All calls between services, as traces tell them. */
static struct made_call *calls_of(const struct looking *l, size_t *count)
{
    struct made_call *calls = NULL;
    size_t capacity = 0;
    *count = 0;
    for (size_t e = 0; e < l->verdict->evidence.operation_count; e++) {
        const char *caller = l->verdict->evidence.operations[e];
        struct lci_walk_step *steps = NULL;
        size_t step_count = 0;
        struct lc_diag unheard = {0};
        if (caller != NULL && lci_entry_steps(l->model, (int)e, &steps, &step_count, &unheard) == 0)
            for (size_t i = 0; i < step_count; i++)
                *count = add_calls(l, (int)e, caller, &steps[i], l->model->entries[e].start != LC_NONE, &calls, *count,
                                   &capacity);
        lc_diag_free(&unheard);
        free(steps);
    }
    return calls;
}

/* Adds what each call takes, times `weight`; false where the activity does more than call. */
static bool add_call_time(const struct looking *l, const struct made_call *call, double weight, struct figure *f)
{
    const double unit = l->verdict->time_unit;
    if (!call->alone || !(call->number > 0) || isnan(call->result->service_time.mean))
        return false;
    const double own = call->activity->demand.family != NULL ? lc_dist_mean(&call->activity->demand) : 0;
    add_estimate(l, f, &call->result->service_time, weight * unit / call->number);
    f->mean -= weight * own * unit / call->number;
    for (size_t r = 0; r < l->point->result->samples.replications; r++)
        l->each[r] -= weight * own * unit / call->number;
    return true;
}

/* The mean over all activities of the caller that make the call. */
static struct figure call_time(const struct looking *l, const struct made_call *calls, size_t count,
                               const struct lc_measured_cell *cell)
{
    struct figure f = {0};
    double all = 0;
    for (size_t i = 0; i < count; i++)
        if (calls[i].waits && strcmp(calls[i].callee, cell->subject) == 0 && strcmp(calls[i].caller, cell->caller) == 0)
            all += calls[i].result->throughput.mean * calls[i].number;
    for (size_t i = 0; i < count && all > 0; i++)
        if (calls[i].waits && strcmp(calls[i].callee, cell->subject) == 0 &&
            strcmp(calls[i].caller, cell->caller) == 0 &&
            !add_call_time(l, &calls[i], calls[i].result->throughput.mean * calls[i].number / all, &f))
            return (struct figure){0};
    return f;
}

static const struct lc_workload_result *source_of(const struct looking *l, const char *workload)
{
    for (size_t i = 0; i < l->point->result->workload_count; i++)
        if (strcmp(lc_source_name(l->model, &l->point->result->workloads[i]), workload) == 0)
            return &l->point->result->workloads[i];
    return NULL;
}

/* Requests into a component a second, or those in it on the average: of workloads and of other services' calls. */
static struct figure component_flow(const struct looking *l, const struct made_call *calls, size_t count,
                                    const char *component, bool present)
{
    const struct lc_scenario *s = l->verdict->scenario;
    const double unit = l->verdict->time_unit;
    struct figure f = {0};
    for (size_t w = 0; w < s->workload_count; w++) {
        const struct lc_workload_result *r = source_of(l, s->workloads[w].name);
        const char *first = operation_of(l, l->verdict->entries[w][0]);
        if (r == NULL || !is_of(first, component))
            continue;
        if (present)
            add_estimate(l, &f, &r->response_time, r->throughput.mean);
        else
            add_estimate(l, &f, &r->throughput, l->verdict->requests[w] / unit);
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_of(calls[i].callee, component))
            continue;
        const double rate = calls[i].result->throughput.mean * calls[i].number;
        if (!present)
            add_estimate(l, &f, &calls[i].result->throughput, calls[i].number / unit);
        else if (!calls[i].waits)
            add_estimate(l, &f, &l->point->result->entries[calls[i].entry].service_time, rate);
        else if (!add_call_time(l, &calls[i], rate / unit, &f))
            return (struct figure){0};
    }
    return f;
}

/* Of a model that was given: what stands under the component's own name. */
static struct figure given_component(const struct looking *l, const char *component, enum lc_measure measure)
{
    struct figure f = {0};
    const int t = lc_find_task(l->model, component), p = lc_find_processor(l->model, component);
    const struct lc_task_result *task = t != LC_NONE ? &l->point->result->tasks[t] : NULL;
    if (measure == LC_MEASURED_UTILIZATION) {
        const bool threads = task != NULL && !isnan(task->load.mean);
        if (threads)
            add_estimate(l, &f, &task->load, 1);
        else if (p != LC_NONE && !isnan(l->point->result->processors[p].load.mean))
            add_estimate(l, &f, &l->point->result->processors[p].load, 1);
    } else if (task != NULL && measure == LC_MEASURED_THROUGHPUT) {
        add_estimate(l, &f, &task->throughput, 1 / l->verdict->time_unit);
    } else if (task != NULL) {
        add_estimate(l, &f, &task->utilization, 1);
        add_estimate(l, &f, &task->queue_length, 1);
    }
    return f;
}

/* Of all requests together; percentiles of a mixture are not the mixture of percentiles. */
static struct figure all_requests(const struct looking *l, const struct lc_measured_cell *cell)
{
    const struct lc_result *r = l->point->result;
    struct figure f = {0};
    double rate = 0;
    for (size_t i = 0; i < r->workload_count; i++)
        rate += r->workloads[i].throughput.mean;
    for (size_t i = 0; i < r->workload_count && cell->percentile == 0; i++)
        add_estimate(l, &f, &r->workloads[i].response_time,
                     l->verdict->time_unit * r->workloads[i].throughput.mean / rate);
    return f;
}

static struct figure workload_figure(const struct looking *l, const struct lc_measured_cell *cell)
{
    const struct lc_workload_result *r = *cell->subject == 0 && l->point->result->workload_count == 1
                                             ? &l->point->result->workloads[0]
                                             : source_of(l, cell->subject);
    struct figure f = {0};
    if (r == NULL)
        return *cell->subject == 0 ? all_requests(l, cell) : f;
    if (cell->measure == LC_MEASURED_THROUGHPUT)
        add_estimate(l, &f, &r->throughput, 1 / l->verdict->time_unit);
    else if (cell->percentile == 0)
        add_estimate(l, &f, &r->response_time, l->verdict->time_unit);
    const struct lc_estimate *tail =
        cell->percentile > 0 ? lc_percentile(l->point->result, &r->percentiles, cell->percentile) : NULL;
    if (tail != NULL && !isnan(tail->mean))
        add_estimate(l, &f, tail, l->verdict->time_unit);
    return f;
}

static struct figure figure_of(const struct looking *l, const struct made_call *calls, size_t count,
                               const struct lc_measured_cell *cell)
{
    if (cell->measure == LC_MEASURED_RESPONSE || source_of(l, cell->subject) != NULL)
        return workload_figure(l, cell);
    if (cell->measure == LC_MEASURED_CALL)
        return call_time(l, calls, count, cell);
    if (l->verdict->evidence.operations == NULL || cell->measure == LC_MEASURED_UTILIZATION)
        return given_component(l, cell->subject, cell->measure);
    return component_flow(l, calls, count, cell->subject, cell->measure == LC_MEASURED_PRESENT);
}

/* ---- the comparison ---------------------------------------------------------------------------------------------- */

void lc_difference_interval(const double a[3], const double b[3], double *low, double *high)
{
    const double difference = a[0] - b[0];
    *low = difference - hypot(a[0] - a[1], b[2] - b[0]);
    *high = difference + hypot(a[2] - a[0], b[0] - b[1]);
}

/* `wide`: how many times an interval of 95 % is as wide that holds all cells together. */
static void compare(struct lc_backtest_cell *cell, double tolerance, double wide)
{
    const struct lc_measured_cell *m = cell->measured;
    if (isinf(cell->predicted)) { /* the model has no steady state where something was measured */
        cell->compared = cell->broken = true;
        cell->difference = cell->from = cell->to = -1;
        return;
    }
    const double a[] = {m->value, cell->recorded_low, cell->recorded_high},
                 b[] = {cell->predicted, cell->low, cell->high};
    if (isnan(cell->predicted) || !(cell->predicted > 0))
        return;
    lc_difference_interval(a, b, &cell->from, &cell->to);
    cell->difference = (m->value - cell->predicted) / cell->predicted;
    cell->from /= cell->predicted;
    cell->to /= cell->predicted;
    const double rounding = 1e-6; /* of numbers that have no error */
    cell->compared = true;
    cell->inside = cell->from <= rounding && cell->to >= -rounding;
    const double low = cell->difference - wide * (cell->difference - cell->from),
                 high = cell->difference + wide * (cell->to - cell->difference);
    cell->broken = fabs(cell->difference) > tolerance && (low > 0 || high < 0);
}

/* Of requests that came one by one only times can be compared: they are predicted at a trickle. */
static bool is_comparable(const struct lc_measured_level *level, const struct lc_measured_cell *cell)
{
    return !level->one_by_one || cell->measure == LC_MEASURED_RESPONSE || cell->measure == LC_MEASURED_CALL;
}

/* What the sampling of a recorded figure leaves open: what the model scatters by, unless the recording's own batches
 * scatter more than chance explains. */
static void find_recorded_interval(struct lc_backtest_cell *cell, double scatter, size_t replications)
{
    const struct lc_measured_cell *m = cell->measured;
    const double freedom = (double)replications - 2, batches = gsl_cdf_tdist_Qinv(0.025, FREEDOM);
    if (!(scatter > 0) || !(m->low > 0))
        return;
    const double own = isinf(m->high) ? log(m->value / m->low) / batches : log(m->high / m->low) / (2 * batches);
    if (own * own > gsl_cdf_fdist_Qinv(0.05, FREEDOM, freedom) * scatter * scatter)
        return;
    const double factor = exp(gsl_cdf_tdist_Qinv(0.025, freedom) * scatter);
    cell->recorded_low = m->value / factor;
    cell->recorded_high = m->value * factor;
}

static void predict_cell(const struct looking *l, const struct made_call *calls, size_t count, const double *rates,
                         double seconds, struct lc_backtest_cell *cell)
{
    const struct lc_result *result = l->point->result;
    memset(l->each, 0, result->samples.replications * sizeof *l->each);
    const struct figure f = figure_of(l, calls, count, cell->measured);
    cell->predicted = f.known ? f.mean : NAN;
    cell->low = f.mean - f.below;
    cell->high = f.mean + f.above;
    find_recorded_interval(cell, lcp_recording_scatter(result, l->each, rates, seconds / l->verdict->time_unit),
                           result->samples.replications);
}

/* Requests of all workloads in each replication. */
static double *rates_of(const struct lc_result *result)
{
    double *rates = lc_calloc(result->samples.replications + 1, sizeof *rates);
    for (size_t w = 0; w < result->workload_count; w++)
        lcp_add_each(result, &result->workloads[w].throughput, 1, rates);
    return rates;
}

static void look(const struct lc_verdict *verdict, struct lc_backtest_level *level, double tolerance, double wide)
{
    const struct lc_measured_level *m = level->measured;
    const struct lc_point *p = level->point;
    const bool steady = p->result != NULL && lc_point_is_steady(p);
    level->simulated = p->overloaded || p->result != NULL;
    const struct looking l = {verdict, p, p->model,
                              steady ? lc_calloc(p->result->samples.replications + 1, sizeof *l.each) : NULL};
    double *rates = steady ? rates_of(p->result) : NULL;
    size_t count = 0;
    struct made_call *calls = steady ? calls_of(&l, &count) : NULL;
    for (size_t i = 0; i < m->count; i++) {
        struct lc_backtest_cell *cell = &level->cells[i];
        *cell = (struct lc_backtest_cell){.measured = &m->cells[i],
                                          .predicted = NAN,
                                          .low = NAN,
                                          .high = NAN,
                                          .recorded_low = m->cells[i].low,
                                          .recorded_high = m->cells[i].high,
                                          .difference = NAN,
                                          .from = NAN,
                                          .to = NAN};
        if (steady && is_comparable(m, &m->cells[i]))
            predict_cell(&l, calls, count, rates, m->seconds, cell);
        else if (p->overloaded && m->cells[i].measure == LC_MEASURED_RESPONSE)
            cell->predicted = cell->low = cell->high = INFINITY;
        compare(cell, tolerance, wide);
        level->compared += cell->compared;
        level->inside += cell->inside;
        level->broken += cell->broken;
    }
    free(calls);
    free(l.each);
    free(rates);
}

/* ---- the answer -------------------------------------------------------------------------------------------------- */

/* Loads as multiples of the highest one that was learned from. */
static void find_factors(struct lc_backtest *b)
{
    double base = NAN;
    for (size_t i = 0; i < b->count; i++)
        if (b->levels[i].measured->learned && !b->levels[i].measured->one_by_one && b->levels[i].measured->rate > 0)
            base = b->levels[i].measured->rate;
    for (size_t i = 0; i < b->count; i++)
        b->levels[i].factor = b->levels[i].measured->rate / base;
}

/* Worth naming as a cause: a call that is off in the direction in which a workload is. */
static bool is_suspect(const struct lc_backtest_cell *cell, double tolerance)
{
    return cell->compared && !cell->inside && cell->measured->measure == LC_MEASURED_CALL &&
           fabs(cell->difference) > tolerance;
}

/* Whether a call that the operation makes is suspect as well: then it is not the end of the chain. */
static bool is_passed_on(const struct lc_backtest_level *level, const char *operation, double tolerance)
{
    bool passed = false;
    for (size_t i = 0; i < level->measured->count; i++)
        passed |= is_suspect(&level->cells[i], tolerance) && strcmp(level->cells[i].measured->caller, operation) == 0;
    return passed;
}

/* Of the calls furthest down that are off the one that is so by most; else the figure that is broken by most. */
static const struct lc_backtest_cell *find_culprit(const struct lc_backtest_level *level, double tolerance)
{
    const struct lc_backtest_cell *call = NULL, *other = NULL;
    for (size_t i = 0; i < level->measured->count; i++) {
        const struct lc_backtest_cell *cell = &level->cells[i];
        if (is_suspect(cell, tolerance) && !is_passed_on(level, cell->measured->subject, tolerance) &&
            (call == NULL || fabs(cell->difference) > fabs(call->difference)))
            call = cell;
        if (cell->broken && (other == NULL || fabs(cell->difference) > fabs(other->difference)))
            other = cell;
    }
    return call != NULL ? call : other;
}

static size_t first_broken(const struct lc_backtest *b)
{
    size_t i = 0;
    while (i < b->count && b->levels[i].broken == 0)
        i++;
    return i;
}

static void conclude(struct lc_backtest *b)
{
    find_factors(b);
    while (b->holds < b->count && b->levels[b->holds].simulated && b->levels[b->holds].broken == 0)
        b->holds++;
    const size_t broken = first_broken(b);
    if (broken < b->count)
        b->culprit = find_culprit(&b->levels[broken], b->tolerance);
    for (size_t i = 0; i < b->count; i++) {
        b->compared += b->levels[i].measured->learned ? 0 : b->levels[i].compared;
        b->inside += b->levels[i].measured->learned ? 0 : b->levels[i].inside;
    }
}

static char *load_text(const struct lc_backtest_level *level)
{
    if (level->factor > 1.005)
        return lc_format("%.3g × the load that it learned from", level->factor);
    char *rate = lc_format("%.3g/s", level->measured->rate);
    const bool told = isnan(level->measured->rate) || strstr(level->measured->name, rate) != NULL;
    char *text = told ? lc_strdup(level->measured->name) : lc_format("%s (%s)", rate, level->measured->name);
    free(rate);
    return text;
}

static char *culprit_text(const struct lc_backtest *b)
{
    const struct lc_backtest_cell *c = b->culprit;
    const struct lc_point *p = b->levels[first_broken(b)].point;
    if (p->overloaded)
        return lc_format("%s is full in the model, and was not: a limit is stated too low, or times hold waiting",
                         p->limit.name);
    const char *of = *c->measured->subject != 0 ? c->measured->subject : "the system";
    const bool time = c->measured->measure == LC_MEASURED_RESPONSE || c->measured->measure == LC_MEASURED_CALL;
    if (time && c->difference > 0)
        return lc_format(
            "%s answers later than predicted (%+.0f %%): it waits for a limit that the model does not have, "
            "or that is lower than stated",
            of, 100 * c->difference);
    if (time)
        return lc_format(
            "%s answers sooner than predicted (%+.0f %%): a limit is stated too low, or times hold waiting", of,
            100 * c->difference);
    static const char *const what[] = {"", "", "number of requests at", "throughput of", "utilization of"};
    return lc_format("the %s %s was %.3g %% %s than predicted", what[c->measured->measure], of,
                     100 * fabs(c->difference), c->difference > 0 ? "higher" : "lower");
}

/* The last load at which it holds, and the first at which it does not. */
static char *held_text(const struct lc_backtest *b)
{
    const size_t broken = first_broken(b);
    char *last = b->holds > 0 ? load_text(&b->levels[b->holds - 1]) : NULL, *text;
    if (b->holds == b->count) {
        text = lc_format("The model holds at all loads that were measured, up to %s.", last);
    } else if (broken < b->count) {
        char *why = culprit_text(b), *first = load_text(&b->levels[broken]);
        text = last != NULL ? lc_format("The model holds up to %s; at %s, %s.", last, first, why)
                            : lc_format("The model does not hold at %s already: %s.", first, why);
        free(why);
        free(first);
    } else {
        text = last != NULL ? lc_format("The model holds up to %s.", last) : lc_strdup("");
    }
    free(last);
    return text;
}

char *lc_backtest_sentence(const struct lc_backtest *b)
{
    size_t left = 0;
    for (size_t i = 0; i < b->count; i++)
        left += !b->levels[i].simulated;
    if (left == 0 && b->compared == 0 && b->culprit == NULL)
        return lc_strdup(
            "Nothing that was measured can be compared: there is no load but those that were learned from.");
    char *held = held_text(b);
    char *text = left == 0 ? lc_strdup(held)
                           : lc_format("%s%s%zu of %zu loads were not simulated in the time allowed.", held,
                                       *held != 0 ? " " : "", left, b->count);
    free(held);
    return text;
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

int lc_backtest(struct lc_verdict *verdict, const struct lc_measured *measured, double tolerance,
                struct lc_backtest *backtest, struct lc_diag *diag)
{
    size_t cells = 0;
    int status = 0;
    *backtest = (struct lc_backtest){.count = measured->count, .tolerance = tolerance};
    backtest->levels = lc_calloc(measured->count + 1, sizeof *backtest->levels);
    verdict->points = lc_calloc(measured->count + 1, sizeof *verdict->points);
    for (size_t i = 0; i < measured->count; i++) {
        struct lc_backtest_level *level = &backtest->levels[i];
        level->measured = &measured->levels[i];
        level->cells = lc_calloc(level->measured->count + 1, sizeof *level->cells);
        cells += level->measured->count;
    }
    for (size_t i = 0; i < measured->count && status == 0; i++) {
        status = build_level(verdict, &backtest->levels[i], &verdict->points[i], diag);
        verdict->point_count++;
    }
    lcp_find_overloads(verdict);
    if (status == 0)
        status = lcp_simulate_points(verdict, lci_seconds() + verdict->scenario->simulation.max_time_s, diag);
    lcp_bar_end(verdict);
    if (status != 0)
        return -1;
    const double wide =
        gsl_cdf_tdist_Qinv(0.025 / (double)(cells > 0 ? cells : 1), FREEDOM) / gsl_cdf_tdist_Qinv(0.025, FREEDOM);
    for (size_t i = 0; i < measured->count; i++)
        look(verdict, &backtest->levels[i], tolerance, wide);
    conclude(backtest);
    return 0;
}

void lc_backtest_free(struct lc_backtest *b)
{
    for (size_t i = 0; i < b->count; i++) {
        struct lc_backtest_level *level = &b->levels[i];
        lcp_recorded_workloads_free(level->change.workloads, level->workload_count);
        free(level->change.name);
        free(level->load.name);
        free(level->load.levels);
        free(level->cells);
    }
    free(b->levels);
    *b = (struct lc_backtest){0};
}
